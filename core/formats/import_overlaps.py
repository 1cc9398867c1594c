"""Masks that lie on each other, and the rules by which every pixel finds one owner.

All runs of all masks cut the column-major picture into pieces within which nothing changes. Which masks cover which
piece is one sparse table; overlaps and the finished label map are both read from it, so no mask is ever drawn.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, triu

from core import masks
from core.messages import StudioError
from core.types import VOID, RunLength, Size

MOST_COVERS = 20_000_000  # (piece, mask) pairs: beyond it annotations are stacked as no picture's are
MOST_MEETINGS = 100_000_000  # pairs of masks summed over all pieces


class OverlapRule(StrEnum):
    """Who owns a pixel that several masks claim."""

    FIRST = "first"  # the earlier in the file
    LAST = "last"
    SMALLER = "smaller"
    SCORE = "score"  # the higher score


@dataclass(frozen=True, slots=True)
class Overlap:
    """Two masks, by their positions, and how many pixels both claim."""

    first: int
    second: int
    pixels: int


@dataclass(frozen=True)
class Pile:
    """M masks of one picture cut into E pieces.

    Attributes:
        lengths: (E,) pixels of each piece, in column-major order; they sum to H x W.
        pieces, owners: (N,) which mask covers which piece.
    """

    size_hw: Size
    areas: tuple[int, ...]
    lengths: NDArray[np.int64]
    pieces: NDArray[np.int64]
    owners: NDArray[np.int64]

    @classmethod
    def of(cls, run_lengths: Sequence[RunLength], size_hw: Size) -> Self:
        """Cuts the masks, all of ``size_hw``; raises StudioError where they are stacked beyond all reason."""
        starts, ends, owners = _runs(run_lengths)
        cuts = np.unique(np.concatenate([starts, ends, [0, size_hw[0] * size_hw[1]]]))
        first, last = np.searchsorted(cuts, starts), np.searchsorted(cuts, ends)
        spans = last - first
        if spans.sum() > MOST_COVERS:
            raise StudioError("error.import_stacked")
        offsets = np.arange(spans.sum()) - np.repeat(np.cumsum(spans) - spans, spans)
        areas = tuple(masks.area(run_length) for run_length in run_lengths)
        return cls(size_hw, areas, np.diff(cuts), np.repeat(first, spans) + offsets, np.repeat(owners, spans))

    @cached_property
    def depths(self) -> NDArray[np.int64]:
        """(E,) how many masks cover each piece."""
        return np.bincount(self.pieces, minlength=len(self.lengths))

    @property
    def contested(self) -> int:
        """Pixels that more than one mask claims."""
        return int(self.lengths[self.depths > 1].sum())

    def overlaps(self) -> list[Overlap]:
        """Every pair of masks that share pixels, the largest share first.

        Raises:
            StudioError: the masks are stacked beyond all reason.
        """
        if (self.depths[self.depths > 1] ** 2).sum() > MOST_MEETINGS:
            raise StudioError("error.import_stacked")
        shared = self.depths[self.pieces] > 1
        pieces, owners = self.pieces[shared], self.owners[shared]
        shape = len(self.lengths), len(self.areas)
        covers = coo_array((np.ones(len(pieces), np.int64), (pieces, owners)), shape=shape).tocsr()
        weighted = coo_array((self.lengths[pieces], (pieces, owners)), shape=shape).tocsr()
        met = triu(covers.T @ weighted, k=1).tocoo()  # (M, M) pixels that both claim
        rows = zip(met.row.tolist(), met.col.tolist(), met.data.tolist(), strict=True)
        return sorted((Overlap(*row) for row in rows), key=lambda o: (-o.pixels, o.first, o.second))

    def label_map(self, labels: Sequence[int], from_below: Sequence[int]) -> NDArray[np.int32]:
        """(H, W) int32 where each pixel has the label of the last of ``from_below`` (positions) that claims it."""
        ranks = np.full(len(self.areas), 0, dtype=np.int64)
        ranks[list(from_below)] = np.arange(1, len(from_below) + 1)
        top = np.zeros(len(self.lengths), dtype=np.int64)
        np.maximum.at(top, self.pieces, ranks[self.owners])
        label_of_rank = np.array([VOID, *(labels[position] for position in from_below)], dtype=np.int32)
        height, width = self.size_hw
        columns = np.repeat(label_of_rank[top], self.lengths).reshape(width, height)
        return np.ascontiguousarray(columns.T)


def order_from_below(
    rule: OverlapRule, areas: Sequence[int], scores: Sequence[float], crowds: Sequence[bool]
) -> list[int]:
    """Positions from the lowest mask to the uppermost.

    Crowds lie below everything, whatever the rule; of two that are alike in the rule's eyes the later lies on top.
    """
    keys: dict[OverlapRule, Callable[[int], float]] = {
        OverlapRule.FIRST: lambda index: -index,
        OverlapRule.LAST: lambda index: index,
        OverlapRule.SMALLER: lambda index: -areas[index],
        OverlapRule.SCORE: lambda index: scores[index],
    }
    return sorted(range(len(areas)), key=lambda index: (not crowds[index], keys[rule](index), index))


def _runs(run_lengths: Sequence[RunLength]) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Start, end and mask of every run of ones; empty runs are left out."""
    starts, ends, owners = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    for owner, run_length in enumerate(run_lengths):
        bounds = np.cumsum(run_length.counts, dtype=np.int64)
        run_starts, run_ends = bounds[:-1:2], bounds[1::2]
        some = run_ends > run_starts
        starts.append(run_starts[some])
        ends.append(run_ends[some])
        owners.append(np.full(some.sum(), owner, dtype=np.int64))
    return np.concatenate(starts), np.concatenate(ends), np.concatenate(owners)
