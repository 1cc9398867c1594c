"""Edits of the tables of segments and categories: no pixel changes."""

from dataclasses import dataclass

from core.types import Color


@dataclass(frozen=True, slots=True)
class Relabel:
    """Gives a segment another category; from then on a re-assembly leaves it as it is."""

    segment_id: int
    category_id: int


@dataclass(frozen=True, slots=True)
class Lock:
    """Protects a segment, or no longer; from then on a re-assembly leaves it as it is."""

    segment_id: int
    locked: bool


@dataclass(frozen=True, slots=True)
class Review:
    """Notes that a person found a segment right, or takes the note back; a re-assembly leaves it as it is."""

    segment_id: int
    reviewed: bool


@dataclass(frozen=True, slots=True)
class SetCategory:
    """Changes a category's row; without an id it adds one under the number after the largest."""

    category_id: int | None
    name: str
    is_thing: bool
    color: Color


@dataclass(frozen=True, slots=True)
class RemoveCategory:
    """Takes out a category that no segment uses and that the model cannot predict."""

    category_id: int
