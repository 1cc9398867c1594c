"""The queries' own masks at the picture's size, and how sure they are inside.

A query's mask is where its mask probability is at least 0.5 or, per pixel, where no class is more probable.
"""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.inference.cells import CellGrid
from core.inference.contest import compete_all
from core.inference.prediction import Prediction


@dataclass(frozen=True, slots=True)
class HalfMasks:
    """The masks of a mask-classification network: logits of at least 0, interpolated at their borders only."""

    grid: CellGrid
    mask_logits: Tensor

    def mask(self, query: int) -> NDArray[np.bool_]:
        """(H, W) True inside."""
        corners = self.grid.corners(self.mask_logits[query, None])
        lowest, highest = self.grid.bounds(corners)
        mask = self.grid.spread((lowest[0] >= 0).numpy())
        flat = torch.from_numpy(mask).view(-1)
        border = ((lowest[0] < 0) & (highest[0] >= 0)).nonzero()[:, 0]
        for chunk in self.grid.chunks(border):
            cells = border[chunk]
            inside = (_blocks(self.grid, corners, cells) >= 0) & self.grid.is_pixel(cells)
            flat[self.grid.pixel_indices(cells)[inside]] = True
        return mask

    def mean_probability(self, query: int) -> float:
        """Over the pixels of the mask; 0 where it has none."""
        corners = self.grid.corners(self.mask_logits[query, None])
        _, highest = self.grid.bounds(corners)
        total, area = 0.0, 0
        reached = (highest[0] >= 0).nonzero()[:, 0]
        for chunk in self.grid.chunks(reached):
            values = _blocks(self.grid, corners, reached[chunk])
            inside = (values >= 0) & self.grid.is_pixel(reached[chunk])
            total += float((values.sigmoid_() * inside).sum())
            area += int(inside.sum())
        return total / area if area else 0.0


@dataclass(frozen=True, slots=True)
class ClassMasks:
    """The masks of a per-pixel network: ``winners`` (H, W) holds each pixel's class."""

    grid: CellGrid
    mask_logits: Tensor
    winners: NDArray[np.int16]

    def mask(self, query: int) -> NDArray[np.bool_]:
        """(H, W) True where the class is the most probable."""
        mask: NDArray[np.bool_] = self.winners == query
        return mask

    def mean_probability(self, query: int) -> float:
        """Over the pixels of the mask; 0 where it has none."""
        corners, flat = self.grid.corners(self.mask_logits[query, None]), torch.from_numpy(self.winners).view(-1)
        total, area = 0.0, 0
        every = torch.arange(len(self.grid.pixel_counts))
        for chunk in self.grid.chunks(every):
            pixels = self.grid.is_pixel(every[chunk])
            inside = flat[self.grid.pixel_indices(every[chunk])[pixels]] == query
            total += float(_blocks(self.grid, corners, every[chunk])[pixels][inside].exp_().sum())
            area += int(inside.sum())
        return total / area if area else 0.0


def masks_of(prediction: Prediction) -> HalfMasks | ClassMasks:
    """The masks of a prediction's queries; what they share is computed once."""
    grid = CellGrid.of(prediction.geometry)
    if prediction.is_per_pixel:
        return ClassMasks(grid, prediction.mask_logits, compete_all(prediction).winners)
    return HalfMasks(grid, prediction.mask_logits)


def query_mask(prediction: Prediction, query: int) -> NDArray[np.bool_]:
    """(H, W) True inside the query's mask."""
    return masks_of(prediction).mask(query)


def _blocks(grid: CellGrid, corners: Tensor, cells: Tensor) -> Tensor:
    return grid.interpolate(corners, torch.zeros_like(cells), cells)
