"""From the head's coarse logits to the edge that the picture shows: a guided filter (He et al. 2010) on the border."""

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from core.refinement.prompts import Mask
from core.refinement.window import shrunk

RADIUS = 1.5  # cells about each pixel
SAMPLES = 3  # a cell, across: the lines are found on a picture so much smaller, and enlarged (He and Sun 2015)
WHITE = 255
EPSILON = 1e-2  # of squared brightness 0..1: a smaller spread is no edge
FINE = 1.0  # pixels in a cell: nothing to sharpen below
GRAIN = 5  # pixels across: what is smaller on an edge is texture


def sharpened(image: NDArray[np.uint8], logits: NDArray[np.float32]) -> Mask:
    """(h, w) the mask of logits (side, side) over a picture (h, w, 3)."""
    height, width, _ = image.shape
    pixels_per_cell = max(height, width) / len(logits)
    step = max(1.0, pixels_per_cell / SAMPLES)
    small_wh = max(1, round(width / step)), max(1, round(height / step))
    coarse = _resized(logits, small_wh, cv2.INTER_LINEAR) >= 0
    if pixels_per_cell <= FINE or coarse.all() or not coarse.any():
        return _enlarged(coarse, (width, height)).astype(bool)
    radius = max(2, round(RADIUS * pixels_per_cell / step))
    brightness = np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), np.uint8)
    ragged = guided(brightness, np.asarray(expit(logits), np.float32), radius, small_wh) >= 0.5
    fine = cv2.medianBlur(ragged.view(np.uint8), GRAIN)
    near_edge = _enlarged(_near_edge(coarse, radius), (width, height))
    return cv2.copyTo(fine, near_edge, _enlarged(coarse, (width, height))).astype(bool, copy=False)


def guided(
    guide: NDArray[np.uint8], values: NDArray[np.float32], radius: int, small_wh: tuple[int, int]
) -> NDArray[np.float32]:
    """(h, w) ``values`` (side, side) enlarged to be, about each pixel, the line in ``guide`` (h, w) nearest to them.

    The lines are found on pictures of ``small_wh`` pixels, on squares of ``radius`` of these to each side.
    """
    height, width = guide.shape
    small_guide = shrunk(guide, small_wh[::-1]) / np.float32(WHITE)
    small_values = _resized(values, small_wh, cv2.INTER_LINEAR)
    side = (2 * radius + 1, 2 * radius + 1)

    def mean(of: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.asarray(cv2.blur(of, side), np.float32)

    mean_guide, mean_values = mean(small_guide), mean(small_values)
    spread = mean(small_guide * small_guide) - mean_guide * mean_guide
    shared = mean(small_guide * small_values) - mean_guide * mean_values
    slope = np.asarray(shared / (spread + EPSILON), np.float32)
    offset = np.asarray(mean_values - slope * mean_guide, np.float32)
    slopes, offsets = (_resized(mean(each), (width, height), cv2.INTER_LINEAR) for each in (slope, offset))
    lines = cv2.multiply(slopes, guide, scale=1 / WHITE, dtype=cv2.CV_32F)
    return np.asarray(cv2.add(lines, offsets, dst=lines), np.float32)


def _near_edge(mask: Mask, radius: int) -> Mask:
    """(h, w) pixels about the mask's border."""
    border = cv2.morphologyEx(mask.view(np.uint8), cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8))
    return cv2.dilate(border, np.ones((2 * radius + 1, 2 * radius + 1), np.uint8)).astype(bool)


def _enlarged(mask: Mask, wh: tuple[int, int]) -> NDArray[np.uint8]:
    """(h, w) 0 or 1: the nearest of the mask's values."""
    return np.asarray(cv2.resize(mask.view(np.uint8), wh, interpolation=cv2.INTER_NEAREST), np.uint8)


def _resized(values: NDArray[np.float32], wh: tuple[int, int], way: int) -> NDArray[np.float32]:
    return np.asarray(cv2.resize(values, wh, interpolation=way), np.float32)
