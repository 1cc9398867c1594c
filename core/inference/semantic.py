"""Semantic inference: each pixel to the class with the largest sum of p(class) x mask probability over all queries."""

import numpy as np
import torch
from torch import Tensor

from core.inference.cells import CellGrid
from core.inference.contest import ROUNDING, compete_all
from core.inference.prediction import Prediction
from core.types import SemanticResult


def semantic(prediction: Prediction) -> SemanticResult:
    """One class for each pixel, no void; ties go to the lower class index.

    Per pixel it is the most probable one: the largest interpolated class logit.
    """
    if prediction.is_per_pixel:
        return SemanticResult(compete_all(prediction).winners.astype(np.int32))
    grid = CellGrid.of(prediction.geometry)
    corners, class_probs = grid.corners(prediction.mask_logits), prediction.class_probs[:, :-1]
    possible = _possible_classes(grid, corners, class_probs)  # (K, cells)
    class_map = grid.spread(possible.int().argmax(dim=0).int().numpy())
    flat = torch.from_numpy(class_map).view(-1)
    open_cells = ((possible.sum(dim=0) > 1) & (grid.pixel_counts > 0)).nonzero()[:, 0]
    for chunk in grid.chunks(open_cells, blocks_per_cell=len(prediction)):
        cells = open_cells[chunk]
        best, pixels = _best_classes(grid, corners, class_probs, cells), grid.is_pixel(cells)
        flat[grid.pixel_indices(cells)[pixels]] = best[pixels]
    return SemanticResult(class_map)


def _possible_classes(grid: CellGrid, corners: Tensor, class_probs: Tensor) -> Tensor:
    """(K, cells) False where another class surely has the larger sum all over the cell."""
    lowest, highest = grid.bounds(corners)
    least = class_probs.T @ lowest.sigmoid()
    most = class_probs.T @ highest.sigmoid()
    return most >= least.amax(dim=0) - ROUNDING * len(corners)


def _best_classes(grid: CellGrid, corners: Tensor, class_probs: Tensor, cells: Tensor) -> Tensor:
    """Blocks (y, x, n) int32 of the best class of every pixel."""
    queries = torch.arange(len(corners)).repeat(len(cells))
    mask_probs = grid.interpolate(corners, queries, cells.repeat_interleave(len(corners))).sigmoid_()
    y, x, _ = mask_probs.shape
    return (mask_probs.view(y, x, len(cells), len(corners)) @ class_probs).argmax(dim=-1).int()
