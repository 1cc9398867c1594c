"""A model's figures on a data set, by COCO's rules and by what the data set's sources labelled.

The top level scores every class on every picture. The block ``exhaustive`` scores a class only on pictures that do not
list it in ``not_exhaustive_category_ids``. On a picture that lists classes E:

* PQ: true and predicted segments of E become void, then COCO's rules hold. So a predicted segment of E is neither right
  nor wrong, and its pixels are missing from whatever true segment they lie on; another segment's pixels on a true one
  of E are excused as on void.
* mIoU and pixel accuracy: pixels whose true class is in E are left out; a pixel predicted as a class of E is a miss of
  its true class and no charge against the predicted one.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from core.evaluation.panoptic_quality import PanopticStat, SegmentedPicture, panoptic_stat
from core.evaluation.semantic import SemanticStat, semantic_stat
from core.evaluation.table import render_table
from core.formats.panoptic_dataset import DatasetPicture, PanopticDataset
from core.types import SegmentInfo, Taxonomy

# (H, W) segment ids, their segments, and (H, W) class indices of semantic inference, all at the picture's size
Predicted: TypeAlias = tuple[NDArray[np.int32], Sequence[SegmentInfo], NDArray[np.int32]]


@dataclass(frozen=True, slots=True)
class Figures:
    """The panoptic and the semantic counts of some pictures under one rule."""

    panoptic: PanopticStat
    semantic: SemanticStat

    @classmethod
    def zeros(cls, classes: int) -> "Figures":
        """Counts of no picture."""
        return cls(PanopticStat.zeros(classes), SemanticStat.zeros(classes))

    def __add__(self, other: "Figures") -> "Figures":
        return Figures(self.panoptic + other.panoptic, self.semantic + other.semantic)

    def to_json(self, taxonomy: Taxonomy) -> dict[str, Any]:
        """Fractions, None where there was nothing to measure; then ``per_class`` in the taxonomy's order."""
        every = self.panoptic.average()
        things, stuff = self.panoptic.average(taxonomy.is_thing), self.panoptic.average(~taxonomy.is_thing)
        return {
            "pq": every.pq,
            "sq": every.sq,
            "rq": every.rq,
            "pq_things": things.pq,
            "sq_things": things.sq,
            "rq_things": things.rq,
            "pq_stuff": stuff.pq,
            "sq_stuff": stuff.sq,
            "rq_stuff": stuff.rq,
            "miou": self.semantic.mean_iou(),
            "pixel_accuracy": self.semantic.pixel_accuracy(),
            "per_class": self._per_class(taxonomy),
        }

    def _per_class(self, taxonomy: Taxonomy) -> list[dict[str, Any]]:
        stat = self.panoptic
        qualities, ious = stat.per_class().tolist(), self.semantic.iou().tolist()
        return [
            {
                "category_id": category.category_id,
                "name": category.name,
                "isthing": int(category.is_thing),
                **{key: _known(value) for key, value in zip(("pq", "sq", "rq"), qualities[index], strict=True)},
                "iou": _known(ious[index]),
                "tp": int(stat.tp[index]),
                "fp": int(stat.fp[index]),
                "fn": int(stat.fn[index]),
            }
            for index, category in enumerate(taxonomy.categories)
        ]


@dataclass(frozen=True, slots=True)
class Report:
    """Figures of ``pictures`` pictures: ``coco`` by COCO's rules, ``exhaustive`` where classes were labelled."""

    taxonomy: Taxonomy
    pictures: int
    coco: Figures
    exhaustive: Figures

    def to_json(self) -> dict[str, Any]:
        """COCO's figures at the top level, the block ``exhaustive`` with the same keys, and the number of pictures."""
        figures = self.coco.to_json(self.taxonomy)
        return {**figures, "exhaustive": self.exhaustive.to_json(self.taxonomy), "pictures": self.pictures}

    def table(self, language: str = "en") -> str:
        """The same as text for a terminal."""
        return render_table(self.to_json(), language)


def evaluate(
    predict: Callable[[DatasetPicture], Predicted],
    dataset: PanopticDataset,
    progress: Callable[[int, int], None] | None = None,
) -> Report:
    """Scores ``predict`` on every picture; ``progress`` is told (done, all) after each.

    Raises:
        StudioError: the data set's files are damaged or disagree.
        ValueError: a prediction has the wrong size or labels that are not its segments'.
    """
    coco = exhaustive = Figures.zeros(len(dataset.taxonomy))
    for done, picture in enumerate(dataset.pictures, start=1):
        scored, scored_where_labelled = _score(predict(picture), picture, dataset)
        coco, exhaustive = coco + scored, exhaustive + scored_where_labelled
        if progress is not None:
            progress(done, len(dataset))
    return Report(dataset.taxonomy, len(dataset), coco, exhaustive)


def _score(predicted: Predicted, picture: DatasetPicture, dataset: PanopticDataset) -> tuple[Figures, Figures]:
    taxonomy, exempt = dataset.taxonomy, picture.not_exhaustive_category_ids
    label_map, segments, class_map = predicted
    true_labels = dataset.label_map(picture)
    truth = SegmentedPicture(true_labels, picture.segments, picture.crowd_ids)
    guess = SegmentedPicture(label_map, tuple(segments))
    true_classes = dataset.class_map(picture, true_labels)
    coco = Figures(panoptic_stat(truth, guess, taxonomy), semantic_stat(true_classes, class_map, len(taxonomy)))
    if not exempt:
        return coco, coco
    exempt_classes = [taxonomy.class_index(category_id) for category_id in exempt]
    panoptic = panoptic_stat(truth.without(exempt), guess.without(exempt), taxonomy)
    return coco, Figures(panoptic, coco.semantic.without(exempt_classes))


def _known(value: float) -> float | None:
    return None if np.isnan(value) else value
