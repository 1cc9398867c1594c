"""Edits that draw. None of them takes a pixel from a locked segment, or gives it one.

Boxes are half open; a ``mask`` holds the bits of its box as :func:`core.document.packing.pack_mask` packs them. A
segment that is left without a pixel is gone.
"""

from dataclasses import dataclass

from core.types import Box


@dataclass(frozen=True, slots=True)
class Paint:
    """Gives the mask's pixels to a segment, to a new one (no ``segment_id``, but a category), or to void (0)."""

    box_xyxy: Box
    mask: bytes
    segment_id: int | None = None
    category_id: int | None = None
    only_void: bool = False


@dataclass(frozen=True, slots=True)
class FillAt:
    """Gives the 4-connected region of equal labels around a pixel to a segment, to a new one, or to void (0)."""

    x: int
    y: int
    segment_id: int | None = None
    category_id: int | None = None


@dataclass(frozen=True, slots=True)
class Subtract:
    """Takes the mask's pixels away from one segment; they are void."""

    segment_id: int
    box_xyxy: Box
    mask: bytes


@dataclass(frozen=True, slots=True)
class Merge:
    """Joins segments into the first of them."""

    segment_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class SplitLine:
    """Cuts a segment along a line through ``points_xy``, in pixels.

    The largest piece stays, each other that the line cuts off becomes a segment; pixels under the line go to the
    nearest piece.
    """

    segment_id: int
    points_xy: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class SplitComponents:
    """Makes each 8-connected part of a segment its own; the largest keeps the id."""

    segment_id: int


@dataclass(frozen=True, slots=True)
class FillHoles:
    """Gives a segment what it encloses, except other segments of which more than half lies in its holes."""

    segment_id: int


@dataclass(frozen=True, slots=True)
class RemoveIslands:
    """Turns a segment's 8-connected parts of fewer than ``smaller_than`` pixels to void."""

    segment_id: int
    smaller_than: int


@dataclass(frozen=True, slots=True)
class Grow:
    """Adds every pixel within a Euclidean distance of ``pixels``; a negative number takes as many off to void.

    The picture's own border takes nothing off.
    """

    segment_id: int
    pixels: int


@dataclass(frozen=True, slots=True)
class Smooth:
    """Makes a segment the majority of the disc of ``radius`` pixels around each pixel; what it loses is void."""

    segment_id: int
    radius: int
