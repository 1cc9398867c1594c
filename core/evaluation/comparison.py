"""One picture's prediction against its truth: measured once, then counted by either rule."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from core.evaluation.boundary import BandOverlaps, band_overlaps
from core.evaluation.figures import Figures
from core.evaluation.oracle import OracleStat, oracle_stat
from core.evaluation.overlaps import Overlaps, SegmentedPicture, overlaps
from core.evaluation.panoptic_quality import SIZES, Matching, PanopticStat, match
from core.evaluation.semantic import SemanticStat, semantic_stat
from core.types import InstanceResult, RunLength, SegmentInfo, Taxonomy


@dataclass(frozen=True, slots=True)
class Predicted:
    """What a model says about one picture, all of it at the picture's size.

    Attributes:
        panoptic_map: (H, W) segment ids, 0 = void, of ``segments``.
        class_map: (H, W) class indices of semantic inference, negative = void.
        instances: scored masks of things, or None where average precision is not asked for.
        query_masks: every query's own mask, or None where the best of N queries is not asked for.
    """

    panoptic_map: NDArray[np.int32]
    segments: Sequence[SegmentInfo]
    class_map: NDArray[np.int32]
    instances: InstanceResult | None = None
    query_masks: Sequence[RunLength] | None = None


@dataclass(frozen=True, slots=True)
class Comparison:
    """What one picture's figures are counted from."""

    taxonomy: Taxonomy
    overlaps: Overlaps
    bands: BandOverlaps | None
    semantic: SemanticStat
    oracle: OracleStat

    def matching(self, left_out: Collection[int] = ()) -> Matching:
        """Which segments match by mask IoU, the classes in ``left_out`` turned void."""
        return match(self.overlaps.without(left_out), self.taxonomy)

    def figures(self, left_out: Collection[int] = ()) -> Figures:
        """The picture's counts, the classes in ``left_out`` not scored."""
        classes = len(self.taxonomy)
        kept = self.overlaps.without(left_out)
        matching = match(kept, self.taxonomy)
        outlines, boundary = self._boundary_stats(kept, matching, left_out)
        indices = [self.taxonomy.class_index(category_id) for category_id in left_out]
        return Figures(
            by_size=tuple(matching.stat(classes, size) for size in range(len(SIZES))),
            outlines=outlines,
            boundary=boundary,
            semantic=self.semantic.without(indices) if indices else self.semantic,
            oracle=self.oracle.without(indices) if indices else self.oracle,
        )

    def _boundary_stats(
        self, kept: Overlaps, matching: Matching, left_out: Collection[int]
    ) -> tuple[PanopticStat, PanopticStat]:
        """Boundary IoU of the matches by mask IoU, and the paper's matches by the lesser of the two."""
        classes = len(self.taxonomy)
        if self.bands is None:
            return PanopticStat.zeros(classes), PanopticStat.zeros(classes)
        iou = self.bands.iou(*self.overlaps.kept(left_out))  # (T, P)
        outlines = replace(matching, iou=iou[matching.pairs[:, 0], matching.pairs[:, 1]])
        both = match(kept, self.taxonomy, np.minimum(iou, kept.iou()))
        return outlines.stat(classes), both.stat(classes)


def compare(
    truth: SegmentedPicture,
    true_classes: NDArray[np.int32],
    predicted: Predicted,
    taxonomy: Taxonomy,
    *,
    boundary: bool = False,
) -> Comparison:
    """Measures a picture; ``true_classes`` (H, W) are class indices, negative = void.

    Raises:
        StudioError: a segment's category is unknown.
        ValueError: a map has the wrong size or labels that are not its segments'.
    """
    guess = SegmentedPicture(predicted.panoptic_map, tuple(predicted.segments))
    query_masks, classes = predicted.query_masks, len(taxonomy)
    return Comparison(
        taxonomy=taxonomy,
        overlaps=overlaps(truth, guess),
        bands=band_overlaps(truth, guess) if boundary else None,
        semantic=semantic_stat(true_classes, predicted.class_map, classes),
        oracle=OracleStat.zeros(classes) if query_masks is None else oracle_stat(truth, query_masks, taxonomy),
    )
