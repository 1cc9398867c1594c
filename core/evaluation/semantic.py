"""IoU and accuracy of classes, pixel by pixel, from a confusion matrix."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from core.evaluation.overlaps import pair_counts, shared_runs


@dataclass(frozen=True, slots=True)
class SemanticStat:
    """``confusion`` (K, 1 + K): true class by predicted class, column 0 = predicted void; true void is left out."""

    confusion: NDArray[np.int64]

    @classmethod
    def zeros(cls, classes: int) -> Self:
        """Counts of no picture."""
        return cls(np.zeros((classes, 1 + classes), dtype=np.int64))

    def __add__(self, other: "SemanticStat") -> "SemanticStat":
        return SemanticStat(self.confusion + other.confusion)

    def without(self, class_indices: Collection[int]) -> "SemanticStat":
        """True pixels of these classes left out; pixels predicted as one of them only miss their true class."""
        rows = np.array(sorted(class_indices), dtype=np.int64)
        confusion = self.confusion.copy()
        confusion[rows] = 0
        confusion[:, 0] += confusion[:, 1 + rows].sum(axis=1)
        confusion[:, 1 + rows] = 0
        return SemanticStat(confusion)

    def iou(self) -> NDArray[np.float64]:
        """(K,) intersection over union; NaN for a class that is neither true nor predicted anywhere."""
        hits = np.diagonal(self.confusion, offset=1)
        union = self.confusion.sum(axis=1) + self.confusion[:, 1:].sum(axis=0) - hits
        return hits / np.where(union > 0, union, np.nan)

    def mean_iou(self) -> float | None:
        """Mean over the classes that are true or predicted somewhere; None where there is none."""
        iou = self.iou()
        return None if np.isnan(iou).all() else float(np.nanmean(iou))

    def frequency_weighted_iou(self) -> float | None:
        """Mean over the labelled pixels of their class's IoU; None where no pixel is labelled."""
        pixels = self.confusion.sum(axis=1)
        return float(np.nansum(pixels * self.iou()) / pixels.sum()) if pixels.any() else None

    def pixel_accuracy(self) -> float | None:
        """Share of labelled pixels that got their class; None where no pixel is labelled."""
        total = int(self.confusion.sum())
        return int(np.trace(self.confusion, offset=1)) / total if total else None


def semantic_stat(truth: NDArray[np.int32], predicted: NDArray[np.int32], classes: int) -> SemanticStat:
    """One picture's counts from (H, W) maps of class indices, negative = void.

    Raises:
        ValueError: the maps differ in size or hold an index beyond ``classes``.
    """
    true_classes, predicted_classes, lengths = shared_runs(truth, predicted)
    if max(true_classes.max(initial=-1), predicted_classes.max(initial=-1)) >= classes:
        raise ValueError(f"class indices must be below {classes}")
    rows, columns = (1 + np.maximum(indices, -1).astype(np.int64) for indices in (true_classes, predicted_classes))
    return SemanticStat(pair_counts(rows, columns, lengths, (1 + classes, 1 + classes))[1:])
