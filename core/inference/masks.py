"""One query's own mask at the picture's size, wherever its mask probability is at least 0.5."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.inference.cells import CellGrid
from core.inference.prediction import Prediction


def query_mask(prediction: Prediction, query: int) -> NDArray[np.bool_]:
    """(H, W) True where the query's mask probability is at least 0.5."""
    grid = CellGrid.of(prediction.geometry)
    return mask_of(grid, grid.corners(prediction.mask_logits[query, None]))


def mask_of(grid: CellGrid, corners: Tensor) -> NDArray[np.bool_]:
    """(H, W) True where one query's logits are at least 0, from its corner samples (1, ...)."""
    lowest, highest = grid.bounds(corners)
    mask = grid.spread((lowest[0] >= 0).numpy())
    flat = torch.from_numpy(mask).view(-1)
    border = ((lowest[0] < 0) & (highest[0] >= 0)).nonzero()[:, 0]
    for chunk in grid.chunks(border):
        cells = border[chunk]
        inside = (_blocks(grid, corners, cells) >= 0) & grid.is_pixel(cells)
        flat[grid.pixel_indices(cells)[inside]] = True
    return mask


def mean_probability(grid: CellGrid, corners: Tensor) -> float:
    """Mean mask probability over the pixels of :func:`mask_of`; 0 where there is none."""
    _, highest = grid.bounds(corners)
    total, area = 0.0, 0
    reached = (highest[0] >= 0).nonzero()[:, 0]
    for chunk in grid.chunks(reached):
        values = _blocks(grid, corners, reached[chunk])
        inside = (values >= 0) & grid.is_pixel(reached[chunk])
        total += float((values.sigmoid_() * inside).sum())
        area += int(inside.sum())
    return total / area if area else 0.0


def _blocks(grid: CellGrid, corners: Tensor, cells: Tensor) -> Tensor:
    return grid.interpolate(corners, torch.zeros_like(cells), cells)
