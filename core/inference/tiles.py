"""A large picture as overlapping tiles: where each lies, and which pixels it decides."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise, product
from typing import Self, TypeAlias

from core.checkpoints import Preprocessing
from core.messages import StudioError
from core.types import Size

LEAST_SIDE = 64
UNSCALED_SIDE = 1024  # of a checkpoint that takes pictures at any size
OVERLAP_PARTS = 4  # neighbours share at least one of so many parts of a tile's side

Window: TypeAlias = tuple[slice, slice]  # rows, columns


@dataclass(frozen=True, slots=True)
class Span:
    """A tile along one axis: it sees ``start`` up to ``stop`` and decides ``own_start`` up to ``own_stop``."""

    start: int
    stop: int
    own_start: int
    own_stop: int

    def shared(self, other: Self) -> tuple[int, int]:
        """From where up to where both see; the end is not after the start where they do not meet."""
        return max(self.start, other.start), min(self.stop, other.stop)


@dataclass(frozen=True, slots=True)
class Tile:
    """One tile; windows are in pixels of the picture, or of the tile where the name says ``inside``."""

    down: Span
    across: Span

    @property
    def size_hw(self) -> Size:
        """Size of what it sees."""
        return self.down.stop - self.down.start, self.across.stop - self.across.start

    @property
    def seen(self) -> Window:
        """What the network is shown."""
        return slice(self.down.start, self.down.stop), slice(self.across.start, self.across.stop)

    @property
    def own(self) -> Window:
        """What it decides; every pixel of the picture is decided by one tile."""
        return slice(self.down.own_start, self.down.own_stop), slice(self.across.own_start, self.across.own_stop)

    @property
    def own_inside(self) -> Window:
        """The same, seen from the tile's corner."""
        return self._inside(self.own)

    def shared_inside(self, other: Self) -> tuple[Window, Window] | None:
        """What both see, from the corner of each; None where they do not meet."""
        (top, bottom), (left, right) = self.down.shared(other.down), self.across.shared(other.across)
        if top >= bottom or left >= right:
            return None
        window = slice(top, bottom), slice(left, right)
        return self._inside(window), other._inside(window)

    def _inside(self, window: Window) -> Window:
        rows, columns = window
        top, left = self.down.start, self.across.start
        return slice(rows.start - top, rows.stop - top), slice(columns.start - left, columns.stop - left)


@dataclass(frozen=True, slots=True)
class Tiling:
    """Tiles of one size, evenly spread, row by row; neighbours are cut in the middle of what they share."""

    rows: tuple[Span, ...]
    columns: tuple[Span, ...]

    @classmethod
    def of(cls, picture_hw: Size, side: int) -> Self:
        """Tiles ``side`` pixels high and wide, or as high or wide as the picture where that is less.

        Raises:
            StudioError: a tile so small shows nothing.
        """
        if side < LEAST_SIDE:
            raise StudioError("error.tile_side", side=side, least=LEAST_SIDE)
        return cls(_spans(picture_hw[0], side), _spans(picture_hw[1], side))

    @property
    def picture_hw(self) -> Size:
        """Size of the picture that the tiles cover."""
        return self.rows[-1].stop, self.columns[-1].stop

    def __len__(self) -> int:
        return len(self.rows) * len(self.columns)

    def __iter__(self) -> Iterator[Tile]:
        return (Tile(down, across) for down, across in product(self.rows, self.columns))


def tiling_for(picture_hw: Size, side: int | None) -> Tiling | None:
    """The tiles of a picture; None where none are asked for, or where a single one would show it all."""
    return Tiling.of(picture_hw, side) if side is not None and max(picture_hw) > side else None


def natural_side(preprocessing: Preprocessing) -> int:
    """The side of a tile that this checkpoint's network is shown pixel for pixel."""
    return max(LEAST_SIDE, preprocessing.short_side or min(preprocessing.max_long_side, UNSCALED_SIDE))


def _spans(pixels: int, side: int) -> tuple[Span, ...]:
    if pixels <= side:
        return (Span(0, pixels, 0, pixels),)
    room = pixels - side
    steps = -(-room // (side - side // OVERLAP_PARTS))
    starts = [step * room // steps for step in range(steps + 1)]
    cuts = [0, *((before + side + after) // 2 for before, after in pairwise(starts)), pixels]
    return tuple(Span(start, start + side, *own) for start, own in zip(starts, pairwise(cuts), strict=True))
