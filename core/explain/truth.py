"""A labelled picture as the truth that a prediction is held against, as training and evaluation see it."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.evaluation.overlaps import SegmentedPicture
from core.inference import Geometry, Prediction
from core.training.targets import Target
from core.types import VOID, SegmentInfo


@dataclass(frozen=True, eq=False)
class Truth:
    """The T true segments of one picture.

    Attributes:
        picture: at the picture's size; void counts for nothing.
        target: on the padded grid of the mask logits, in the same order.
        left_out: category ids of labelled segments that are no class of the model; their pixels count as void.
    """

    picture: SegmentedPicture
    target: Target
    left_out: frozenset[int]

    @property
    def segments(self) -> tuple[SegmentInfo, ...]:
        return self.picture.segments


def truth_of(label_map: NDArray[np.int32], segments: tuple[SegmentInfo, ...], prediction: Prediction) -> Truth:
    """The truth of a label map (H, W), its segments by falling area; classes that the model lacks are left out."""
    known = {category.category_id for category in prediction.taxonomy.categories}
    left_out = frozenset(segment.category_id for segment in segments) - known
    falling = tuple(sorted(segments, key=lambda segment: (-segment.area, segment.segment_id)))
    picture = SegmentedPicture(np.asarray(label_map), falling).without(left_out)
    return Truth(picture, _target(picture, prediction), left_out)


def _target(picture: SegmentedPicture, prediction: Prediction) -> Target:
    taxonomy, segments = prediction.taxonomy, picture.segments
    indices = np.array([taxonomy.class_index(segment.category_id) for segment in segments], dtype=np.int64)
    masks = grid_shares(picture.label_map, [segment.segment_id for segment in segments], prediction.geometry)
    return Target(
        class_indices=torch.from_numpy(indices),
        is_thing=torch.from_numpy(taxonomy.is_thing[indices]),
        masks=masks,
        valid=masks.sum(dim=0),
        exempt=torch.zeros(len(taxonomy), dtype=torch.bool),
    )


def grid_shares(label_map: NDArray[np.int32], labels: list[int], geometry: Geometry) -> Tensor:
    """(T, h, w) float32: the share of each cell of the padded grid that each label covers; padding is nobody's.

    A pixel of the resized picture has the label of the picture's pixel under its middle, as in training.
    """
    (rows, columns), stride = geometry.grid_hw, geometry.stride
    place_of = np.zeros(max(label_map.max(initial=VOID), *labels, VOID) + 1, dtype=np.int64)
    place_of[labels] = 1 + np.arange(len(labels))
    y, x = (
        np.minimum(((np.arange(resized) + 0.5) * side / resized).astype(np.int64), side - 1)
        for resized, side in zip(geometry.resized_hw, geometry.picture_hw, strict=True)
    )
    places = place_of[label_map[y][:, x]]  # (resized height, width)
    cells = (np.arange(len(y)) // stride)[:, None] * columns + np.arange(len(x)) // stride
    counts = np.bincount((places * (rows * columns) + cells).ravel(), minlength=(1 + len(labels)) * rows * columns)
    shares = counts.reshape(1 + len(labels), rows, columns)[1:].astype(np.float32) / stride**2
    return torch.from_numpy(shares)
