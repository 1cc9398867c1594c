"""Pictures to click into: what a frozen model says of each, kept small enough for a thousand at once."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from core.formats.panoptic_dataset import DatasetPicture, PanopticDataset
from core.inference import Predictor, panoptic
from core.masks import parts_at
from core.refinement import RefinementFeatures, embed_for_refinement
from core.refinement.guess import is_taken
from core.refinement.prompts import Mask
from core.refinement.window import enlarged
from core.types import VOID, Size


@dataclass(frozen=True, eq=False)
class Scene:
    """One picture.

    Attributes:
        image: (H, W, 3) uint8.
        truth: (H, W) int32 segment ids, 0 = unknown.
        found: (H, W) int32 the model's own panoptic map.
        features: what clicks are solved on, in half precision.
        targets: ids of the segments that are worth correcting.
    """

    image: NDArray[np.uint8]
    truth: NDArray[np.int32]
    found: NDArray[np.int32]
    features: RefinementFeatures
    targets: NDArray[np.int32]

    @property
    def hw(self) -> Size:
        """Of the picture."""
        return self.truth.shape[0], self.truth.shape[1]

    def first_guess(self, x: int, y: int, *, is_alone: bool) -> Mask:
        """What :func:`core.refinement.guess.first_guess` says (H, W): a part of a query's mask, or nothing.

        Unless ``is_alone``, the model's segments are there already.
        """
        (rows, columns), (scale_y, scale_x) = self.features.proposals.hw, self.features.geometry.scale_hw
        row, column = min(rows - 1, int((y + 0.5) * scale_y)), min(columns - 1, int((x + 0.5) * scale_x))
        mask = self.features.proposals.best_at(row, column)
        if mask is None:
            return np.zeros(self.hw, dtype=bool)
        guess = parts_at(enlarged(mask.astype(np.float32), self.features.geometry) >= 0.5, [x], [y])
        if not is_alone and is_taken(guess, self.found, int(self.found[y, x])):
            return np.zeros(self.hw, dtype=bool)
        return guess


def scenes(
    predictor: Predictor,
    dataset: PanopticDataset,
    least_area: int,
    progress: Callable[[int, int], None] = lambda done, every: None,
) -> Iterator[Scene]:
    """Every picture of a data set that holds a segment of at least ``least_area`` pixels.

    Raises:
        StudioError: the data set is damaged.
    """
    for done, picture in enumerate(dataset.pictures, start=1):
        scene = _scene(predictor, dataset, picture, least_area)
        progress(done, len(dataset))
        if len(scene.targets):
            yield scene


def _scene(predictor: Predictor, dataset: PanopticDataset, picture: DatasetPicture, least_area: int) -> Scene:
    image, truth = dataset.image(picture), dataset.label_map(picture)
    prediction = predictor.predict(image)
    features = embed_for_refinement(predictor, image, prediction)
    ids, areas = np.unique(truth, return_counts=True)
    worth = (areas >= least_area) & (ids != VOID) & ~np.isin(ids, sorted(picture.crowd_ids))
    return Scene(
        image=image,
        truth=truth.astype(np.int32),
        found=panoptic(prediction).panoptic_map,
        features=replace(features, values=features.values.astype(np.float16)),
        targets=ids[worth].astype(np.int32),
    )
