"""What a person can do to a picture: each edit is a value."""

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias


class Fill(StrEnum):
    """Where the pixels of a deleted segment go."""

    NEXT = "next"  # to the next query that claims them, by the rules of the assembly without the deleted ones
    VOID = "void"


@dataclass(frozen=True, slots=True)
class Relabel:
    """Gives a segment another category; from then on a re-assembly leaves it as it is."""

    segment_id: int
    category_id: int


@dataclass(frozen=True, slots=True)
class Delete:
    """Takes a segment away and switches its queries off."""

    segment_id: int
    fill: Fill = Fill.NEXT


@dataclass(frozen=True, slots=True)
class Promote:
    """Makes an unused query a segment of its best class, wherever its mask probability is at least 0.5.

    Segments that a person touched keep their pixels; a query that was off is switched on.
    """

    query: int


@dataclass(frozen=True, slots=True)
class Switch:
    """Switches a query off or on and re-assembles.

    Off: a touched segment goes with its last query. On: pixels of the query's own mask that were deleted to void are
    free again.
    """

    query: int
    on: bool


@dataclass(frozen=True, slots=True)
class SetThresholds:
    """Re-assembles with other thresholds, both 0..1."""

    score: float
    overlap: float


Edit: TypeAlias = Relabel | Delete | Promote | Switch | SetThresholds

_KEYS: dict[type, str] = {
    Relabel: "app.edit.relabel",
    Promote: "app.edit.promote",
    SetThresholds: "app.edit.thresholds",
}


def describe(edit: Edit) -> str:
    """The catalogue's key for what the edit does; its placeholders are the edit's own fields."""
    if isinstance(edit, Delete):
        return f"app.edit.delete_{edit.fill.value}"
    if isinstance(edit, Switch):
        return "app.edit.switch_on" if edit.on else "app.edit.switch_off"
    return _KEYS[type(edit)]
