"""What a person can do to a picture: each edit is a value."""

from typing import TypeAlias

from core.document.edits.assembly import Delete, Fill, FillVoid, Promote, SetThresholds, Switch
from core.document.edits.clicks import Adopt, Refine
from core.document.edits.imported import Import
from core.document.edits.pixels import (
    FillAt,
    FillHoles,
    Grow,
    Merge,
    Paint,
    RemoveIslands,
    Smooth,
    SplitComponents,
    SplitLine,
    Subtract,
)
from core.document.edits.rows import Lock, Relabel, RemoveCategory, Review, SetCategory
from core.types import VOID

Edit: TypeAlias = (
    Delete
    | Promote
    | Switch
    | SetThresholds
    | FillVoid
    | Import
    | Paint
    | FillAt
    | Subtract
    | Refine
    | Adopt
    | Merge
    | SplitLine
    | SplitComponents
    | FillHoles
    | RemoveIslands
    | Grow
    | Smooth
    | Relabel
    | Lock
    | Review
    | SetCategory
    | RemoveCategory
)

_TARGETED: dict[type, str] = {Paint: "paint", FillAt: "fill_at", Refine: "refine"}
_KEYS: dict[type, str] = {
    Promote: "app.edit.promote",
    SetThresholds: "app.edit.thresholds",
    FillVoid: "app.edit.fill_void",
    Import: "app.edit.import",
    Subtract: "app.edit.subtract",
    Adopt: "app.edit.adopt",
    Merge: "app.edit.merge",
    SplitLine: "app.edit.split_line",
    SplitComponents: "app.edit.split_components",
    FillHoles: "app.edit.fill_holes",
    RemoveIslands: "app.edit.remove_islands",
    Smooth: "app.edit.smooth",
    Relabel: "app.edit.relabel",
    RemoveCategory: "app.edit.remove_category",
}


def describe(edit: Edit) -> str:
    """The catalogue's key for what the edit does; its placeholders are the edit's own fields."""
    match edit:
        case Delete():
            return f"app.edit.delete_{edit.fill.value}"
        case Switch():
            return "app.edit.switch_on" if edit.on else "app.edit.switch_off"
        case Refine(segment_id=None, clicks=()):
            return "app.edit.refine_alike"
        case Paint() | FillAt() | Refine():
            return f"app.edit.{_TARGETED[type(edit)]}_{_target(edit.segment_id)}"
        case Grow():
            return "app.edit.grow" if edit.pixels >= 0 else "app.edit.shrink"
        case Lock():
            return "app.edit.lock" if edit.locked else "app.edit.unlock"
        case Review():
            return "app.edit.review" if edit.reviewed else "app.edit.unreview"
        case SetCategory():
            return "app.edit.add_category" if edit.category_id is None else "app.edit.set_category"
    return _KEYS[type(edit)]


def _target(segment_id: int | None) -> str:
    if segment_id is None:
        return "new"
    return "void" if segment_id == VOID else "segment"


__all__ = [
    "Adopt",
    "Delete",
    "Edit",
    "Fill",
    "FillAt",
    "FillHoles",
    "FillVoid",
    "Grow",
    "Import",
    "Lock",
    "Merge",
    "Paint",
    "Promote",
    "Refine",
    "Relabel",
    "RemoveCategory",
    "RemoveIslands",
    "Review",
    "SetCategory",
    "SetThresholds",
    "Smooth",
    "SplitComponents",
    "SplitLine",
    "Subtract",
    "Switch",
    "describe",
]
