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

from core.inference.geometry import Geometry
from core.types import Size

BLOCK_PIXELS = 1 << 17  # pixels interpolated at a time: few enough for the processor's cache

Value = TypeVar("Value", bound=np.generic)


@dataclass(frozen=True, slots=True)
class Axis:
    """The n cells along one axis that hold pixels, each a run of neighbouring pixels.

    Attributes:
        before, after: (n,) grid samples on both sides of a cell; the same one beyond the outermost samples.
        first, count: (n,) a cell's first pixel and how many it has.
        share: (n, longest run) weight of ``after`` at each of its pixels; shorter runs end in zeros.
    """

    before: Tensor
    after: Tensor
    first: Tensor
    count: Tensor
    share: Tensor

    @classmethod
    def of(cls, pixels: int, scale: float, samples: int) -> Self:
        """Lays ``pixels`` over ``samples`` grid samples, ``scale`` samples to a pixel."""
        position = (np.arange(pixels) + 0.5) * scale - 0.5
        floor = np.floor(position).astype(np.int64)
        cells, first, cell, count = np.unique(floor, return_index=True, return_inverse=True, return_counts=True)
        share = np.zeros((len(cells), count.max()), dtype=np.float32)
        share[cell, np.arange(pixels) - first[cell]] = position - floor
        before, after = np.clip(cells, 0, samples - 1), np.clip(cells + 1, 0, samples - 1)
        return cls(*(torch.from_numpy(values) for values in (before, after, first, count, share)))

    def __len__(self) -> int:
        return len(self.first)


@dataclass(frozen=True, slots=True)
class CellGrid:
    """The cells of one picture, numbered row by row; a *block* is one cell's pixels, padded to the largest cell's."""

    down: Axis
    across: Axis
    picture_hw: Size

    @classmethod
    def of(cls, geometry: Geometry) -> Self:
        """The cells of a picture of this geometry."""
        (height, width), (scale_y, scale_x) = geometry.picture_hw, geometry.scale_hw
        grid_h, grid_w = geometry.grid_hw
        return cls(Axis.of(height, scale_y, grid_h), Axis.of(width, scale_x, grid_w), (height, width))

    @property
    def pixel_counts(self) -> Tensor:
        """(cells,) picture pixels in each cell."""
        return (self.down.count[:, None] * self.across.count[None, :]).flatten()

    def bounds(self, logits: Tensor) -> tuple[Tensor, Tensor]:
        """Smallest and largest value (n, cells) that (n, h, w) logits take in every cell."""
        above, below = logits[:, self.down.before], logits[:, self.down.after]
        low, high = torch.minimum(above, below), torch.maximum(above, below)
        before, after = self.across.before, self.across.after
        lowest = torch.minimum(low[:, :, before], low[:, :, after])
        highest = torch.maximum(high[:, :, before], high[:, :, after])
        return lowest.flatten(1), highest.flatten(1)

    def chunks(self, cells: Tensor, blocks_per_cell: int = 1) -> Iterator[slice]:
        """Slices of a list of cells whose blocks are few enough to interpolate at once."""
        block_pixels = self.down.share.shape[1] * self.across.share.shape[1]
        step = max(1, BLOCK_PIXELS // (block_pixels * blocks_per_cell))
        return (slice(start, start + step) for start in range(0, len(cells), step))

    def interpolate(self, logits: Tensor, queries: Tensor, cells: Tensor) -> Tensor:
        """Blocks (n, block height, block width) of (Q, h, w) logits for n pairs of a query and a cell."""
        row, column = self._row_column(cells)
        above, below = self.down.before[row], self.down.after[row]
        left, right = self.across.before[column], self.across.after[column]
        down, across = self.down.share[row], self.across.share[column]
        top = _mix(logits[queries, above, left], logits[queries, above, right], across)
        bottom = _mix(logits[queries, below, left], logits[queries, below, right], across)  # (n, block width)
        return top[:, None, :] * (1 - down)[:, :, None] + bottom[:, None, :] * down[:, :, None]

    def is_pixel(self, cells: Tensor) -> Tensor:
        """(n, block height, block width) True where a block holds a picture pixel."""
        row, column = self._row_column(cells)
        down = torch.arange(self.down.share.shape[1]) < self.down.count[row, None]
        across = torch.arange(self.across.share.shape[1]) < self.across.count[column, None]
        return down[:, :, None] & across[:, None, :]

    def pixel_indices(self, cells: Tensor) -> Tensor:
        """(n, block height, block width) place in the flattened picture; only true where :meth:`is_pixel`."""
        row, column = self._row_column(cells)
        y = self.down.first[row, None] + torch.arange(self.down.share.shape[1])
        x = self.across.first[column, None] + torch.arange(self.across.share.shape[1])
        return y[:, :, None] * self.picture_hw[1] + x[:, None, :]

    def spread(self, values: NDArray[Value]) -> NDArray[Value]:
        """(H, W) picture in which every pixel has the value of its cell (cells,)."""
        cells = values.reshape(len(self.down), len(self.across))
        return cells.repeat(self.across.count.numpy(), axis=1).repeat(self.down.count.numpy(), axis=0)

    def _row_column(self, cells: Tensor) -> tuple[Tensor, Tensor]:
        return cells // len(self.across), cells % len(self.across)


def _mix(before: Tensor, after: Tensor, share: Tensor) -> Tensor:
    """(n, block width): both terms keep the sign of their corner, so a sum of equal signs never changes it."""
    return before[:, None] * (1 - share) + after[:, None] * share
