"""What COCO's files have in common: rows that may be anything, and categories that may lack a colour."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeAlias

from core.files import shown_name
from core.messages import StudioError
from core.taxonomies import distinct_colors
from core.types import Category, Color, Taxonomy

Box: TypeAlias = tuple[float, float, float, float]  # x, y, width, height

LARGEST_NUMBER = 1e15  # in a row: beyond it no id, area or coordinate means anything, and floats lose whole numbers


@contextmanager
def reading(path: Path, kind: str) -> Iterator[None]:
    """Turns what foreign rows make Python raise into one sentence about the file."""
    try:
        yield
    except StudioError:
        raise
    except KeyError as error:
        missing = shown_name(str(error.args[0]))
        raise StudioError("error.dataset_key", name=shown_name(path.name), kind=kind, missing=missing) from error
    except (OSError, TypeError, AttributeError, ValueError, OverflowError, RecursionError) as error:
        raise StudioError("error.dataset_json", name=shown_name(path.name), kind=kind) from error


def read_taxonomy(name: str, rows: Sequence[dict[str, Any]]) -> Taxonomy:
    """COCO's ``categories``: without ``isthing`` they are things, and without a colour they get one of their own.

    Raises:
        StudioError: an id or a name stands twice.
        KeyError, TypeError, ValueError: a row is no category.
    """
    colors = distinct_colors(len(rows))
    categories = tuple(
        Category(
            category_id=int(row["id"]),
            name=str(row["name"]),
            is_thing=bool(row.get("isthing", 1)),
            color=_color(row.get("color")) or color,
            supercategory=str(row.get("supercategory", "")),
        )
        for row, color in zip(rows, colors, strict=True)
    )
    return Taxonomy(name, categories)


def read_box(row: Mapping[str, Any]) -> Box | None:
    """A row's ``bbox`` as x, y, width, height; None where it is no box."""
    box = row.get("bbox")
    if not isinstance(box, list) or len(box) != 4 or not all(map(is_number, box)):
        return None
    x, y, width, height = map(float, box)
    return x, y, width, height


def is_number(value: Any) -> bool:
    """Whether a JSON value is a finite number (True and False are none)."""
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < LARGEST_NUMBER


def _color(value: Any) -> Color | None:
    if not isinstance(value, list | tuple) or len(value) != 3:
        return None
    if not all(isinstance(channel, int) and 0 <= channel <= 255 for channel in value):
        return None
    red, green, blue = value
    return red, green, blue
