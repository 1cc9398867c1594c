"""The part of a picture that a solve looks at: a run of grid cells, and the pixels that they cover."""

import math
from dataclasses import dataclass
from typing import Any, Self

import cv2
import numpy as np
from numpy.typing import NDArray

from core.inference import Geometry
from core.refinement.prompts import Mask
from core.types import Box, Size

LEAST_SAMPLES = 3  # pixels across that a cell's mean is of, where it covers more
OPAQUE = 255


@dataclass(frozen=True, slots=True)
class Window:
    """Cells ``rows`` x ``columns`` of the grid; ``box`` is half open and holds the pixels whose centres they hold."""

    rows: slice
    columns: slice
    box: Box
    scale_hw: tuple[float, float]

    @classmethod
    def around(cls, box: Box, geometry: Geometry) -> Self:
        """All cells that a box of pixels touches."""
        (scale_y, scale_x), (height, width) = geometry.scale_hw, geometry.picture_hw
        x0, y0, x1, y1 = box
        rows = slice(math.floor(y0 * scale_y), min(geometry.inner_hw[0], math.ceil(y1 * scale_y)))
        columns = slice(math.floor(x0 * scale_x), min(geometry.inner_hw[1], math.ceil(x1 * scale_x)))
        left, top = (
            math.ceil(start / scale - 0.5) for start, scale in ((columns.start, scale_x), (rows.start, scale_y))
        )
        right = min(width, math.ceil(columns.stop / scale_x - 0.5))
        bottom = min(height, math.ceil(rows.stop / scale_y - 0.5))
        return cls(rows, columns, (max(0, left), max(0, top), right, bottom), (scale_y, scale_x))

    @property
    def pixels(self) -> tuple[slice, slice]:
        """Rows and columns of the picture."""
        x0, y0, x1, y1 = self.box
        return slice(y0, y1), slice(x0, x1)

    def cell_of(self, x: int, y: int) -> tuple[int, int]:
        """Row and column, inside the window, of a pixel's cell."""
        row = int((y + 0.5) * self.scale_hw[0]) - self.rows.start
        column = int((x + 0.5) * self.scale_hw[1]) - self.columns.start
        last = self.rows.stop - self.rows.start - 1, self.columns.stop - self.columns.start - 1
        return min(max(row, 0), last[0]), min(max(column, 0), last[1])

    def share(self, mask: Mask) -> NDArray[np.float32]:
        """(rows, columns) share of each cell that a mask (h, w) of the window's pixels covers."""
        return shrunk(mask, (self.rows.stop - self.rows.start, self.columns.stop - self.columns.start))


def shrunk(values: NDArray[Any], cells_hw: Size) -> NDArray[np.float32]:
    """(rows, columns, ...) float32 means of values (h, w, ...), of a mask the share that it covers.

    A few pixels of a large cell decide; where a cell is smaller than a pixel it is bilinear. OpenCV is quickest with
    bytes, so that shares are 255ths.
    """
    height, width = values.shape[:2]
    pixels_per_cell = height / cells_hw[0], width / cells_hw[1]
    step = max(1, int(min(pixels_per_cell)) // LEAST_SAMPLES)
    few = np.ascontiguousarray(values[step // 2 :: step, step // 2 :: step])
    way = cv2.INTER_AREA if max(pixels_per_cell) > 1 else cv2.INTER_LINEAR
    if few.dtype == bool:
        opaque = few.view(np.uint8) * np.uint8(OPAQUE)
        return np.asarray(cv2.resize(opaque, cells_hw[::-1], interpolation=way) / np.float32(OPAQUE))
    given = few if few.dtype == np.uint8 else few.astype(np.float32)
    return np.asarray(cv2.resize(given, cells_hw[::-1], interpolation=way), np.float32)


def enlarged(values: NDArray[np.float32], geometry: Geometry) -> NDArray[np.float32]:
    """(H, W) at the picture's pixels, bilinear between the centres of the cells (h', w') that cover it."""
    (down, across), (height, width) = geometry.scale_hw, geometry.picture_hw
    to_cells = np.array([[across, 0, 0.5 * across - 0.5], [0, down, 0.5 * down - 0.5]])
    way = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return np.asarray(
        cv2.warpAffine(values, to_cells, (width, height), flags=way, borderMode=cv2.BORDER_REPLICATE), np.float32
    )
