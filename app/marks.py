"""Where each segment of a picture lies: its box, and the point where its name is written.

Kept beside the document, because measuring a large picture anew for each stroke would take longer than the stroke.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from app.anchors import Point, anchors_xy
from core.document import Document, Patch
from core.masks import boxes_xyxy
from core.types import Box, Size

_ANCHOR_GRID = 128  # a segment's inside is searched on at most this many rows and columns
_DENSE = 4  # changed segments x dirty pixels, in pictures, above which all is measured in one pass


@dataclass(frozen=True, slots=True)
class Mark:
    """One segment's half-open box and a pixel (x, y) inside it."""

    box_xyxy: Box
    anchor_xy: Point


class Marks:
    """The marks of all segments of one document, brought up to date after each patch."""

    def __init__(self, document: Document) -> None:
        self._marks = measure(document, list(document.segments))

    def __getitem__(self, segment_id: int) -> Mark:
        return self._marks[segment_id]

    def follow(self, document: Document, patch: Patch) -> None:
        """After ``patch`` led to ``document``: looks at the patch's box, and beyond it only where a box shrinks."""
        is_dense = dirty_pixels(patch) * len(patch.segments) > _DENSE * document.label_map.size
        if is_dense:
            self._marks |= measure(document, [key for key, row in patch.segments.items() if row])
        for segment_id, row in patch.segments.items():
            if row is None:
                self._marks.pop(segment_id, None)
            elif not is_dense and (dirty_pixels(patch) or segment_id not in self._marks):
                self._marks[segment_id] = self._moved(document.label_map, segment_id, patch.box_xyxy)

    def _moved(self, label_map: NDArray[np.int32], segment_id: int, dirty: Box) -> Mark:
        mark = self._marks.get(segment_id)
        within = dirty if mark is None else _around(mark.box_xyxy, dirty)
        box = shrunk(label_map, segment_id, within, dirty)
        if mark and mark.box_xyxy == box and not _holds(dirty, mark.anchor_xy):
            return mark
        return Mark(box, anchor(label_map, segment_id, box, dirty, mark))


def measure(document: Document, ids: list[int]) -> dict[int, Mark]:
    """The marks of many segments in one pass over the map."""
    boxes = boxes_xyxy(document.label_map, ids)
    anchors = anchors_xy(document.label_map, ids, boxes)
    rows = zip(ids, boxes.tolist(), anchors, strict=True)
    return {segment_id: Mark((x0, y0, x1, y1), point) for segment_id, (x0, y0, x1, y1), point in rows}


def shrunk(label_map: NDArray[np.int32], segment_id: int, within: Box, dirty: Box) -> Box:
    """The smallest box of a label inside a box that holds all of it.

    Reads only the rows and columns it cuts off, and only at sides that the dirty box reaches: the others are as before.
    """
    x0, y0, x1, y1 = within
    if dirty[1] <= y0:
        y0 += _empty_lines(label_map[y0:y1, x0:x1], segment_id)
    if dirty[3] >= y1:
        y1 -= _empty_lines(label_map[y0:y1, x0:x1][::-1], segment_id)
    if dirty[0] <= x0:
        x0 += _empty_lines(label_map[y0:y1, x0:x1].T, segment_id)
    if dirty[2] >= x1:
        x1 -= _empty_lines(label_map[y0:y1, x0:x1].T[::-1], segment_id)
    return x0, y0, x1, y1


def anchor(label_map: NDArray[np.int32], segment_id: int, box: Box, dirty: Box, mark: Mark | None) -> Point:
    """A pixel far inside the label, on a coarse grid of its box; where it is too thin for that, any of its pixels."""
    x0, y0, x1, y1 = box
    step = max(1, -(-max(y1 - y0, x1 - x0) // _ANCHOR_GRID))
    corner = step // 2 if min(y1 - y0, x1 - x0) > step // 2 else 0
    found = _deepest(label_map[y0 + corner : y1 : step, x0 + corner : x1 : step] == segment_id)
    if found:
        return x0 + corner + found[0] * step, y0 + corner + found[1] * step
    if mark and label_map[mark.anchor_xy[::-1]] == segment_id:
        return mark.anchor_xy
    return _first(label_map, segment_id, dirty) or _first(label_map, segment_id, box) or (x0, y0)


def dirty_pixels(patch: Patch) -> int:
    """Pixels of the patch's box."""
    height, width = size_of(patch.box_xyxy)
    return height * width


def size_of(box: Box) -> Size:
    """Height and width of a half-open box."""
    return box[3] - box[1], box[2] - box[0]


def _holds(box: Box, point: Point) -> bool:
    return box[0] <= point[0] < box[2] and box[1] <= point[1] < box[3]


def _around(first: Box, second: Box) -> Box:
    return min(first[0], second[0]), min(first[1], second[1]), max(first[2], second[2]), max(first[3], second[3])


def _empty_lines(lines: NDArray[np.int32], segment_id: int) -> int:
    """How many lines from the first on lack the label."""
    return next((number for number, line in enumerate(lines) if (line == segment_id).any()), len(lines))


def _deepest(inside: NDArray[np.bool_]) -> Point | None:
    """The point (x, y) farthest from the edge of a small mask and from its rim; None in an empty one."""
    depth = cv2.distanceTransform(np.pad(inside, 1).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_3)[1:-1, 1:-1]
    if depth.size == 0 or depth.max() == 0:
        return None
    y, x = divmod(int(depth.argmax()), depth.shape[1])
    return x, y


def _first(label_map: NDArray[np.int32], segment_id: int, box: Box) -> Point | None:
    """Any pixel (x, y) of the label in a box."""
    places: Iterable[int] = np.flatnonzero(label_map[box[1] : box[3], box[0] : box[2]] == segment_id)[:1].tolist()
    for place in places:
        y, x = divmod(place, box[2] - box[0])
        return box[0] + x, box[1] + y
    return None
