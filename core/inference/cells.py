"""The picture seen through the grid's cells, so that most of it is decided without interpolating anything.

Four neighbouring grid samples span a cell. Bilinear interpolation is a convex combination of the corners, so inside a
cell every mask logit lies between its smallest and its largest corner: bounds that hold for all its pixels. One resize
leads from the grid to the picture (``align_corners=False``); padding is cropped because no picture pixel asks for it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import pad

from core.inference.geometry import Geometry
from core.types import Size

BLOCK_PIXELS = 1 << 17  # pixels interpolated at a time: few enough for the processor's cache
Value = TypeVar("Value", bound=np.generic)


@dataclass(frozen=True, slots=True)
class Axis:
    """The n neighbouring cells along one axis that cover the picture, each a run of pixels (or of none).

    Attributes:
        start: the first cell's place on a grid that repeats its outermost samples once.
        first, count: (n,) a cell's first pixel and how many it has.
        share: (longest run, n) weight of the later grid sample at each pixel; shorter runs end in zeros.
    """

    start: int
    first: Tensor
    count: Tensor
    share: Tensor

    @classmethod
    def of(cls, pixels: int, scale: float) -> Self:
        """Lays ``pixels`` over the grid, ``scale`` samples to a pixel."""
        position = (np.arange(pixels) + 0.5) * scale + 0.5
        floor = np.floor(position).astype(np.int64)
        cell = floor - floor[0]
        count = np.bincount(cell)
        first = np.cumsum(count) - count
        share = np.zeros((count.max(), len(count)), dtype=np.float32)
        share[np.arange(pixels) - first[cell], cell] = position - floor
        return cls(int(floor[0]), torch.from_numpy(first), torch.from_numpy(count), torch.from_numpy(share))

    def __len__(self) -> int:
        return len(self.first)


@dataclass(frozen=True, slots=True)
class CellGrid:
    """The cells of one picture, numbered row by row.

    A *block* (y, x, n) holds the pixels of n cells, each laid out as the largest cell is; the cells stand last because
    that is the long axis. Logits are given as :meth:`corners` makes them.
    """

    down: Axis
    across: Axis
    picture_hw: Size

    @classmethod
    def of(cls, geometry: Geometry) -> Self:
        """The cells of a picture of this geometry."""
        (height, width), (scale_y, scale_x) = geometry.picture_hw, geometry.scale_hw
        return cls(Axis.of(height, scale_y), Axis.of(width, scale_x), (height, width))

    @property
    def pixel_counts(self) -> Tensor:
        """(cells,) picture pixels in each cell."""
        return (self.down.count[:, None] * self.across.count[None, :]).flatten()

    def corners(self, logits: Tensor) -> Tensor:
        """(n, rows + 1, columns + 1) samples at the cells' corners, from (n, h, w) logits."""
        repeated = pad(logits[None], (1, 1, 1, 1), mode="replicate")[0]
        rows = slice(self.down.start, self.down.start + len(self.down) + 1)
        columns = slice(self.across.start, self.across.start + len(self.across) + 1)
        return repeated[:, rows, columns].contiguous()

    def bounds(self, corners: Tensor) -> tuple[Tensor, Tensor]:
        """Smallest and largest value (n, cells) inside every cell."""
        low = torch.minimum(corners[:, :-1], corners[:, 1:])
        high = torch.maximum(corners[:, :-1], corners[:, 1:])
        lowest = torch.minimum(low[:, :, :-1], low[:, :, 1:])
        highest = torch.maximum(high[:, :, :-1], high[:, :, 1:])
        return lowest.flatten(1), highest.flatten(1)

    def chunks(self, cells: Tensor, blocks_per_cell: int = 1) -> Iterator[slice]:
        """Slices of a list of cells whose blocks are few enough to interpolate at once."""
        block_pixels = len(self.down.share) * len(self.across.share)
        step = max(1, BLOCK_PIXELS // (block_pixels * blocks_per_cell))
        return (slice(start, start + step) for start in range(0, len(cells), step))

    def interpolate(self, corners: Tensor, queries: Tensor, cells: Tensor) -> Tensor:
        """Blocks (y, x, n) of the values of n pairs of a query and a cell."""
        row, column = self._row_column(cells)
        line = corners.shape[2]
        first = (queries * corners.shape[1] + row) * line + column
        samples = corners.view(-1).take(first + torch.tensor([[0], [1], [line], [line + 1]]))  # (4, n)
        down, across = self.down.share.index_select(1, row), self.across.share.index_select(1, column)
        top = samples[0] * (1 - across) + samples[1] * across  # equal signs stay: both terms keep theirs
        bottom = samples[2] * (1 - across) + samples[3] * across  # (x, n)
        return (top * (1 - down)[:, None]).addcmul_(bottom, down[:, None])

    def is_pixel(self, cells: Tensor) -> Tensor:
        """(y, x, n) True where a block holds a picture pixel."""
        row, column = self._row_column(cells)
        down = torch.arange(len(self.down.share))[:, None] < self.down.count[row]
        across = torch.arange(len(self.across.share))[:, None] < self.across.count[column]
        return down[:, None] & across

    def pixel_indices(self, cells: Tensor) -> Tensor:
        """(y, x, n) place in the flattened picture; only true where :meth:`is_pixel`."""
        row, column = self._row_column(cells)
        y = self.down.first[row] + torch.arange(len(self.down.share))[:, None]
        x = self.across.first[column] + torch.arange(len(self.across.share))[:, None]
        return (y * self.picture_hw[1])[:, None] + x

    def spread(self, values: NDArray[Value]) -> NDArray[Value]:
        """(H, W) picture in which every pixel has the value of its cell (cells,)."""
        cells = values.reshape(len(self.down), len(self.across))
        return cells.repeat(self.across.count.numpy(), axis=1).repeat(self.down.count.numpy(), axis=0)

    def _row_column(self, cells: Tensor) -> tuple[Tensor, Tensor]:
        return cells // len(self.across), cells % len(self.across)
