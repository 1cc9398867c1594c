"""Mean IoU and pixel accuracy from a confusion matrix."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray


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

    def pixel_accuracy(self) -> float | None:
        """Share of labelled pixels that got their class; None where no pixel is labelled."""
        total = int(self.confusion.sum())
        return int(np.trace(self.confusion, offset=1)) / total if total else None


def semantic_stat(truth: NDArray[np.int32], predicted: NDArray[np.int32], classes: int) -> SemanticStat:
    """One picture's counts from (H, W) maps of class indices, negative = void.

    Raises:
        ValueError: the maps differ in size or hold an index beyond ``classes``.
    """
    if truth.shape != predicted.shape:
        raise ValueError(f"predicted map must be {truth.shape}, got {predicted.shape}")
    if max(truth.max(initial=-1), predicted.max(initial=-1)) >= classes:
        raise ValueError(f"class indices must be below {classes}")
    cells = (np.maximum(truth, -1) + 1) * (1 + classes) + (np.maximum(predicted, -1) + 1)
    counts = np.bincount(cells.ravel(), minlength=(1 + classes) ** 2).reshape(1 + classes, 1 + classes)
    return SemanticStat(counts[1:])
