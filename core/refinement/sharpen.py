"""From the head's coarse logits to the edge that the picture shows: a guided filter (He et al. 2010) on the border."""

import math
from typing import TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from core.refinement.prompts import Mask
from core.refinement.window import shrunk
from core.types import Box

_Value = TypeVar("_Value", np.uint8, np.float32)

RADIUS = 1.5  # cells about each pixel
SAMPLES = 3  # a cell, across: the lines are found on a picture so much smaller, and enlarged (He and Sun 2015)
WHITE = 255
EPSILON = 1e-2  # of squared brightness 0..1: a smaller spread is no edge
GRAIN = 5  # pixels across: what is smaller on an edge is texture


def sharpened(image: NDArray[np.uint8], logits: NDArray[np.float32], part: Box) -> Mask:
    """(h, w) the mask of logits (side, side) that cover a picture (H, W, 3), in a part of it."""
    height, width, _ = image.shape
    whole = (0, 0, width, height)
    pixels_per_cell = max(height, width) / len(logits)
    step = max(1.0, pixels_per_cell / SAMPLES)
    radius = max(2, round(RADIUS * pixels_per_cell / step))
    around = _grown(part, math.ceil((2 * radius + 1) * step), whole)  # as far as a line reaches
    small_wh = max(1, round((around[2] - around[0]) / step)), max(1, round((around[3] - around[1]) / step))
    coarse = _sampled(logits, whole, around, small_wh) >= 0
    found = _sampled(coarse.view(np.uint8), around, part)
    if coarse.all() or not coarse.any():
        return found.astype(bool)
    small_probs = _sampled(np.asarray(expit(logits), np.float32), whole, around, small_wh)
    slope, offset = _lines(image[around[1] : around[3], around[0] : around[2]], small_probs, radius)
    guide = cv2.cvtColor(image[part[1] : part[3], part[0] : part[2]], cv2.COLOR_RGB2GRAY)
    lines = cv2.multiply(_sampled(slope, around, part), guide, scale=1 / WHITE, dtype=cv2.CV_32F)
    ragged = cv2.add(lines, _sampled(offset, around, part), dst=lines) >= 0.5
    fine = cv2.medianBlur(ragged.view(np.uint8), GRAIN)
    near_edge = _sampled(_near_edge(coarse, radius), around, part)
    return cv2.copyTo(fine, near_edge, found).astype(bool, copy=False)


def _lines(
    image: NDArray[np.uint8], values: NDArray[np.float32], radius: int
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Slope and offset, (h, w) each, of the lines in brightness that are nearest to ``values`` (h, w) about each place.

    ``image`` may be larger than they are; about a place is ``radius`` values to each side.
    """
    guide = cv2.cvtColor(shrunk(image, (values.shape[0], values.shape[1])), cv2.COLOR_RGB2GRAY) / np.float32(WHITE)
    side = (2 * radius + 1, 2 * radius + 1)

    def mean(of: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.asarray(cv2.blur(of, side), np.float32)

    mean_guide, mean_values = mean(guide), mean(values)
    spread = mean(guide * guide) - mean_guide * mean_guide
    shared = mean(guide * values) - mean_guide * mean_values
    slope = np.asarray(shared / (spread + EPSILON), np.float32)
    return mean(slope), mean(np.asarray(mean_values - slope * mean_guide, np.float32))


def _near_edge(mask: Mask, radius: int) -> NDArray[np.uint8]:
    """(h, w) 1 about the mask's border."""
    border = cv2.morphologyEx(mask.view(np.uint8), cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8))
    return np.asarray(cv2.dilate(border, np.ones((2 * radius + 1, 2 * radius + 1), np.uint8)), np.uint8)


def _grown(part: Box, margin: int, whole: Box) -> Box:
    (x0, y0, x1, y1), (left, top, right, bottom) = part, whole
    return max(left, x0 - margin), max(top, y0 - margin), min(right, x1 + margin), min(bottom, y1 + margin)


def _sampled(values: NDArray[_Value], whole: Box, part: Box, size_wh: tuple[int, int] | None = None) -> NDArray[_Value]:
    """(h, w) of values that cover a box of pixels those of a part of it, at each pixel or ``size_wh`` of them.

    The nearest of bytes, bilinear between floats.
    """
    (height, width), (x0, y0, x1, y1) = values.shape, part
    wide, high = size_wh or (x1 - x0, y1 - y0)
    per_pixel_x, per_pixel_y = width / (whole[2] - whole[0]), height / (whole[3] - whole[1])
    across, down = per_pixel_x * (x1 - x0) / wide, per_pixel_y * (y1 - y0) / high
    left, top = per_pixel_x * (x0 - whole[0]), per_pixel_y * (y0 - whole[1])
    to_values = np.array([[across, 0, left + 0.5 * across - 0.5], [0, down, top + 0.5 * down - 0.5]])
    way = cv2.INTER_NEAREST if values.dtype == np.uint8 else cv2.INTER_LINEAR
    flags = way | cv2.WARP_INVERSE_MAP
    sampled = cv2.warpAffine(values, to_values, (wide, high), flags=flags, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(sampled, values.dtype)
