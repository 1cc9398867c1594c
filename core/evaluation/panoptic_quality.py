"""Panoptic quality by the rules of the COCO panoptic API (Kirillov et al., "Panoptic Segmentation", CVPR 2019).

* A predicted and a true segment of one class match where their IoU exceeds 0.5. The union leaves out the predicted
  segment's pixels on true void; true pixels that were predicted void stay in it. True crowds match nothing.
* A true segment that matches nothing is a false negative, unless it is a crowd.
* A predicted segment that matches nothing is a false positive, unless more than half of it lies on true void and the
  crowd of its class. Where a picture has several crowds of a class, the API knows the last one listed; so does this.
* A class that occurs in neither truth nor prediction takes no part in an average.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from core.types import VOID, SegmentInfo, Taxonomy


@dataclass(frozen=True, slots=True)
class SegmentedPicture:
    """``label_map`` (H, W) of segment ids, 0 = void, with its segments in listed order; crowds occur in truth only."""

    label_map: NDArray[np.int32]
    segments: tuple[SegmentInfo, ...]
    crowd_ids: frozenset[int] = frozenset()

    def without(self, category_ids: frozenset[int]) -> "SegmentedPicture":
        """The same picture with the segments of these classes turned void."""
        left_out = [s.segment_id for s in self.segments if s.category_id in category_ids]
        if not left_out:
            return self
        label_map = np.where(np.isin(self.label_map, left_out), np.int32(VOID), self.label_map)
        kept = tuple(s for s in self.segments if s.category_id not in category_ids)
        return SegmentedPicture(label_map, kept, self.crowd_ids.difference(left_out))


@dataclass(frozen=True, slots=True)
class Quality:
    """Averages over the classes that occur, as fractions; None where no class does."""

    pq: float | None
    sq: float | None
    rq: float | None


@dataclass(frozen=True, slots=True)
class PanopticStat:
    """Counts by class index, each (K,): ``iou`` is the sum over the true positives. Stats of pictures add up."""

    tp: NDArray[np.int64]
    fp: NDArray[np.int64]
    fn: NDArray[np.int64]
    iou: NDArray[np.float64]

    @classmethod
    def zeros(cls, classes: int) -> Self:
        """Counts of no picture."""
        tp, fp, fn = np.zeros((3, classes), dtype=np.int64)
        return cls(tp, fp, fn, np.zeros(classes))

    def __add__(self, other: "PanopticStat") -> "PanopticStat":
        return PanopticStat(self.tp + other.tp, self.fp + other.fp, self.fn + other.fn, self.iou + other.iou)

    @property
    def occurs(self) -> NDArray[np.bool_]:
        """(K,) True where a class has a segment that counts."""
        return self.tp + self.fp + self.fn > 0

    def per_class(self) -> NDArray[np.float64]:
        """(K, 3) PQ, SQ and RQ of each class; NaN where it does not occur."""
        weight = np.where(self.occurs, self.tp + 0.5 * self.fp + 0.5 * self.fn, np.nan)
        sq = np.where(self.occurs, self.iou / np.maximum(self.tp, 1), np.nan)
        return np.stack([self.iou / weight, sq, self.tp / weight], axis=1)

    def average(self, chosen: NDArray[np.bool_] | None = None) -> Quality:
        """Mean over the classes that occur, of all or of the ``chosen`` (K,) ones."""
        counted = self.occurs if chosen is None else self.occurs & chosen
        if not counted.any():
            return Quality(None, None, None)
        pq, sq, rq = self.per_class()[counted].mean(axis=0)
        return Quality(float(pq), float(sq), float(rq))


def panoptic_stat(truth: SegmentedPicture, predicted: SegmentedPicture, taxonomy: Taxonomy) -> PanopticStat:
    """One picture's counts.

    Raises:
        ValueError: the maps differ in size, or a map's labels are not exactly its segments' ids.
        StudioError: a segment's category is unknown.
    """
    shared = _shared_pixels(truth, predicted)  # (1 + T, 1 + P)
    true_class, predicted_class = _classes(truth, taxonomy), _classes(predicted, taxonomy)  # (T,), (P,)
    is_crowd = np.array([s.segment_id in truth.crowd_ids for s in truth.segments], dtype=bool)

    on_void, overlap = shared[0, 1:], shared[1:, 1:]
    true_area, predicted_area = shared[1:].sum(axis=1), shared[:, 1:].sum(axis=0)
    union = true_area[:, None] + predicted_area - overlap - on_void  # (T, P)
    iou = overlap / union
    matched = (iou > 0.5) & (true_class[:, None] == predicted_class) & ~is_crowd[:, None]

    excused = on_void + _on_own_crowd(overlap, true_class, predicted_class, is_crowd)  # (P,)
    false_positive = ~matched.any(axis=0) & (excused / predicted_area <= 0.5)
    false_negative = ~matched.any(axis=1) & ~is_crowd
    matched_class = true_class[np.nonzero(matched)[0]]
    classes = len(taxonomy)
    return PanopticStat(
        tp=np.bincount(matched_class, minlength=classes),
        fp=np.bincount(predicted_class[false_positive], minlength=classes),
        fn=np.bincount(true_class[false_negative], minlength=classes),
        iou=np.bincount(matched_class, weights=iou[matched], minlength=classes).astype(np.float64),
    )


def _on_own_crowd(
    overlap: NDArray[np.int64],
    true_class: NDArray[np.int64],
    predicted_class: NDArray[np.int64],
    is_crowd: NDArray[np.bool_],
) -> NDArray[np.int64]:
    """(P,) pixels of each predicted segment on the last listed crowd of its class."""
    last_crowd = {int(true_class[row]): row for row in np.flatnonzero(is_crowd)}
    pixels = np.zeros(len(predicted_class), dtype=np.int64)
    for column, class_index in enumerate(predicted_class.tolist()):
        if class_index in last_crowd:
            pixels[column] = overlap[last_crowd[class_index], column]
    return pixels


def _classes(picture: SegmentedPicture, taxonomy: Taxonomy) -> NDArray[np.int64]:
    return np.array([taxonomy.class_index(s.category_id) for s in picture.segments], dtype=np.int64)


def _shared_pixels(truth: SegmentedPicture, predicted: SegmentedPicture) -> NDArray[np.int64]:
    """(1 + T, 1 + P) pixels shared by each true and each predicted segment; row and column 0 are void."""
    if truth.label_map.shape != predicted.label_map.shape:
        raise ValueError(f"predicted map must be {truth.label_map.shape}, got {predicted.label_map.shape}")
    rows, columns = _places(truth), _places(predicted)
    width = len(predicted.segments) + 2
    pixels = np.bincount((rows * np.int32(width) + columns).ravel(), minlength=(len(truth.segments) + 2) * width)
    shared = pixels.reshape(-1, width)
    _require_exact(shared.sum(axis=1), truth.segments)
    _require_exact(shared.sum(axis=0), predicted.segments)
    return shared[:-1, :-1]


def _places(picture: SegmentedPicture) -> NDArray[np.int32]:
    """(H, W) position of each pixel's segment: 0 void, 1.. as listed, one past the last for a foreign label."""
    ids = np.array([VOID, *(s.segment_id for s in picture.segments)], dtype=np.int64)
    if min(ids.min(), picture.label_map.min(initial=0)) < 0:
        raise ValueError("segment ids must not be negative")
    table = np.full(max(ids.max(), picture.label_map.max(initial=0)) + 1, len(ids), dtype=np.int32)
    table[ids] = np.arange(len(ids), dtype=np.int32)
    return table[picture.label_map]


def _require_exact(areas: NDArray[np.int64], segments: Sequence[SegmentInfo]) -> None:
    if areas[-1]:
        raise ValueError(f"{areas[-1]} pixels carry a label that no segment has")
    absent = [s.segment_id for s, area in zip(segments, areas[1:-1], strict=True) if area == 0]
    if absent:
        raise ValueError(f"segments {absent} have no pixels of their own")
