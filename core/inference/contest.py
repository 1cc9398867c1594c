"""Which query wins each pixel: the largest p(class) x mask probability, decided cell by cell where that is enough."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Self, TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.inference.cells import CellGrid
from core.inference.prediction import Prediction

ROUNDING = 1e-6  # how far an interpolated probability may leave its cell's bounds

Claim: TypeAlias = Callable[[Tensor, Tensor], Tensor]  # mask logits, and places of their queries -> the largest wins


@dataclass(frozen=True, slots=True)
class Contest:
    """The outcome for the k queries that take part.

    Attributes:
        queries: (k,) rising query numbers.
        winners: (H, W) int16 place in ``queries`` of each pixel's winner; ties go to the lower query.
        mask_areas: (k,) picture pixels whose own mask probability is at least 0.5; per pixel, those won.
        won_areas: (k,) picture pixels won.
    """

    queries: tuple[int, ...]
    winners: NDArray[np.int16]
    mask_areas: tuple[int, ...]
    won_areas: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Rivals:
    """The queries that may win somewhere in a cell: those of cell c are ``queries[start[c] : start[c] + count[c]]``."""

    queries: Tensor
    start: Tensor
    count: Tensor

    @classmethod
    def of(cls, possible: NDArray[np.bool_]) -> Self:
        """From (k, cells) True where query k may win in a cell."""
        by_cell = np.ascontiguousarray(possible.T)
        cells, queries = np.divmod(np.flatnonzero(by_cell), len(possible))
        count = np.bincount(cells, minlength=len(by_cell))
        start = np.cumsum(count) - count
        return cls(torch.from_numpy(queries), torch.from_numpy(start), torch.from_numpy(count))


def compete(prediction: Prediction, queries: Tensor) -> Contest:
    """Lets ``queries`` (k,), rising and at least one, compete for every pixel of the picture."""
    grid = CellGrid.of(prediction.geometry)
    corners = grid.corners(prediction.mask_logits[queries])
    lowest, highest = grid.bounds(corners)
    winners = _winners(grid, corners, _claim_of(prediction, queries), lowest, highest)
    won_areas = tuple(np.bincount(winners.ravel(), minlength=len(queries)).tolist())
    return Contest(
        queries=tuple(queries.tolist()),
        winners=winners,
        mask_areas=won_areas if prediction.is_per_pixel else _mask_areas(grid, corners, lowest, highest),
        won_areas=won_areas,
    )


def compete_all(prediction: Prediction) -> Contest:
    """Lets every query take part."""
    return compete(prediction, torch.arange(len(prediction)))


def mask_area(prediction: Prediction, query: int) -> int:
    """Picture pixels of the query's own mask: see :func:`core.inference.query_mask`."""
    if prediction.is_per_pixel:
        return compete_all(prediction).won_areas[query]
    grid = CellGrid.of(prediction.geometry)
    corners = grid.corners(prediction.mask_logits[query, None])
    return _mask_areas(grid, corners, *grid.bounds(corners))[0]


def _claim_of(prediction: Prediction, queries: Tensor) -> Claim:
    """p(class) x mask probability. Per pixel every p(class) is 1, and log-probabilities rank as they stand."""
    if prediction.is_per_pixel:
        return lambda mask_logits, _places: mask_logits
    scores = prediction.scores[queries]
    return lambda mask_logits, places: mask_logits.sigmoid().mul_(scores[places])


def _mask_areas(grid: CellGrid, corners: Tensor, lowest: Tensor, highest: Tensor) -> tuple[int, ...]:
    """(k,) pixels with a logit of at least 0; only cells with both signs at their corners are interpolated."""
    areas = ((lowest >= 0).double() @ grid.pixel_counts.double()).long()
    is_border = (lowest < 0) & (highest >= 0)
    border = torch.from_numpy(np.flatnonzero(is_border.numpy()))
    queries, cells = border // lowest.shape[1], border % lowest.shape[1]
    for chunk in grid.chunks(cells):
        inside = (grid.interpolate(corners, queries[chunk], cells[chunk]) >= 0) & grid.is_pixel(cells[chunk])
        areas.index_add_(0, queries[chunk], inside.sum(dim=(0, 1)))
    return tuple(areas.tolist())


def _winners(grid: CellGrid, corners: Tensor, claim: Claim, lowest: Tensor, highest: Tensor) -> NDArray[np.int16]:
    """(H, W) place of each pixel's winner; cells with one possible winner are filled, the others interpolated."""
    places = torch.arange(len(corners))[:, None]
    surely = claim(lowest, places).amax(dim=0)  # (cells,)
    possible = claim(highest, places) >= surely - ROUNDING  # (k, cells)
    rivals = Rivals.of(possible.numpy())
    winners = grid.spread(rivals.queries[rivals.start].to(torch.int16).numpy())
    flat = torch.from_numpy(winners).view(-1)
    is_open = (rivals.count > 1) & (grid.pixel_counts > 0)
    open_cells = is_open.nonzero()[:, 0]
    open_cells = open_cells[rivals.count[open_cells].argsort(descending=True)]
    for chunk in grid.chunks(open_cells):
        cells = open_cells[chunk]
        best, pixels = _interpolated_winners(grid, corners, claim, rivals, cells), grid.is_pixel(cells)
        flat[grid.pixel_indices(cells)[pixels]] = best[pixels]
    return winners


def _interpolated_winners(grid: CellGrid, corners: Tensor, claim: Claim, rivals: Rivals, cells: Tensor) -> Tensor:
    """Blocks (y, x, n) int16 of the winners in ``cells`` (n,), which stand by falling number of rivals."""
    start, count = rivals.start[cells], rivals.count[cells]
    query = rivals.queries[start]
    best = claim(grid.interpolate(corners, query, cells), query)
    winners = query.to(torch.int16).expand_as(best).clone()
    for turn in range(1, int(count[0])):
        n = int((count > turn).sum())
        query = rivals.queries[start[:n] + turn]
        strength = claim(grid.interpolate(corners, query, cells[:n]), query)
        winners[..., :n] = torch.where(strength > best[..., :n], query.to(torch.int16), winners[..., :n])
        torch.maximum(best[..., :n], strength, out=best[..., :n])
    return winners
