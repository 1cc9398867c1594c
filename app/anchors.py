"""Where a segment's name is written: a point inside it, as far from its edge as there is."""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

_COARSE_LONG_SIDE = 512
Point = tuple[int, int]


def anchors_xy(label_map: NDArray[np.int32], labels: Sequence[int], boxes_xyxy: NDArray[np.int64]) -> list[Point]:
    """One pixel (x, y) of each label, far inside; found on every n-th pixel, on all where a label is too thin for that.

    Args:
        label_map: (H, W).
        labels: S labels, each with at least one pixel.
        boxes_xyxy: (S, 4) their half-open boxes.
    """
    step = -(-max(label_map.shape) // _COARSE_LONG_SIDE)
    coarse = label_map[::step, ::step]
    depth = _depth(coarse)
    anchors = []
    for label, box in zip(labels, boxes_xyxy.tolist(), strict=True):
        found = _deepest(coarse, depth, label, [-(-edge // step) for edge in box])
        if found is None:
            x0, y0, x1, y1 = box
            part = label_map[y0:y1, x0:x1]
            x, y = _deepest(part, _depth(part), label, [0, 0, x1 - x0, y1 - y0]) or (0, 0)
            anchors.append((x0 + x, y0 + y))
        else:
            anchors.append((found[0] * step, found[1] * step))
    return anchors


def _depth(label_map: NDArray[np.int32]) -> NDArray[np.float32]:
    """Distance of every pixel to the nearest one of another label or to the rim."""
    height, width = label_map.shape
    framed = np.full((height + 2, width + 2), -1, dtype=np.int32)
    framed[1:-1, 1:-1] = label_map
    centre = framed[1:-1, 1:-1]
    neighbours = (framed[:-2, 1:-1], framed[2:, 1:-1], framed[1:-1, :-2], framed[1:-1, 2:])
    inside = np.logical_and.reduce([centre == neighbour for neighbour in neighbours])
    depth = cv2.distanceTransform(inside.astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_3)
    return np.asarray(depth, dtype=np.float32)


def _deepest(
    label_map: NDArray[np.int32], depth: NDArray[np.float32], label: int, box_xyxy: Sequence[int]
) -> Point | None:
    x0, y0, x1, y1 = box_xyxy
    inside = np.where(label_map[y0:y1, x0:x1] == label, depth[y0:y1, x0:x1], np.float32(-1))
    if inside.size == 0 or inside.max() < 0:
        return None
    y, x = divmod(int(inside.argmax()), inside.shape[1])
    return x0 + x, y0 + y
