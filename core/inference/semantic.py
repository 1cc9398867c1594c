"""Semantic inference: each pixel to the class with the largest sum of p(class) x mask probability over all queries."""

import torch
from torch import Tensor

from core.inference.cells import CellGrid
from core.inference.contest import ROUNDING
from core.inference.prediction import Prediction
from core.types import SemanticResult


def semantic(prediction: Prediction) -> SemanticResult:
    """One class for each pixel, no void; ties go to the lower class index."""
    grid = CellGrid.of(prediction.geometry)
    class_probs = prediction.class_probs[:, :-1]  # (Q, K)
    possible = _possible_classes(grid, prediction.mask_logits, class_probs)  # (K, cells)
    class_map = grid.spread(possible.int().argmax(dim=0).to(torch.int16).numpy())
    flat = torch.from_numpy(class_map).view(-1)
    open_cells = (possible.sum(dim=0) > 1).nonzero()[:, 0]
    for chunk in grid.chunks(open_cells, blocks_per_cell=len(prediction)):
        cells = open_cells[chunk]
        best, pixels = _best_classes(grid, prediction.mask_logits, class_probs, cells), grid.is_pixel(cells)
        flat[grid.pixel_indices(cells)[pixels]] = best[pixels]
    return SemanticResult(class_map.astype("int32"))


def _possible_classes(grid: CellGrid, logits: Tensor, class_probs: Tensor) -> Tensor:
    """(K, cells) False where another class surely has the larger sum all over the cell."""
    lowest, highest = grid.bounds(logits)
    least = class_probs.T @ lowest.sigmoid()
    most = class_probs.T @ highest.sigmoid()
    return most >= least.amax(dim=0) - ROUNDING * len(logits)


def _best_classes(grid: CellGrid, logits: Tensor, class_probs: Tensor, cells: Tensor) -> Tensor:
    """Blocks (n, ., .) int16 of the best class of every pixel."""
    queries = torch.arange(len(logits)).repeat(len(cells))
    blocks = grid.interpolate(logits, queries, cells.repeat_interleave(len(logits))).sigmoid_()
    mask_probs = blocks.unflatten(0, (len(cells), len(logits)))  # (n, Q, ., .)
    return torch.einsum("qk,nqyx->nkyx", class_probs, mask_probs).argmax(dim=1).to(torch.int16)
