"""A hand that draws on the canvas: outlines and strokes over a region, how far it zooms in for them, how it misses."""

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from core.types import Box, Size

Mask: TypeAlias = NDArray[np.bool_]
Points: TypeAlias = NDArray[np.float64]  # (n, 2) x, y: pixel corners of an outline, pixels of a stroke
Drawn: TypeAlias = tuple[Box, Mask]  # the mask of a box

JITTER = 2.0  # pixels of the screen
WINDOW_WH, CLOSEST, NOTCH = (1000, 750), 16.0, 0.2  # the canvas, its largest scale, exponent of a wheel notch
LEAST_PART = 6  # pixels


def missed(points: Points, jitter: float, random: np.random.Generator) -> Points:
    """Each point up to ``jitter`` beside where it should be, in any direction."""
    angles, reach = random.uniform(0, 2 * np.pi, len(points)), jitter * np.sqrt(random.uniform(0, 1, len(points)))
    return points + np.stack([np.cos(angles), np.sin(angles)], axis=1) * reach[:, None]


def polygon(corners: Points, hw: Size) -> Drawn:
    """Pixels whose centre has an odd number of edges to its left, or through it, in its own row."""
    (x0, y0, x1, y1) = box = _box(corners, 0, hw)
    toggles = np.zeros((y1 - y0, x1 - x0 + 1), np.int64)
    for (ax, ay), (bx, by) in pairwise((corners[-1], *corners)):
        low, high = sorted((ay, by))
        rows = np.arange(max(y0, math.ceil(low - 0.5)), min(y1, math.ceil(high - 0.5)))
        if len(rows):
            crossed = ax + (bx - ax) * (rows + 0.5 - ay) / (by - ay)
            np.add.at(toggles, (rows - y0, (np.ceil(crossed - 0.5).astype(int) - x0).clip(0, x1 - x0)), 1)
    return box, np.cumsum(toggles, axis=1)[:, :-1] % 2 == 1


def strokes(paths: Sequence[Points], diameter: int, hw: Size) -> Drawn:
    """Pixels within half a diameter of lines of pixels."""
    (x0, y0, x1, y1) = box = _box(np.concatenate(paths), diameter, hw)
    away = np.ones((y1 - y0, x1 - x0), np.uint8)
    for points in paths:
        cv2.polylines(away, [points.astype(np.int32) - (x0, y0)], isClosed=False, color=0)
    return box, _distance(away) <= diameter / 2


def _box(points: Points, margin: int, hw: Size) -> Box:
    low, high = points.min(axis=0).astype(int) - margin, points.max(axis=0).astype(int) + margin + 1
    (x0, y0), (x1, y1) = low.clip(0, (hw[1] - 1, hw[0] - 1)), high.clip(1, hw[::-1])
    return int(x0), int(y0), int(x1), int(y1)


def outline(region: Mask) -> Points:
    """The outer outline of a region's largest part, in eighths of a pixel."""
    x, y, w, h = cv2.boundingRect(region.astype(np.uint8))
    fine = cv2.resize(region[y : y + h, x : x + w].astype(np.uint8), None, fx=4, fy=4, interpolation=cv2.INTER_NEAREST)
    contours, _ = cv2.findContours(fine, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    contour = max(contours, key=cv2.contourArea)[:, 0]
    return (contour + 0.5) / 4 + (x, y)


def corners_of(contour: Points, tolerance: float) -> Points:
    """As few corners as leave the outline by about ``tolerance`` pixels at most."""
    return cv2.approxPolyDP(contour[:, None].astype(np.float32), tolerance, closed=True)[:, 0].astype(float)


def room_inside(allowed: Mask, margin: int) -> NDArray[np.float32]:
    """Each pixel's distance from what is not allowed; the picture's own border is no limit."""
    inner = slice(margin, -margin)
    return _distance(np.pad(allowed, margin, mode="edge").astype(np.uint8))[inner, inner]


def inner_paths(room: NDArray[np.float32], missing: Mask, diameter: int) -> list[Points]:
    """Paths of a brush along the inside of an outline, wherever it touches what is missing."""
    x0, y0, x1, y1 = _box(np.argwhere(missing)[:, ::-1].astype(float), 2 * diameter, missing.shape)
    reach = _distance((~missing[y0:y1, x0:x1]).astype(np.uint8)) <= diameter / 2
    inside = (room[y0:y1, x0:x1] > diameter / 2).astype(np.uint8)
    contours, _ = cv2.findContours(inside, cv2.RETR_LIST, cv2.CHAIN_APPROX_NONE)
    found: list[Points] = []
    for points in (contour[:, 0] for contour in contours):
        touches = reach[points[:, 1], points[:, 0]]
        for run in np.split(np.arange(len(points)), np.flatnonzero(np.diff(touches)) + 1):
            if touches[run[0]]:
                found.append(np.array((x0, y0), float) + points[[*run[:: max(2, diameter // 2)], run[-1]]])
    return found


def _distance(outside: NDArray[np.uint8]) -> NDArray[np.float32]:
    return np.asarray(cv2.distanceTransform(outside, cv2.DIST_L2, cv2.DIST_MASK_PRECISE), np.float32)


def length_of(points: Points) -> float:
    return float(np.hypot(*np.diff(points, axis=0).T).sum())


def zoom_for(region: Mask, miss: float) -> tuple[float, int]:
    """How far the hand misses, in pixels of the picture, and what zooming in and back costs.

    It zooms until it misses by ``miss`` pixels at most, or as near as shows the whole region.
    """
    height, width = region.shape
    _, _, w, h = cv2.boundingRect(region.astype(np.uint8))
    whole, close = (
        min(CLOSEST, WINDOW_WH[0] / side, WINDOW_WH[1] / other) for side, other in ((width, height), (w, h))
    )
    wanted = math.ceil(math.log(max(1.0, JITTER / miss / whole)) / NOTCH)
    notches = min(wanted, math.floor(math.log(max(1.0, close / whole)) / NOTCH))
    return JITTER / whole / math.exp(NOTCH * notches), notches + (notches > 0)


def largest_parts(mask: Mask, count: int) -> list[Mask]:
    """The largest 8-connected parts, those of a few pixels left out."""
    _, parts, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8))
    order = [n for n in np.argsort(-stats[1:, cv2.CC_STAT_AREA]) + 1 if stats[n, cv2.CC_STAT_AREA] >= LEAST_PART]
    return [parts == n for n in order[:count]]


def iou(one: Mask, other: Mask) -> float:
    return float((one & other).sum() / max(1, (one | other).sum()))


def disc(radius: int) -> NDArray[np.uint8]:
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1,) * 2), np.uint8)
