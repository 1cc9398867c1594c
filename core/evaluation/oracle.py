"""How much of the labelling the queries can carry: the best of N queries for each true segment.

Each true segment, crowds apart, is given the query whose own mask (mask probability of at least 0.5) has the largest
IoU with it, whatever the query's class. Recall is the share of segments whose best IoU exceeds 0.5 or 0.75. PQ is what
a person would get who always picked that query and named it rightly: an IoU above 0.5 is a true positive, anything
else a false negative, and nothing wrong is kept. As in panoptic quality, the union leaves out pixels on true void.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self, TypeAlias

import numpy as np
from hotcoco import primitives
from numpy.typing import NDArray

from core import masks
from core.evaluation.overlaps import SegmentedPicture
from core.evaluation.panoptic_quality import SIZES, PanopticStat, size_of
from core.types import VOID, RunLength, Taxonomy

Json: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True)
class OracleStat:
    """Counts (K, sizes) of true segments by class index and size; ``iou`` sums the best IoUs above 0.5."""

    segments: NDArray[np.int64]
    found_50: NDArray[np.int64]
    found_75: NDArray[np.int64]
    iou: NDArray[np.float64]

    @classmethod
    def zeros(cls, classes: int) -> Self:
        """Counts of no picture."""
        segments, found_50, found_75 = np.zeros((3, classes, len(SIZES)), dtype=np.int64)
        return cls(segments, found_50, found_75, np.zeros((classes, len(SIZES))))

    def __add__(self, other: "OracleStat") -> "OracleStat":
        return OracleStat(
            self.segments + other.segments,
            self.found_50 + other.found_50,
            self.found_75 + other.found_75,
            self.iou + other.iou,
        )

    def without(self, class_indices: Sequence[int]) -> "OracleStat":
        """These classes left out."""
        kept = np.ones((len(self.segments), 1), dtype=np.int64)
        kept[list(class_indices)] = 0
        return OracleStat(self.segments * kept, self.found_50 * kept, self.found_75 * kept, self.iou * kept)

    def to_json(self, is_thing: NDArray[np.bool_]) -> Json:
        """PQ averaged over classes; recalls of all segments taken together, and by size."""
        stat = self._panoptic()
        every, things, stuff = (stat.average(chosen) for chosen in (None, is_thing, ~is_thing))
        return {
            "pq": every.pq,
            "sq": every.sq,
            "rq": every.rq,
            "pq_things": things.pq,
            "pq_stuff": stuff.pq,
            **self._recalls(slice(None), slice(None)),
            "by_size": [{"size": name} | self._recalls(slice(None), index) for index, name in enumerate(SIZES)],
        }

    def class_json(self, class_index: int) -> Json:
        """PQ and recalls of one class."""
        pq = float(self._panoptic().per_class()[class_index, 0])
        return {"pq": None if np.isnan(pq) else pq, **self._recalls(class_index, slice(None))}

    def _panoptic(self) -> PanopticStat:
        tp, segments = self.found_50.sum(axis=1), self.segments.sum(axis=1)
        return PanopticStat(tp, np.zeros_like(tp), segments - tp, self.iou.sum(axis=1))

    def _recalls(self, classes: int | slice, sizes: int | slice) -> Json:
        segments, found_50, found_75 = (
            int(count[classes, sizes].sum()) for count in (self.segments, self.found_50, self.found_75)
        )
        recalls = (found_50 / segments, found_75 / segments) if segments else (None, None)
        return {"segments": segments, "recall_50": recalls[0], "recall_75": recalls[1]}


def oracle_stat(truth: SegmentedPicture, query_masks: Sequence[RunLength], taxonomy: Taxonomy) -> OracleStat:
    """One picture's counts from all queries' own masks, which may overlap and may be empty.

    Raises:
        StudioError: a true segment's category is unknown.
    """
    segments = [s for s in truth.segments if s.segment_id not in truth.crowd_ids]
    classes = np.array([taxonomy.class_index(s.category_id) for s in segments], dtype=np.int64)
    void, *encoded = masks.encode_label_map(truth.label_map, [VOID, *(s.segment_id for s in segments)])
    best = best_iou(encoded, query_masks, None if truth.void_is_background else void)  # (T,)
    cells = classes * len(SIZES) + size_of(_areas(encoded))

    def total(values: NDArray[Any]) -> NDArray[np.float64]:
        sums = np.bincount(cells, weights=values, minlength=len(taxonomy) * len(SIZES))
        return sums.astype(np.float64).reshape(len(taxonomy), len(SIZES))

    return OracleStat(
        segments=total(best >= 0).astype(np.int64),
        found_50=total(best > 0.5).astype(np.int64),
        found_75=total(best > 0.75).astype(np.int64),
        iou=total(np.where(best > 0.5, best, 0.0)),
    )


def best_iou(
    segments: Sequence[RunLength], query_masks: Sequence[RunLength], void: RunLength | None
) -> NDArray[np.float64]:
    """(T,) largest IoU of each true segment with any query; 0 where no query has a pixel."""
    return np.asarray(pair_iou(segments, query_masks, void).max(axis=0, initial=0.0))


def pair_iou(
    segments: Sequence[RunLength], query_masks: Sequence[RunLength], void: RunLength | None
) -> NDArray[np.float64]:
    """(Q, T) IoU of every query with every true segment; 0 where a query has no pixel."""
    own = _areas(query_masks)
    iou = np.zeros((len(query_masks), len(segments)))
    queries = [_rle(mask) for mask, area in zip(query_masks, own, strict=True) if area]
    if queries and segments:
        areas = own[own > 0][:, None]
        shared = _shared_pixels(queries, segments, areas)
        on_void = _shared_pixels(queries, [void], areas) if void else 0
        iou[own > 0] = shared / (_areas(segments) + areas - shared - on_void)
    return iou


def _shared_pixels(queries: list[Json], truths: Sequence[RunLength], own: NDArray[np.int64]) -> NDArray[np.float64]:
    """(Q, T) from the shares of the queries' own areas (Q, 1), which is what COCO takes for the IoU with a crowd."""
    shares = primitives.mask_iou(queries, [_rle(mask) for mask in truths], [True] * len(truths))
    return np.rint(shares * own)


def _areas(run_lengths: Sequence[RunLength]) -> NDArray[np.int64]:
    return np.array([masks.area(run_length) for run_length in run_lengths], dtype=np.int64)


def _rle(mask: RunLength) -> Json:
    return {"size": list(mask.size_hw), "counts": mask.counts.tolist()}
