"""What is to be corrected in a picture: every true segment, with the model's own mask of it."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.evaluation.clicks.methods import Seen
from core.formats.panoptic_dataset import DatasetPicture, PanopticDataset
from core.inference import Predictor
from core.refinement import embed_for_refinement
from core.refinement.prompts import Mask
from core.types import VOID

OWN = 0.5  # IoU of the model's segment from which a person corrects it; below, a new one is begun


@dataclass(frozen=True, eq=False)
class Target:
    """A true segment.

    Attributes:
        truth: (H, W).
        counts: (H, W) False where the truth is unknown.
        own: (H, W) the model's segment with the largest IoU; empty where that is below ``OWN``.
    """

    segment_id: int
    category_id: int
    area: int
    truth: Mask
    counts: Mask
    own: Mask


def seen(predictor: Predictor, image: NDArray[np.uint8]) -> Seen:
    """A picture with the model's prediction and the features that clicks are solved on."""
    prediction = predictor.predict(image)
    return Seen(image, prediction, embed_for_refinement(predictor, image, prediction))


def targets(
    picture: DatasetPicture, dataset: PanopticDataset, found: NDArray[np.int32], least_area: int
) -> Iterator[Target]:
    """The segments of at least ``least_area`` pixels, crowds left out; ``found`` (H, W) is the model's panoptic map."""
    truth = dataset.label_map(picture)
    counts = truth != VOID
    for segment in picture.segments:
        mask = truth == segment.segment_id
        area = int(mask.sum())
        if area >= least_area and segment.segment_id not in picture.crowd_ids:
            own = own_mask(mask, counts, found)
            yield Target(segment.segment_id, segment.category_id, area, mask, counts, own)


def own_mask(truth: Mask, counts: Mask, found: NDArray[np.int32]) -> Mask:
    """(H, W) the segment of a label map ``found`` with the largest IoU, where the truth counts; empty below ``OWN``."""
    known = np.where(counts, found, VOID)
    ids, shared = np.unique(known[truth], return_counts=True)
    best, best_iou = VOID, OWN
    for label, both in zip(ids.tolist(), shared.tolist(), strict=True):
        iou = both / (int((known == label).sum()) + int(truth.sum()) - both)
        if label != VOID and iou >= best_iou:
            best, best_iou = label, iou
    return np.asarray(found == best) if best != VOID else np.zeros(truth.shape, dtype=bool)
