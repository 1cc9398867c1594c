"""The pixels a gesture covers, computed the slow way: what the browser's rules are held against.

Every rule looks at every pixel by itself, in whole numbers; nothing is shared with the browser's runs.
"""

from collections import deque
from collections.abc import Sequence
from itertools import pairwise
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Mask: TypeAlias = NDArray[np.bool_]
Point: TypeAlias = tuple[int, int]
Size: TypeAlias = tuple[int, int]


def brush(points_xy: Sequence[Point], diameter: int, image_hw: Size) -> Mask:
    """Pixels within ``diameter / 2`` of the polyline through pixel centres."""
    mask = np.zeros(image_hw, bool)
    for start, end in pairwise((points_xy[0], *points_xy)):
        mask |= _line(start, end, diameter, image_hw)
    return mask


def _line(start: Point, end: Point, diameter: int, image_hw: Size) -> Mask:
    y, x = np.ogrid[: image_hw[0], : image_hw[1]]
    (ax, ay), (bx, by) = start, end
    length = (bx - ax) ** 2 + (by - ay) ** 2
    from_start, from_end = (x - ax) ** 2 + (y - ay) ** 2, (x - bx) ** 2 + (y - by) ** 2
    round_ends = 4 * np.minimum(from_start, from_end) <= diameter**2
    beside = (abs(from_start - from_end) <= length) & (length > 0)
    height_doubled = (bx - ax) * (y - ay) - (by - ay) * (x - ax)
    return round_ends | (beside & (4 * height_doubled**2 <= diameter**2 * length))


def polygon(corners_xy: Sequence[Point], image_hw: Size) -> Mask:
    """Pixels whose centre has an odd number of edges to its left, or through it, in its own row."""
    y, x = np.ogrid[: image_hw[0], : image_hw[1]]
    inside = np.zeros(image_hw, bool)
    for (ax, ay), (bx, by) in pairwise((corners_xy[-1], *corners_xy)):
        if ay == by:
            continue
        (ax, ay), (bx, by) = ((ax, ay), (bx, by)) if ay < by else ((bx, by), (ax, ay))
        in_reach = (ay <= y) & (y < by)
        inside ^= in_reach & ((bx - ax) * (2 * y + 1 - 2 * ay) <= (by - ay) * (2 * x + 1 - 2 * ax))
    return inside


def rectangle(corner: Point, other: Point, image_hw: Size) -> Mask:
    """Pixels between two pixel corners, half open."""
    mask = np.zeros(image_hw, bool)
    (x0, x1), (y0, y1) = sorted((corner[0], other[0])), sorted((corner[1], other[1]))
    mask[max(0, y0) : max(0, y1), max(0, x0) : max(0, x1)] = True
    return mask


def fill(labels: NDArray[np.integer], at: Point) -> Mask:
    """The 4-connected region of the label at a pixel, walked pixel by pixel."""
    height, width = labels.shape
    mask = np.zeros(labels.shape, bool)
    mask[at[1], at[0]] = True
    waiting = deque([at])
    while waiting:
        x, y = waiting.popleft()
        for nx, ny in ((x - 1, y), (x + 1, y), (x, y - 1), (x, y + 1)):
            if 0 <= nx < width and 0 <= ny < height and not mask[ny, nx] and labels[ny, nx] == labels[y, x]:
                mask[ny, nx] = True
                waiting.append((nx, ny))
    return mask
