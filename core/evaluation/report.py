"""A model's figures on a data set, by COCO's rules and by what the data set's sources labelled.

The top level scores every class on every picture. The block ``exhaustive`` scores a class only on pictures that do not
list it in ``not_exhaustive_category_ids``. On a picture that lists classes E:

* PQ: true and predicted segments of E become void, then COCO's rules hold. So a predicted segment of E is neither right
  nor wrong, and its pixels are missing from whatever true segment they lie on; another segment's pixels on a true one
  of E are excused as on void.
* mIoU and pixel accuracy: pixels whose true class is in E are left out; a pixel predicted as a class of E is a miss of
  its true class and no charge against the predicted one.
* AP and the best of N queries: true and detected things of E are left out.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from core.evaluation.average_precision import LIMITS, AveragePrecision, InstanceFigures
from core.evaluation.comparison import Comparison, Predicted, compare
from core.evaluation.figures import Figures, figures_json
from core.evaluation.overlaps import SegmentedPicture
from core.evaluation.pictures import PictureRow, picture_row
from core.evaluation.table import render_table
from core.formats.panoptic_dataset import DatasetPicture, PanopticDataset
from core.types import Taxonomy


@dataclass(frozen=True, slots=True)
class Measures:
    """What is measured beside PQ, mIoU and pixel accuracy.

    Attributes:
        boundary: boundary IoU and Boundary PQ.
        detections: mask AP of at most so many detections of a class in a picture; 0 for no AP.
        oracle: the best of N queries for each true segment.
    """

    boundary: bool = False
    detections: int = 0
    oracle: bool = False


QUICK = Measures()
THOROUGH = Measures(boundary=True, detections=LIMITS[0], oracle=True)


@dataclass(frozen=True, slots=True)
class Block:
    """Everything that one rule counted."""

    figures: Figures
    instances: InstanceFigures

    def to_json(self, taxonomy: Taxonomy) -> dict[str, Any]:
        """Fractions, None where nothing was measured."""
        return figures_json(self.figures, self.instances, taxonomy)


@dataclass(frozen=True, slots=True)
class Report:
    """Figures of some pictures: ``coco`` by COCO's rules, ``exhaustive`` where classes were labelled.

    Attributes:
        pictures: every picture's own figures where classes were labelled, in the data set's order.
    """

    taxonomy: Taxonomy
    coco: Block
    exhaustive: Block
    pictures: tuple[PictureRow, ...]
    measures: Measures

    def to_json(self) -> dict[str, Any]:
        """COCO's figures at the top level, the block ``exhaustive`` with the same keys, and how many were looked at."""
        return {
            **self.coco.to_json(self.taxonomy),
            "exhaustive": self.exhaustive.to_json(self.taxonomy),
            "pictures": len(self.pictures),
            "detections": self.measures.detections,
        }

    def table(self, language: str = "en") -> str:
        """The same as text for a terminal."""
        return render_table(self.to_json(), language)


class _Tally:
    """Adds up pictures under one rule."""

    def __init__(self, taxonomy: Taxonomy, detections: int) -> None:
        self._figures = Figures.zeros(len(taxonomy))
        self._nothing = InstanceFigures.none(len(taxonomy))
        self._precision = AveragePrecision(taxonomy, detections) if detections else None
        self._block: Block | None = None

    def add(
        self,
        comparison: Comparison,
        truth: SegmentedPicture,
        predicted: Predicted,
        left_out: Collection[int] = frozenset(),
    ) -> Figures:
        """Counts one picture; its own figures."""
        figures = comparison.figures(left_out)
        self._figures = self._figures + figures
        if self._precision is not None and predicted.instances is not None:
            self._precision.add(truth, predicted.instances, left_out)
        return figures

    def block(self) -> Block:
        """What was counted; nothing can be added afterwards."""
        if self._block is None:
            instances = self._nothing if self._precision is None else self._precision.figures()
            self._block = Block(self._figures, instances)
        return self._block


def evaluate(
    predict: Callable[[DatasetPicture], Predicted],
    dataset: PanopticDataset,
    progress: Callable[[int, int], None] | None = None,
    measures: Measures = QUICK,
) -> Report:
    """Scores ``predict`` on every picture; ``progress`` is told (done, all) after each.

    Memory: one picture at a time, and of each picture a row of figures and its detections' matches.

    Raises:
        StudioError: the data set's files are damaged or disagree.
        ValueError: a prediction has the wrong size or labels that are not its segments'.
    """
    coco = _Tally(dataset.taxonomy, measures.detections)
    everything_labelled = not any(picture.not_exhaustive_category_ids for picture in dataset.pictures)
    exhaustive = coco if everything_labelled else _Tally(dataset.taxonomy, measures.detections)
    rows = []
    for done, picture in enumerate(dataset.pictures, start=1):
        truth, predicted = true_picture(dataset, picture), predict(picture)
        true_classes = dataset.class_map(picture, truth.label_map)
        comparison = compare(truth, true_classes, predicted, dataset.taxonomy, boundary=measures.boundary)
        own = coco.add(comparison, truth, predicted)
        if not everything_labelled:
            own = exhaustive.add(comparison, truth, predicted, picture.not_exhaustive_category_ids)
        rows.append(picture_row(picture, own))
        if progress is not None:
            progress(done, len(dataset))
    return Report(dataset.taxonomy, coco.block(), exhaustive.block(), tuple(rows), measures)


def true_picture(dataset: PanopticDataset, picture: DatasetPicture) -> SegmentedPicture:
    """The picture's truth; raises StudioError where its id map is damaged."""
    label_map = dataset.label_map(picture)
    return SegmentedPicture(label_map, picture.segments, picture.crowd_ids, picture.void_is_background)
