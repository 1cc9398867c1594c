"""Boundary IoU: how well outlines agree (Cheng et al., arXiv 2103.16562).

A segment's band holds its pixels within a distance d of its outline, counted in king's moves; beyond the picture's edge
is outside. Boundary IoU is the IoU of two bands. Mask IoU forgives large segments a ragged outline, this does not.
"""

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from core.evaluation.overlaps import (
    SegmentedPicture,
    compact_map,
    intersection_over_union,
    pair_counts,
    shared_runs,
    void_to_background,
    with_void,
)
from core.types import Size

SHARE_OF_DIAGONAL = 0.02
_OUTSIDE = np.iinfo(np.uint16).max  # no segment's place


@dataclass(frozen=True, slots=True)
class BandOverlaps:
    """``pixels`` (1 + 2T + 1, 1 + 2P) shared by void, the segments' bands and what these leave of them.

    The last row is background.
    """

    pixels: NDArray[np.int64]

    def iou(self, true_kept: NDArray[np.bool_], predicted_kept: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Boundary IoU of the kept (T,) and (P,) segments; the others count as void, as for mask IoU."""
        rows, columns = np.r_[True, true_kept, true_kept, True], np.r_[True, predicted_kept, predicted_kept]
        pixels = with_void(self.pixels, rows, columns)
        return intersection_over_union(pixels, int(true_kept.sum()), int(predicted_kept.sum()))


def band_overlaps(truth: SegmentedPicture, predicted: SegmentedPicture) -> BandOverlaps:
    """Compares bands of the picture's own width; segments cover their labels exactly, as ``overlaps`` requires."""
    distance = band_width(truth.label_map.shape)
    rows, columns = (_banded(picture, distance) for picture in (truth, predicted))
    shape = 2 + 2 * len(truth.segments), 1 + 2 * len(predicted.segments)
    pixels = pair_counts(*shared_runs(rows, columns), shape)
    if truth.void_is_background:
        void_to_background(pixels)
    return BandOverlaps(pixels)


def band_width(size_hw: Size | tuple[int, ...], share: float = SHARE_OF_DIAGONAL) -> int:
    """Pixels, at least 1."""
    return max(1, round(share * math.hypot(*size_hw)))


def is_band(compact: NDArray[np.uint16], distance: int) -> NDArray[np.bool_]:
    """(H, W) True within ``distance`` of a pixel with another value, or of the picture's edge.

    All segments at once: a pixel lies in its segment's band where its neighbourhood holds more than one value.
    """
    around = cv2.getStructuringElement(cv2.MORPH_RECT, (2 * distance + 1, 2 * distance + 1))
    lowest = cv2.erode(compact, around)
    highest = cv2.dilate(compact, around, borderType=cv2.BORDER_CONSTANT, borderValue=_OUTSIDE)
    return np.asarray(lowest != highest)


def _banded(picture: SegmentedPicture, distance: int) -> NDArray[np.int32]:
    """(H, W) 0 for void, then the place of a segment in whose band a pixel lies, or that much beyond all bands."""
    compact = compact_map(picture).astype(np.uint16)
    inside = np.int32(len(picture.segments)) * ~is_band(compact, distance)
    return compact.astype(np.int32) + np.where(compact > 0, inside, 0)
