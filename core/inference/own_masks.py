"""Many queries' own masks at once, as run lengths, with the mean mask probability inside each.

Only the cells that a mask reaches are interpolated, and each mask is drawn into its own box, column by column as run
lengths are read, with an empty row below so that no run leaves its column. So hundreds of small things cost about as
much as one large one.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.inference.cells import Axis, CellGrid
from core.inference.contest import compete_all
from core.inference.prediction import Prediction
from core.masks import area, encode_label_map, from_runs
from core.types import RunLength, Size

CANVAS_PIXELS = 1 << 25  # drawn at a time, or one mask where that alone has more


@dataclass(frozen=True, slots=True)
class OwnMask:
    """A query's own mask, as ``query_mask`` has it, and the mean mask probability there (0 where it is empty)."""

    mask: RunLength
    mean_probability: float


@dataclass(frozen=True, slots=True)
class Boxes:
    """Where n masks are drawn, column by column and one after the other; all (n,) int64.

    ``left``, ``top``, ``width``, ``height`` are picture pixels; ``start`` is the first place on the canvas, whose very
    first place stays empty.
    """

    left: Tensor
    top: Tensor
    width: Tensor
    height: Tensor
    start: Tensor

    @classmethod
    def around(cls, grid: CellGrid, reached: Tensor) -> Self:
        """The boxes of the cells (n, cells) that masks reach; empty where they reach none."""
        by_cell = reached.view(-1, len(grid.down), len(grid.across))
        top, height = _extent(grid.down, by_cell.any(dim=2))
        left, width = _extent(grid.across, by_cell.any(dim=1))
        areas = width * (height + 1)
        return cls(left, top, width, height, areas.cumsum(0) - areas + 1)

    def canvas(self) -> Tensor:
        """An empty canvas that holds them all."""
        return torch.zeros(int((self.start + self.width * (self.height + 1)).amax()), dtype=torch.bool)


def own_masks(prediction: Prediction, queries: Sequence[int]) -> list[OwnMask]:
    """The masks of ``queries``, in their order."""
    if len(queries) == 0:
        return []
    grid = CellGrid.of(prediction.geometry)
    corners = grid.corners(prediction.mask_logits[list(queries)])
    if prediction.is_per_pixel:
        return _class_masks(grid, corners, compete_all(prediction).winners, queries)
    reached = grid.bounds(corners)[1] >= 0  # (n, cells)
    found: list[OwnMask] = []
    for part in _parts(Boxes.around(grid, reached)):
        boxes = Boxes.around(grid, reached[part])
        canvas, sums = _draw(grid, corners[part], reached[part], boxes)
        found += _with_means(_run_lengths(canvas.numpy(), boxes, grid.picture_hw), sums)
    return found


def _with_means(masks: Iterable[RunLength], sums: Tensor) -> list[OwnMask]:
    return [OwnMask(mask, total / max(1, area(mask))) for mask, total in zip(masks, sums.tolist(), strict=True)]


def _class_masks(grid: CellGrid, corners: Tensor, winners: NDArray[np.int16], classes: Sequence[int]) -> list[OwnMask]:
    """The masks of a per-pixel network, whose logits are log-probabilities; ``winners`` (H, W) are pixels' classes."""
    sums = torch.zeros(len(classes), dtype=torch.float64)
    flat, cell_of = torch.from_numpy(winners).view(-1), grid.spread(np.arange(len(grid.pixel_counts)))
    for place, class_index in enumerate(classes):
        cells = torch.from_numpy(np.unique(cell_of[winners == class_index]))
        for chunk in grid.chunks(cells):
            pixels = grid.is_pixel(cells[chunk])
            won = flat[grid.pixel_indices(cells[chunk])[pixels]] == class_index
            logits = grid.interpolate(corners, torch.full_like(cells[chunk], place), cells[chunk])
            sums[place] += logits[pixels][won].exp_().sum()
    return _with_means(encode_label_map(winners, list(classes)), sums)


def _parts(boxes: Boxes) -> Iterator[slice]:
    """Slices of the masks that are drawn at a time: those that start on one stretch of ``CANVAS_PIXELS``."""
    turns = np.flatnonzero(np.diff(boxes.start.numpy() // CANVAS_PIXELS)) + 1
    for low, high in pairwise([0, *turns.tolist(), len(boxes.start)]):
        yield slice(low, high)


def _extent(axis: Axis, reached: Tensor) -> tuple[Tensor, Tensor]:
    """First pixel and number of pixels from the first to the last reached cell (n, cells of the axis)."""
    last = len(axis) - 1
    low = reached.int().argmax(dim=1)  # argmax gives the first of equals
    high = last - reached.flip(1).int().argmax(dim=1)
    count = (axis.first + axis.count)[high] - axis.first[low]
    return axis.first[low], count * reached.any(dim=1)


def _draw(grid: CellGrid, corners: Tensor, reached: Tensor, boxes: Boxes) -> tuple[Tensor, Tensor]:
    """The canvas, True inside the masks, and the sum (n,) of each mask's probabilities inside."""
    canvas, sums = boxes.canvas(), torch.zeros(len(corners), dtype=torch.float64)
    queries, cells = reached.nonzero().T
    for chunk in grid.chunks(cells):
        query, cell = queries[chunk], cells[chunk]
        logits = grid.interpolate(corners, query, cell)  # (y, x, pairs)
        inside = (logits >= 0) & grid.is_pixel(cell)
        canvas[_canvas_places(grid, boxes, query, cell)[inside]] = True
        sums.index_add_(0, query, (logits.sigmoid_() * inside).sum(dim=(0, 1)).double())
    return canvas, sums


def _canvas_places(grid: CellGrid, boxes: Boxes, query: Tensor, cell: Tensor) -> Tensor:
    """(y, x, pairs) places of the cells' pixels on the canvas."""
    row, column = cell // len(grid.across), cell % len(grid.across)
    down = grid.down.first[row] - boxes.top[query] + torch.arange(len(grid.down.share))[:, None]
    across = grid.across.first[column] - boxes.left[query] + torch.arange(len(grid.across.share))[:, None]
    return (boxes.start[query] + across * (boxes.height[query] + 1)) + down[:, None]


def _run_lengths(canvas: NDArray[np.bool_], boxes: Boxes, size_hw: Size) -> Iterator[RunLength]:
    """The masks on the canvas; a run that goes on at the top of the next column is one run."""
    changes = np.flatnonzero(canvas[1:] != canvas[:-1]) + 1
    begins, lengths = changes[::2], changes[1::2] - changes[::2]
    start, height, left, top = (t.numpy() for t in (boxes.start, boxes.height, boxes.left, boxes.top))
    owner = np.searchsorted(start, begins, side="right") - 1
    columns, rows = np.divmod(begins - start[owner], height[owner] + 1)
    starts = (left[owner] + columns) * size_hw[0] + top[owner] + rows
    ends = starts + lengths
    goes_on = (starts[1:] == ends[:-1]) & (owner[1:] == owner[:-1])
    starts, ends = np.delete(starts, np.flatnonzero(goes_on) + 1), np.delete(ends, np.flatnonzero(goes_on))
    bounds = np.searchsorted(np.delete(owner, np.flatnonzero(goes_on)), np.arange(len(start) + 1))
    for low, high in pairwise(bounds.tolist()):
        yield from_runs(starts[low:high], ends[low:high], size_hw)
