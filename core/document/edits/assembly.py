"""Edits that ask the model's queries."""

from dataclasses import dataclass
from enum import StrEnum


class Fill(StrEnum):
    """Where the pixels of a deleted segment go."""

    NEXT = "next"  # to the next query that claims them, by the rules of the assembly without the deleted ones
    VOID = "void"


@dataclass(frozen=True, slots=True)
class Delete:
    """Takes a segment away and switches its queries off."""

    segment_id: int
    fill: Fill = Fill.NEXT


@dataclass(frozen=True, slots=True)
class Promote:
    """Makes an unused query a segment of its best class, wherever its mask probability is at least 0.5.

    Segments that a person touched keep their pixels; with ``over`` only locked ones do. A query that was off is
    switched on.
    """

    query: int
    over: bool = False


@dataclass(frozen=True, slots=True)
class Switch:
    """Switches a query off or on and re-assembles.

    Off: a touched segment goes with its last query. On: if the query's segment was deleted to void, the void pixels of
    its own mask are free again.
    """

    query: int
    on: bool


@dataclass(frozen=True, slots=True)
class SetThresholds:
    """Re-assembles with other thresholds, both 0..1."""

    score: float
    overlap: float


@dataclass(frozen=True, slots=True)
class FillVoid:
    """Gives each void pixel to the segment whose query claims it most by p(class) x mask probability.

    Pixels outside the strongest claimant's own mask (probability 0.5) stay void. Locked segments gain nothing.
    """
