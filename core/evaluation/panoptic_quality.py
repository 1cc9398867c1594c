"""Panoptic quality by the rules of the COCO panoptic API (Kirillov et al., "Panoptic Segmentation", CVPR 2019).

* A predicted and a true segment of one class match where their IoU exceeds 0.5. The union leaves out the predicted
  segment's pixels on true void; true pixels that were predicted void stay in it. True crowds match nothing.
* A true segment that matches nothing is a false negative, unless it is a crowd.
* A predicted segment that matches nothing is a false positive, unless more than half of it lies on true void and the
  crowd of its class. Where a picture has several crowds of a class, the API knows the last one listed; so does this.
* Where only things were labelled, pixels without a segment are background instead of void: nothing there is excused.
* A class that occurs in neither truth nor prediction takes no part in an average.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from core.evaluation.overlaps import Overlaps
from core.types import SegmentInfo, Taxonomy

SIZES = ("small", "medium", "large")
_SIZE_BOUNDS = (32**2, 96**2)  # pixels: the least area of a medium and of a large segment, as COCO divides them


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


@dataclass(frozen=True, slots=True)
class Matching:
    """Which predicted segment is which true one, in one picture.

    Attributes:
        pairs: (M, 2) places of true and predicted segments that match, with their IoU ``iou`` (M,).
        missed: (T,) True for false negatives.
        wrong: (P,) True for false positives.
        true_classes, predicted_classes: (T,), (P,) class indices.
        true_areas, predicted_areas: (T,), (P,) pixels.
    """

    pairs: NDArray[np.int64]
    iou: NDArray[np.float64]
    missed: NDArray[np.bool_]
    wrong: NDArray[np.bool_]
    true_classes: NDArray[np.int64]
    predicted_classes: NDArray[np.int64]
    true_areas: NDArray[np.int64]
    predicted_areas: NDArray[np.int64]

    def stat(self, classes: int, size: int | None = None) -> PanopticStat:
        """The counts, of all segments or of one of ``SIZES``.

        A matched or missed segment is as large as it is in truth, a false positive as it was predicted.
        """
        matched, iou = self.pairs[:, 0], self.iou
        missed, wrong = np.flatnonzero(self.missed), np.flatnonzero(self.wrong)
        if size is not None:
            is_size = size_of(self.true_areas) == size
            matched, iou, missed = matched[is_size[matched]], iou[is_size[matched]], missed[is_size[missed]]
            wrong = wrong[size_of(self.predicted_areas)[wrong] == size]
        return PanopticStat(
            tp=np.bincount(self.true_classes[matched], minlength=classes),
            fp=np.bincount(self.predicted_classes[wrong], minlength=classes),
            fn=np.bincount(self.true_classes[missed], minlength=classes),
            iou=np.bincount(self.true_classes[matched], weights=iou, minlength=classes).astype(np.float64),
        )


def match(overlaps: Overlaps, taxonomy: Taxonomy, iou: NDArray[np.float64] | None = None) -> Matching:
    """One picture's matches by mask IoU, or by an ``iou`` (T, P) that is nowhere larger.

    Raises:
        StudioError: a segment's category is unknown.
    """
    iou = overlaps.iou() if iou is None else iou
    true_classes, predicted_classes = _classes(overlaps.truth, taxonomy), _classes(overlaps.predicted, taxonomy)
    same_class = true_classes[:, None] == predicted_classes
    matched = (iou > 0.5) & same_class & ~overlaps.is_crowd[:, None]  # (T, P)
    excused = overlaps.pixels[0, 1:] + _on_own_crowd(overlaps, same_class)  # (P,)
    predicted_areas = overlaps.predicted_areas
    return Matching(
        pairs=np.argwhere(matched),
        iou=iou[matched],
        missed=~matched.any(axis=1) & ~overlaps.is_crowd,
        wrong=~matched.any(axis=0) & (excused <= predicted_areas / 2),
        true_classes=true_classes,
        predicted_classes=predicted_classes,
        true_areas=overlaps.true_areas,
        predicted_areas=predicted_areas,
    )


def size_of(areas: NDArray[np.int64]) -> NDArray[np.int64]:
    """Index into ``SIZES`` of each area in pixels."""
    return np.digitize(areas, _SIZE_BOUNDS)


def _on_own_crowd(overlaps: Overlaps, same_class: NDArray[np.bool_]) -> NDArray[np.int64]:
    """(P,) pixels of each predicted segment on the last listed crowd of its class."""
    last = {s.category_id: row for row, s in enumerate(overlaps.truth) if overlaps.is_crowd[row]}
    rows = np.array(list(last.values()), dtype=np.int64)
    return np.asarray(np.where(same_class[rows], overlaps.pixels[1 + rows, 1:], 0).sum(axis=0))


def _classes(segments: Sequence[SegmentInfo], taxonomy: Taxonomy) -> NDArray[np.int64]:
    return np.array([taxonomy.class_index(s.category_id) for s in segments], dtype=np.int64)
