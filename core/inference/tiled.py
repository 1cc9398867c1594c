"""A picture much larger than those a model was trained on: predicted tile by tile, each at its own scale."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.inference.panoptic import panoptic
from core.inference.prediction import Prediction
from core.inference.predictor import Predictor
from core.inference.semantic import semantic
from core.inference.stitching import stitch, stitch_semantic
from core.inference.tiles import Tiling
from core.masks import box_xyxy, encode_label_map
from core.types import Instance, InstanceResult, PanopticResult, SemanticResult, Taxonomy


@dataclass(frozen=True, slots=True, eq=False)
class TiledPicture:
    """An upright RGB picture (H, W, 3) uint8 and its tiles, which are predicted whenever a result is asked for.

    One tile's prediction is held at a time. ``progress`` is told (done, all) after each tile.
    """

    predictor: Predictor
    image: NDArray[np.uint8]
    tiling: Tiling
    progress: Callable[[int, int], None] | None = None

    def panoptic(self, score_threshold: float | None = None, overlap_threshold: float | None = None) -> PanopticResult:
        """Tiles assembled by the thresholds (default: the checkpoint's), and their segments joined across borders."""
        assembled = (panoptic(prediction, score_threshold, overlap_threshold) for prediction in self._predictions())
        return stitch(self.tiling, assembled, self._fused_ids())

    def semantic(self) -> SemanticResult:
        """One class for each pixel, as the tile says whose middle is nearest."""
        return stitch_semantic(self.tiling, map(semantic, self._predictions()))

    def panoptic_and_semantic(
        self, score_threshold: float | None = None, overlap_threshold: float | None = None
    ) -> tuple[PanopticResult, SemanticResult]:
        """Both from one run over the tiles."""
        class_map = np.zeros(self.tiling.picture_hw, dtype=np.int32)

        def assembled() -> Iterator[PanopticResult]:
            for tile, prediction in zip(self.tiling, self._predictions(), strict=True):
                class_map[tile.own] = semantic(prediction).class_map[tile.own_inside]
                yield panoptic(prediction, score_threshold, overlap_threshold)

        return stitch(self.tiling, assembled(), self._fused_ids()), SemanticResult(class_map)

    def _predictions(self) -> Iterator[Prediction]:
        for done, tile in enumerate(self.tiling, start=1):
            yield self.predictor.predict(self.image[tile.seen])
            if self.progress:
                self.progress(done, len(self.tiling))

    def _fused_ids(self) -> frozenset[int]:
        """Categories of which a picture has one segment."""
        checkpoint = self.predictor.checkpoint
        rows = checkpoint.taxonomy.categories
        return frozenset(row.category_id for row in rows if checkpoint.is_per_pixel or not row.is_thing)


def thing_instances(result: PanopticResult, taxonomy: Taxonomy) -> InstanceResult:
    """The things of a panoptic result as instances, by falling score; masks do not overlap.

    A thing that tiles made together has no query of its own: its segment's number stands there.
    """
    things = [s for s in result.segments if taxonomy.category(s.category_id).is_thing]
    things.sort(key=lambda segment: -segment.score)
    masks = encode_label_map(result.panoptic_map, [s.segment_id for s in things])
    height, width = result.panoptic_map.shape
    found = [
        Instance(segment.segment_id, segment.category_id, segment.score, segment.area, box_xyxy(mask), mask)
        for segment, mask in zip(things, masks, strict=True)
    ]
    return InstanceResult((height, width), tuple(found))
