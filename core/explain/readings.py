"""Three readings of the same N pairs: semantic, instance and panoptic inference, and what sets them apart."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.evaluation.overlaps import pair_counts, shared_runs
from core.inference import Prediction, instances, panoptic, semantic
from core.messages import StudioError
from core.types import VOID, Instance, PanopticResult, RunLength, Size

MOST_INSTANCES = 100


@dataclass(frozen=True, slots=True)
class Difference:
    """Pixels that two readings give different classes; ``panoptic_class`` is None for void."""

    semantic_class: int
    panoptic_class: int | None
    area: int


@dataclass(frozen=True, eq=False)
class Readings:
    """One picture read in three ways.

    Attributes:
        class_map: (H, W) class indices: one class for each pixel, and no things apart.
        instances: scored things above the score threshold, by falling score; their masks may overlap.
        coverage: (H, W) how many instances hold each pixel.
        panoptic: one class and one id for each pixel, or void.
        panoptic_classes: (H, W) its class indices, -1 = void.
    """

    class_map: NDArray[np.int32]
    instances: tuple[Instance, ...]
    coverage: NDArray[np.int32]
    panoptic: PanopticResult
    panoptic_classes: NDArray[np.int32]

    @property
    def differs(self) -> NDArray[np.bool_]:
        """(H, W) True where the panoptic reading has another class than the semantic one, or none."""
        return np.asarray(self.class_map != self.panoptic_classes)

    def differences(self) -> list[Difference]:
        """Every pair of classes that the two readings disagree in, the largest area first."""
        seen, made, lengths = shared_runs(self.class_map, self.panoptic_classes)
        classes = int(max(seen.max(initial=0), made.max(initial=0))) + 1
        pixels = pair_counts(seen, made + 1, lengths, (classes, classes + 1))
        pixels[np.arange(classes), np.arange(classes) + 1] = 0
        rows, columns = np.nonzero(pixels)
        found = [
            Difference(row, column - 1 if column else None, int(pixels[row, column]))
            for row, column in zip(rows.tolist(), columns.tolist(), strict=True)
        ]
        return sorted(found, key=lambda difference: -difference.area)


def readings_of(
    prediction: Prediction,
    score_threshold: float | None = None,
    overlap_threshold: float | None = None,
    off: frozenset[int] = frozenset(),
) -> Readings:
    """The three results; thresholds default to the checkpoint's. Semantic inference knows neither them nor ``off``.

    Raises:
        StudioError: the prediction is of a per-pixel network, which has one reading only.
    """
    if prediction.is_per_pixel:
        raise StudioError("error.explain_no_queries")
    least = prediction.score_threshold if score_threshold is None else score_threshold
    made = panoptic(prediction, score_threshold, overlap_threshold, off)
    found = instances(prediction, MOST_INSTANCES, off).instances
    kept = tuple(instance for instance in found if instance.score > least)
    class_of = np.full(1 + max((s.segment_id for s in made.segments), default=VOID), -1, dtype=np.int32)
    for segment in made.segments:
        class_of[segment.segment_id] = prediction.taxonomy.class_index(segment.category_id)
    return Readings(
        class_map=semantic(prediction).class_map,
        instances=kept,
        coverage=coverage([instance.mask for instance in kept], prediction.geometry.picture_hw),
        panoptic=made,
        panoptic_classes=class_of[made.panoptic_map],
    )


def coverage(masks: list[RunLength], size_hw: Size) -> NDArray[np.int32]:
    """(H, W) how many masks hold each pixel, from where their runs begin and end."""
    height, width = size_hw
    steps = np.zeros(height * width + 1, dtype=np.int32)
    for mask in masks:
        bounds = np.cumsum(mask.counts, dtype=np.int64)
        starts, ends = bounds[:-1:2], bounds[1::2]
        np.add.at(steps, starts[: len(ends)], 1)
        np.add.at(steps, ends, -1)
    return np.ascontiguousarray(steps[:-1].cumsum(dtype=np.int32).reshape(width, height).T)
