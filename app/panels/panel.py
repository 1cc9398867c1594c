"""What a panel of Explain is, and its numbers as files."""

import csv
import json
from dataclasses import dataclass
from io import StringIO
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from app.answers.fields import Fields
from app.answers.reply import Reply
from app.open_picture import OpenPicture
from app.palette import shade, tone
from core.types import Category

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Row: TypeAlias = dict[str, Any]
_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet would compute what begins so


@dataclass(frozen=True, slots=True)
class Numbers:
    """All that a panel shows, and more: ``facts`` for JSON, ``rows`` for a spreadsheet (all with the same columns)."""

    facts: Row
    rows: list[Row]

    def json_bytes(self) -> bytes:
        """UTF-8, numbers that are not finite as null."""
        return (json.dumps(_finite(self.facts), ensure_ascii=False, indent=1) + "\n").encode()

    def csv_bytes(self) -> bytes:
        """UTF-8 with a header line."""
        stream = StringIO()
        writer = csv.DictWriter(stream, fieldnames=list(self.rows[0]) if self.rows else [], lineterminator="\n")
        writer.writeheader()
        writer.writerows({key: _cell(value) for key, value in row.items()} for row in self.rows)
        return stream.getvalue().encode()


class Panel(Protocol):
    """A module of ``app/panels``; each function reads the open picture and changes nothing of it."""

    def show(self, picture: OpenPicture, fields: Fields) -> Reply:
        """What the page draws."""

    def numbers(self, picture: OpenPicture, fields: Fields) -> Numbers:
        """What is exported as JSON and CSV."""

    def draw(self, picture: OpenPicture, fields: Fields) -> "Figure":
        """What is exported as a picture; imports matplotlib only when it is called."""


def source_of(picture: OpenPicture) -> str:
    """Where a panel's numbers come from, in one line: picture, size, model."""
    height, width = picture.document.size_hw
    return f"{picture.name} · {width} \u00d7 {height} · {picture.card.title} · MaskFormer Studio"


def category_of(picture: OpenPicture, class_index: int) -> Category:
    """One of the model's classes, named and coloured as the person has it."""
    return picture.document.taxonomy.category(picture.prediction.taxonomy[class_index].category_id)


def shade_of(picture: OpenPicture, query: int, class_index: int | None = None) -> list[int]:
    """A query's colour in a class, or in its best one: a thing's shade in the result, or a tone of stuff."""
    best = int(picture.prediction.best_classes[query]) if class_index is None else class_index
    category = category_of(picture, best)
    return list((shade if category.is_thing else tone)(category.color, query))


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _finite(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(inner) for inner in value]
    return None if isinstance(value, float) and not abs(value) < float("inf") else value


def _cell(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
