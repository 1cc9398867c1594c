"""COCO's mask AP of things, picture by picture.

COCO's evaluator keeps, of each picture and class, the surest detections up to a limit, 100 by custom; a picture of
cells or of a crowd can hold more things than that, and then no detector could reach AP 1. So the limit is a parameter,
and ``detection_limit`` gives 100 where that is enough. hotcoco computes what pycocotools does and keeps matches, not
masks: memory grows by a few bytes for each detection.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from hotcoco import Params, StreamingEval
from numpy.typing import NDArray

from core import masks
from core.evaluation.overlaps import SegmentedPicture
from core.types import InstanceResult, RunLength, SegmentInfo, Taxonomy

LIMITS = (100, 400, 1600)  # detections of a class in a picture; the first is COCO's
_AREAS = {"all": 0, "small": 1, "medium": 2, "large": 3}  # COCO's order
_THRESHOLDS = 10  # of IoU: 0.50, 0.55 ... 0.95
_IOU_50, _IOU_75 = 0, 5  # their places


@dataclass(frozen=True, slots=True)
class InstanceFigures:
    """``precision`` and ``recall`` (thresholds, K, areas), NaN for a class without such a true thing."""

    precision: NDArray[np.float64]
    recall: NDArray[np.float64]

    @classmethod
    def none(cls, classes: int) -> Self:
        """What is said where nothing was measured."""
        nothing = np.full((_THRESHOLDS, classes, len(_AREAS)), np.nan)
        return cls(nothing, nothing)

    def to_json(self, chosen: NDArray[np.bool_] | None = None) -> dict[str, float | None]:
        """AP, AP at IoU 0.5 and 0.75, AP by size, and average recall: means over all or the ``chosen`` (K,) classes."""
        classes = slice(None) if chosen is None else chosen
        precision, recall = self.precision[:, classes], self.recall[:, classes]
        return {
            "ap": mean(precision[:, :, _AREAS["all"]]),
            "ap50": mean(precision[_IOU_50, :, _AREAS["all"]]),
            "ap75": mean(precision[_IOU_75, :, _AREAS["all"]]),
            **{f"ap_{size}": mean(precision[:, :, area]) for size, area in _AREAS.items() if size != "all"},
            "ar": mean(recall[:, :, _AREAS["all"]]),
        }


class AveragePrecision:
    """Collects what was found in each picture; ``limit`` detections of a class in a picture count."""

    def __init__(self, taxonomy: Taxonomy, limit: int = LIMITS[0]) -> None:
        self._taxonomy = taxonomy
        self._things = [c.category_id for c in taxonomy.categories if c.is_thing]
        rows = [{"id": c.category_id, "name": c.name} for c in taxonomy.categories if c.is_thing]
        self._evaluator = StreamingEval(rows, "segm", params=_params(limit))
        self._pictures = self._annotations = 0

    def add(self, truth: SegmentedPicture, found: InstanceResult, left_out: Collection[int] = ()) -> None:
        """Scores one picture, without the classes in ``left_out``."""
        counted = {category_id for category_id in self._things if category_id not in left_out}
        self._pictures += 1
        height, width = found.size_hw
        things = [s for s in truth.segments if s.category_id in counted]
        detections = [
            {"category_id": i.category_id, "score": i.score, "segmentation": _segmentation(i.mask)}
            for i in found.instances
            if i.category_id in counted
        ]
        picture = {"image_id": self._pictures}
        self._evaluator.update(
            [{"id": self._pictures, "width": width, "height": height}],
            [picture | row for row in self._true_rows(truth, things)],
            [picture | row for row in detections],
        )

    def figures(self) -> InstanceFigures:
        """The figures of all pictures; nothing can be added afterwards."""
        evaluator = self._evaluator.finalize()
        evaluator.accumulate()
        assert evaluator.eval is not None
        precision, recall = evaluator.eval["precision"], evaluator.eval["recall"]  # (t, r, k, a, m), (t, k, a, m)
        return InstanceFigures(
            precision=self._by_class(precision[..., -1].mean(axis=1)), recall=self._by_class(recall[..., -1])
        )

    def _true_rows(self, truth: SegmentedPicture, things: Sequence[SegmentInfo]) -> list[dict[str, Any]]:
        rows = []
        encoded = masks.encode_label_map(truth.label_map, [s.segment_id for s in things])
        for segment, mask in zip(things, encoded, strict=True):
            self._annotations += 1
            rows.append(
                {
                    "id": self._annotations,
                    "category_id": segment.category_id,
                    "segmentation": _segmentation(mask),
                    "area": masks.area(mask),
                    "iscrowd": int(segment.segment_id in truth.crowd_ids),
                }
            )
        return rows

    def _by_class(self, of_things: NDArray[np.float64]) -> NDArray[np.float64]:
        """(thresholds, K, areas) from COCO's rows, which stand by rising category id and say -1 for none."""
        spread = np.full((len(of_things), len(self._taxonomy), of_things.shape[2]), np.nan)
        indices = [self._taxonomy.class_index(category_id) for category_id in sorted(self._things)]
        spread[:, indices] = np.where(of_things < 0, np.nan, of_things)
        return spread


def detection_limit(queries: int) -> int:
    """The least of ``LIMITS`` that leaves room for every query's mask, or the largest."""
    return next((limit for limit in LIMITS if limit >= queries), LIMITS[-1])


def mean(values: NDArray[np.float64]) -> float | None:
    """Mean of the values that are not NaN; None where there is none."""
    known = values[~np.isnan(values)]
    return float(known.mean()) if known.size else None


def _params(limit: int) -> Params:
    params = Params("segm")
    params.max_dets = [limit]
    return params


def _segmentation(mask: RunLength) -> dict[str, Any]:
    return {"size": list(mask.size_hw), "counts": masks.rle_to_string(mask)}
