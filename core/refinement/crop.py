"""The part of a picture that the click head looks at, whatever its size drawn on a square of ``SIDE`` cells."""

from dataclasses import dataclass
from typing import Self, TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from core.refinement.marks import Marks
from core.refinement.prompts import Mask
from core.refinement.window import Window, shrunk
from core.types import Box, Size

SIDE = 96
_Cell = TypeVar("_Cell", bound=np.generic)


@dataclass(frozen=True, slots=True)
class Crop:
    """A half-open ``box`` of pixels, as square as the picture allows, drawn on ``side`` x ``side`` cells."""

    box: Box
    side: int = SIDE

    @classmethod
    def around(cls, box: Box, factor: float, least: float, picture_hw: Size, side: int = SIDE) -> Self:
        """About a box's middle, inside the picture: ``factor`` times its longer side, ``least`` pixels at least."""
        (height, width), (x0, y0, x1, y1) = picture_hw, box
        wanted = max(factor * max(x1 - x0, y1 - y0), least)
        left, right = _span((x0 + x1) / 2, wanted, width)
        top, bottom = _span((y0 + y1) / 2, wanted, height)
        return cls((left, top, right, bottom), side)

    @property
    def pixels(self) -> tuple[slice, slice]:
        """Rows and columns of the picture."""
        x0, y0, x1, y1 = self.box
        return slice(y0, y1), slice(x0, x1)

    @property
    def hw(self) -> Size:
        """Its size in pixels."""
        x0, y0, x1, y1 = self.box
        return y1 - y0, x1 - x0

    @property
    def pixels_per_cell(self) -> float:
        """Of the longer side."""
        return max(self.hw) / self.side

    def shrink(self, values: NDArray[np.generic]) -> NDArray[np.float32]:
        """(side, side) or (side, side, c) float32 means of values at the crop's pixels, (h, w) or (h, w, c)."""
        return shrunk(values, (self.side, self.side))

    def enlarge(self, values: NDArray[np.float32]) -> NDArray[np.float32]:
        """(h, w) values at the crop's pixels, bilinear between its cells (side, side)."""
        return np.asarray(cv2.resize(values, self.hw[::-1], interpolation=cv2.INTER_LINEAR), np.float32)

    def pixels_of(self, cells: Box) -> Box:
        """The pixels, counted from the crop's corner, that lie in a half-open box of its cells."""
        (x0, y0, x1, y1), (height, width), side = cells, self.hw, self.side
        return -(-x0 * width // side), -(-y0 * height // side), -(-x1 * width // side), -(-y1 * height // side)

    def spread(self, cells: NDArray[_Cell], part: Box) -> NDArray[_Cell]:
        """(h, w) the value of the cell, of (side, side), that each pixel of a part of the crop lies in."""
        (x0, y0, x1, y1), (height, width) = part, self.hw
        rows, columns = np.arange(y0, y1) * self.side // height, np.arange(x0, x1) * self.side // width
        return np.asarray(cells[rows].take(columns, axis=1))

    def from_grid(self, window: Window, maps: NDArray[np.float32]) -> NDArray[np.float32]:
        """(k, side, side) bilinear samples of maps (k, rows, columns) over a window of the model's grid."""
        x0, y0, x1, y1 = self.box
        above, below, down = _between(y0, y1, self.side, window.scale_hw[0], window.rows)
        left, right, across = _between(x0, x1, self.side, window.scale_hw[1], window.columns)
        lines = maps[:, above] * (1 - down)[:, None] + maps[:, below] * down[:, None]  # (k, side, columns)
        return np.asarray(lines[:, :, left] * (1 - across) + lines[:, :, right] * across, np.float32)

    def cells_of(self, marks: Marks) -> tuple[Mask, Mask]:
        """(side, side) twice: the cells in which a pixel of the picture is said to be inside, and outside."""
        (height, width), last, here = self.hw, self.side - 1, marks.within(self.box)
        rows = np.minimum(((here.ys + 0.5) * self.side / height).astype(int), last)
        columns = np.minimum(((here.xs + 0.5) * self.side / width).astype(int), last)
        plus, minus = np.zeros((2, self.side, self.side), dtype=bool)
        plus[rows[here.inside], columns[here.inside]] = True
        minus[rows[~here.inside], columns[~here.inside]] = True
        return plus, minus


def _span(middle: float, wanted: float, most: int) -> tuple[int, int]:
    """``wanted`` pixels about a middle, moved into 0..``most``."""
    length = min(most, max(1, round(wanted)))
    start = min(max(0, round(middle - length / 2)), most - length)
    return start, start + length


def _between(
    start: int, stop: int, side: int, scale: float, cells: slice
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float32]]:
    """For the centres of ``side`` equal parts of start..stop pixels: the cells about each, the later one's share."""
    last = cells.stop - cells.start - 1
    centres = start + (np.arange(side) + 0.5) * (stop - start) / side
    at = np.clip(centres * scale - 0.5 - cells.start, 0, last)
    first = at.astype(np.intp)
    return first, np.minimum(first + 1, last), (at - first).astype(np.float32)
