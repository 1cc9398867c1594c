"""COCO's JSON, row by row: what is broken is noted and left out, the rest goes on."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeAlias

from core.datasets.findings import Notes
from core.formats.coco_rows import is_number, read_taxonomy
from core.formats.dataset_files import inside, read_json
from core.images import Limits
from core.messages import StudioError
from core.types import Taxonomy

Row: TypeAlias = Mapping[str, Any]


def is_integer(value: Any) -> bool:
    """Whether a JSON value is a whole number."""
    return is_number(value) and float(value).is_integer()


def is_size(value: Any) -> bool:
    """Whether a JSON value can be a picture's width or height."""
    return is_integer(value) and 1 <= value < 1 << 16


def is_text(value: Any) -> bool:
    """Whether a JSON value is a name."""
    return isinstance(value, str) and bool(value)


def is_list(value: Any) -> bool:
    """Whether a JSON value is a list."""
    return isinstance(value, list)


IMAGE_FIELDS = {"id": is_integer, "file_name": is_text, "width": is_size, "height": is_size}


def load(path: Path, kind: str, notes: Notes) -> Row:
    """The file's object; one with empty lists where it cannot be read."""
    try:
        return read_json(path, kind)
    except StudioError as error:
        notes.add("unreadable_json", path.name, error)
        return {"images": [], "annotations": [], "categories": []}


def rows_of(data: Row, key: str, fields: Mapping[str, Callable[[Any], bool]], notes: Notes) -> Iterator[Row]:
    """The rows of a list that have all fields, each as it must be; the others are noted by their place."""
    rows = data.get(key)
    if not isinstance(rows, list):
        notes.add("bad_row", key)
        return
    for index, row in enumerate(rows):
        if has_fields(row, f"{key}[{index}]", fields, notes):
            yield row


def has_fields(row: Any, where: str, fields: Mapping[str, Callable[[Any], bool]], notes: Notes) -> bool:
    """Whether a row has all fields as they must be; notes the names of those that it has not."""
    if not isinstance(row, dict):
        notes.add("bad_row", where)
        return False
    lacking = [name for name, fits in fields.items() if not fits(row.get(name))]
    if lacking:
        notes.add("bad_row", where, ", ".join(lacking))
    return not lacking


def taxonomy_of(data: Row, name: str, notes: Notes) -> Taxonomy:
    """The categories that can be read; of two with one id or name the first."""
    kept: dict[int, dict[str, Any]] = {}
    for row in rows_of(data, "categories", {"id": is_integer, "name": is_text}, notes):
        known = {"id": int(row["id"]), "name": row["name"]}
        if known["id"] in kept or known["name"] in {other["name"] for other in kept.values()}:
            notes.add("duplicate_category", known["name"], known["id"])
        else:
            kept[known["id"]] = {**row, **known}
    return read_taxonomy(name, list(kept.values()))


def images_of(data: Row, notes: Notes) -> dict[int, Row]:
    """The rows of ``images`` by id; ids and names that come again and impossible sizes are noted and left out."""
    images: dict[int, Row] = {}
    names: set[str] = set()
    for row in rows_of(data, "images", IMAGE_FIELDS, notes):
        image_id, name = int(row["id"]), row["file_name"]
        if row["width"] * row["height"] > Limits().pixels:
            notes.add("bad_row", name, f"{row['width']} x {row['height']}")
        elif image_id in images:
            notes.add("duplicate_image_id", name, image_id)
        elif name in names:
            notes.add("duplicate_file", name, image_id)
        else:
            images[image_id] = row
            names.add(name)
    return images


def is_known(row: Row, taxonomy: Taxonomy) -> bool:
    """Whether the taxonomy has the row's category."""
    return any(category.category_id == row["category_id"] for category in taxonomy.categories)


def path_inside(folder: Path, place: str, name: str, notes: Notes) -> Path | None:
    """The path of a named file; one that leads out of the folder is noted and is None."""
    try:
        return inside(folder, place, name)
    except StudioError:
        notes.add("bad_path", name)
        return None
