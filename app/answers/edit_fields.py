"""The edits a page may ask for: one row each, from the message's fields to the edit's value."""

from collections.abc import Callable

from app.answers.fields import Fields
from app.answers.prompt_fields import LONGEST_SIDE, read_clicks
from core.document import (
    Adopt,
    Delete,
    Edit,
    Fill,
    FillAt,
    FillHoles,
    FillVoid,
    Grow,
    Lock,
    Merge,
    Paint,
    Promote,
    Refine,
    Relabel,
    RemoveCategory,
    RemoveIslands,
    Review,
    SetCategory,
    SetThresholds,
    Smooth,
    SplitComponents,
    SplitLine,
    Subtract,
    Switch,
)
from core.document.packing import pack_runs
from core.types import Box

LARGEST = 2**31 - 1
_LABELS = 65535  # segments are labels of 16 bits
_REACH = 200  # pixels a segment grows or is smoothed by at once
_POINTS = 10_000
_MOST_RUNS = 100_000
_MOST_HEIRS = 8 << 20  # bytes of deflated labels
_LONGEST_NAME = 80


def read_edit(fields: Fields) -> Edit:
    """The edit that ``fields`` describe.

    Raises:
        StudioError: the kind is none, or a field is missing or out of its bounds.
    """
    return EDITS[fields.choice("kind", tuple(EDITS))](fields)


def _relabel(row: Fields) -> Edit:
    return Relabel(_segment(row), _category(row))


def _delete(row: Fields) -> Edit:
    return Delete(_segment(row), Fill(row.choice("fill", tuple(Fill))))


def _promote(row: Fields) -> Edit:
    return Promote(row.integer("query", 0, LARGEST), row.flag("over", default=False))


def _switch(row: Fields) -> Edit:
    return Switch(row.integer("query", 0, LARGEST), row.flag("on"))


def _thresholds(row: Fields) -> Edit:
    return SetThresholds(row.number("score", 0, 1), row.number("overlap", 0, 1))


def _paint(row: Fields) -> Edit:
    return Paint(*_drawn(row), *_target(row), only_void=row.flag("only_void", default=False))


def _fill_at(row: Fields) -> Edit:
    return FillAt(row.integer("x", 0, LONGEST_SIDE), row.integer("y", 0, LONGEST_SIDE), *_target(row))


def _subtract(row: Fields) -> Edit:
    return Subtract(_segment(row), *_drawn(row))


def _refine(row: Fields) -> Edit:
    heirs = row.packed("heirs", _MOST_HEIRS) if row.given("heirs") else None
    query = row.integer("query", 0, LARGEST) if row.given("query") else None
    return Refine(*_drawn(row), *_target(row), heirs, query, read_clicks(row, "clicks"))


def _merge(row: Fields) -> Edit:
    return Merge(tuple(row.integers("segment_ids", 1, _LABELS, most=_LABELS)))


def _split_line(row: Fields) -> Edit:
    return SplitLine(_segment(row), row.points("points_xy", LONGEST_SIDE, most=_POINTS))


def _remove_islands(row: Fields) -> Edit:
    return RemoveIslands(_segment(row), row.integer("smaller_than", 1, LARGEST))


def _grow(row: Fields) -> Edit:
    return Grow(_segment(row), row.integer("pixels", -_REACH, _REACH))


def _smooth(row: Fields) -> Edit:
    return Smooth(_segment(row), row.integer("radius", 1, _REACH))


def _set_category(row: Fields) -> Edit:
    category_id = _category(row) if row.given("category_id") else None
    red, green, blue = row.integers("color", 0, 255, least=3, most=3)
    name = row.text("name", longest=_LONGEST_NAME).strip()
    return SetCategory(category_id, name, row.flag("is_thing"), (red, green, blue))


def _drawn(row: Fields) -> tuple[Box, bytes]:
    """A box and its mask: the lengths of its runs, or, where they are many, a deflated file of its bits."""
    x0, y0, x1, y1 = box = row.box("box_xyxy", LONGEST_SIDE)
    if not row.given("runs"):
        return box, row.file()
    return box, pack_runs(row.integers("runs", 0, LARGEST, most=_MOST_RUNS), (y1 - y0, x1 - x0))


def _segment(row: Fields) -> int:
    return row.integer("segment_id", 1, _LABELS)


def _category(row: Fields) -> int:
    return row.integer("category_id", 0, LARGEST)


def _target(row: Fields) -> tuple[int | None, int | None]:
    """Segment and category to paint: a segment, void (0), or a new one of a category."""
    if row.given("segment_id"):
        return row.integer("segment_id", 0, _LABELS), None
    return None, _category(row)


EDITS: dict[str, Callable[[Fields], Edit]] = {
    "relabel": _relabel,
    "delete": _delete,
    "promote": _promote,
    "switch": _switch,
    "thresholds": _thresholds,
    "paint": _paint,
    "subtract": _subtract,
    "fill_at": _fill_at,
    "fill_void": lambda row: FillVoid(),
    "refine": _refine,
    "adopt": lambda row: Adopt(row.box("box_xyxy", LONGEST_SIDE), row.file()),
    "merge": _merge,
    "split_line": _split_line,
    "split_components": lambda row: SplitComponents(_segment(row)),
    "fill_holes": lambda row: FillHoles(_segment(row)),
    "remove_islands": _remove_islands,
    "grow": _grow,
    "smooth": _smooth,
    "lock": lambda row: Lock(_segment(row), row.flag("locked")),
    "review": lambda row: Review(_segment(row), row.flag("reviewed")),
    "set_category": _set_category,
    "remove_category": lambda row: RemoveCategory(_category(row)),
}
