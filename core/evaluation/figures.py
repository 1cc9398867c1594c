"""Everything that is counted under one rule, and how it reads as JSON: fractions, None where nothing was measured."""

from dataclasses import dataclass
from functools import reduce
from operator import add
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from core.evaluation.average_precision import InstanceFigures
from core.evaluation.oracle import OracleStat
from core.evaluation.panoptic_quality import SIZES, PanopticStat
from core.evaluation.semantic import SemanticStat
from core.types import Taxonomy

Row: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Figures:
    """Counts of some pictures; they add up.

    Attributes:
        by_size: panoptic counts of small, medium and large segments.
        outlines: the same matches, with their boundary IoU in place of mask IoU.
        boundary: matches by the lesser of mask and boundary IoU, as for the paper's Boundary PQ.
    """

    by_size: tuple[PanopticStat, ...]
    outlines: PanopticStat
    boundary: PanopticStat
    semantic: SemanticStat
    oracle: OracleStat

    @classmethod
    def zeros(cls, classes: int) -> "Figures":
        """Counts of no picture."""
        none = PanopticStat.zeros(classes)
        return cls((none,) * len(SIZES), none, none, SemanticStat.zeros(classes), OracleStat.zeros(classes))

    def __add__(self, other: "Figures") -> "Figures":
        return Figures(
            by_size=tuple(map(add, self.by_size, other.by_size)),
            outlines=self.outlines + other.outlines,
            boundary=self.boundary + other.boundary,
            semantic=self.semantic + other.semantic,
            oracle=self.oracle + other.oracle,
        )

    @property
    def panoptic(self) -> PanopticStat:
        """Panoptic counts of segments of every size."""
        return reduce(add, self.by_size)


def figures_json(figures: Figures, instances: InstanceFigures, taxonomy: Taxonomy) -> Row:
    """Averages, then the blocks ``oracle`` and ``by_size``, then ``per_class`` in the taxonomy's order."""
    precision = instances.to_json()
    return {
        **_qualities("", figures.panoptic, taxonomy),
        "miou": figures.semantic.mean_iou(),
        "fwiou": figures.semantic.frequency_weighted_iou(),
        "pixel_accuracy": figures.semantic.pixel_accuracy(),
        "boundary_iou": figures.outlines.average().sq,
        **_qualities("boundary_", figures.boundary, taxonomy),
        **precision,
        "oracle": figures.oracle.to_json(taxonomy.is_thing),
        "by_size": _sizes_json(figures, precision, np.ones(len(taxonomy), dtype=bool)),
        "per_class": _classes_json(figures, instances, taxonomy),
    }


def _qualities(prefix: str, stat: PanopticStat, taxonomy: Taxonomy) -> Row:
    groups = {"": None, "_things": taxonomy.is_thing, "_stuff": ~taxonomy.is_thing}
    averages = {suffix: stat.average(chosen) for suffix, chosen in groups.items()}
    return {
        f"{prefix}{name}{suffix}": getattr(quality, name)
        for suffix, quality in averages.items()
        for name in ("pq", "sq", "rq")
    }


def _classes_json(figures: Figures, instances: InstanceFigures, taxonomy: Taxonomy) -> list[Row]:
    panoptic, ious, rows = figures.panoptic, figures.semantic.iou().tolist(), []
    for index, category in enumerate(taxonomy.categories):
        only = np.arange(len(taxonomy)) == index
        quality, precision = panoptic.average(only), instances.to_json(only)
        rows.append(
            {
                "category_id": category.category_id,
                "name": category.name,
                "isthing": int(category.is_thing),
                "pq": quality.pq,
                "sq": quality.sq,
                "rq": quality.rq,
                "iou": None if np.isnan(ious[index]) else ious[index],
                "boundary_iou": figures.outlines.average(only).sq,
                "boundary_pq": figures.boundary.average(only).pq,
                **precision,
                **_counts(panoptic, only),
                "by_size": _sizes_json(figures, precision, only),
                "oracle": figures.oracle.class_json(index),
            }
        )
    return rows


def _sizes_json(figures: Figures, precision: Row, chosen: NDArray[np.bool_]) -> list[Row]:
    rows = []
    for size, stat in zip(SIZES, figures.by_size, strict=True):
        quality = stat.average(chosen)
        averages = {"pq": quality.pq, "sq": quality.sq, "rq": quality.rq, "ap": precision[f"ap_{size}"]}
        rows.append({"size": size, **averages, **_counts(stat, chosen)})
    return rows


def _counts(stat: PanopticStat, chosen: NDArray[np.bool_]) -> Row:
    return {key: int(getattr(stat, key)[chosen].sum()) for key in ("tp", "fp", "fn")}
