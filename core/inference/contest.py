"""Which query wins each pixel: the largest p(class) x mask probability, decided cell by cell where that is enough."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.inference.cells import CellGrid
from core.inference.prediction import Prediction

ROUNDING = 1e-6  # how far an interpolated probability may leave its cell's bounds


@dataclass(frozen=True, slots=True)
class Contest:
    """The outcome for the k queries that take part.

    Attributes:
        queries: (k,) rising query numbers.
        winners: (H, W) int16 place in ``queries`` of each pixel's winner; ties go to the lower query.
        mask_areas: (k,) picture pixels whose own mask probability is at least 0.5.
        won_areas: (k,) picture pixels won.
    """

    queries: tuple[int, ...]
    winners: NDArray[np.int16]
    mask_areas: tuple[int, ...]
    won_areas: tuple[int, ...]


def compete(prediction: Prediction, queries: Tensor) -> Contest:
    """Lets ``queries`` (k,), rising and at least one, compete for every pixel of the picture."""
    grid = CellGrid.of(prediction.geometry)
    logits, scores = prediction.mask_logits[queries], prediction.scores[queries]
    lowest, highest = grid.bounds(logits)
    winners = _winners(grid, logits, scores, lowest, highest)
    return Contest(
        queries=tuple(queries.tolist()),
        winners=winners,
        mask_areas=tuple(_mask_areas(grid, logits, lowest, highest).tolist()),
        won_areas=tuple(np.bincount(winners.ravel(), minlength=len(queries)).tolist()),
    )


def mask_area(prediction: Prediction, query: int) -> int:
    """Picture pixels where the query's mask probability is at least 0.5."""
    grid, logits = CellGrid.of(prediction.geometry), prediction.mask_logits[query, None]
    return int(_mask_areas(grid, logits, *grid.bounds(logits))[0])


def _mask_areas(grid: CellGrid, logits: Tensor, lowest: Tensor, highest: Tensor) -> Tensor:
    """(k,) pixels with a logit of at least 0; only cells with both signs at their corners are interpolated."""
    areas = ((lowest >= 0) * grid.pixel_counts).sum(dim=1)
    queries, cells = ((lowest < 0) & (highest >= 0)).nonzero(as_tuple=True)
    for chunk in grid.chunks(cells):
        inside = (grid.interpolate(logits, queries[chunk], cells[chunk]) >= 0) & grid.is_pixel(cells[chunk])
        areas.index_add_(0, queries[chunk], inside.sum(dim=(1, 2)))
    return areas


def _winners(grid: CellGrid, logits: Tensor, scores: Tensor, lowest: Tensor, highest: Tensor) -> NDArray[np.int16]:
    """(H, W) place of each pixel's winner; cells with one possible winner are filled, the others interpolated."""
    surely = (scores[:, None] * lowest.sigmoid()).amax(dim=0)  # (cells,)
    possible = scores[:, None] * highest.sigmoid() >= surely - ROUNDING  # (k, cells)
    rivals = possible.sum(dim=0)
    winners = grid.spread(possible.int().argmax(dim=0).to(torch.int16).numpy())
    flat = torch.from_numpy(winners).view(-1)
    order = rivals.argsort(descending=True, stable=True)
    open_cells = order[: int((rivals > 1).sum())]
    for chunk in grid.chunks(open_cells):
        cells = open_cells[chunk]
        best = _interpolated_winners(grid, logits, scores, possible[:, cells], cells)
        pixels = grid.is_pixel(cells)
        flat[grid.pixel_indices(cells)[pixels]] = best[pixels]
    return winners


def _interpolated_winners(grid: CellGrid, logits: Tensor, scores: Tensor, possible: Tensor, cells: Tensor) -> Tensor:
    """Blocks (n, ., .) int16 of winners among ``possible`` (k, n); ``cells`` (n,) stand by falling number of rivals."""
    rivals = possible.sum(dim=0)
    _, candidates = possible.T.nonzero(as_tuple=True)  # cell by cell, rising
    start = rivals.cumsum(0) - rivals
    winners = candidates[start].to(torch.int16)[:, None, None]
    best = _strength(grid, logits, scores, candidates[start], cells)
    winners = winners.expand_as(best).clone()
    for turn in range(1, int(rivals[0])):
        n = int((rivals > turn).sum())
        challenger = candidates[start[:n] + turn]
        strength = _strength(grid, logits, scores, challenger, cells[:n])
        wins = strength > best[:n]
        winners[:n] = torch.where(wins, challenger.to(torch.int16)[:, None, None], winners[:n])
        torch.maximum(best[:n], strength, out=best[:n])
    return winners


def _strength(grid: CellGrid, logits: Tensor, scores: Tensor, queries: Tensor, cells: Tensor) -> Tensor:
    return grid.interpolate(logits, queries, cells).sigmoid_() * scores[queries, None, None]
