"""Strokes and regions: pixels that a person points at change their segment."""

from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from core.document.changes.targets import target
from core.document.checks import find_unlocked, require_box, require_point
from core.document.document import Document
from core.document.edits import FillAt, Merge, Paint, Subtract
from core.document.packing import unpack_mask
from core.document.patch import Patch, slices
from core.document.redraw import box_of, redraw, window_of
from core.inference import Prediction
from core.messages import StudioError
from core.types import VOID, Box


def paint(document: Document, edit: Paint, prediction: Prediction) -> Patch:
    """The stroke's pixels, of void alone if asked, go to the target."""
    label, rows = target(document, edit.segment_id, edit.category_id)
    mask = _mask(document, edit.box_xyxy, edit.mask)
    if edit.only_void:
        mask &= document.label_map[slices(edit.box_xyxy)] == VOID
    return redraw(document, edit.box_xyxy, mask, label, rows)


def subtract(document: Document, edit: Subtract, prediction: Prediction) -> Patch:
    """The stroke's pixels of one segment become void."""
    segment = find_unlocked(document, edit.segment_id)
    mask = _mask(document, edit.box_xyxy, edit.mask)
    mask &= document.label_map[slices(edit.box_xyxy)] == edit.segment_id
    return redraw(document, edit.box_xyxy, mask, VOID, [replace(segment, touched=True)])


def fill_at(document: Document, edit: FillAt, prediction: Prediction) -> Patch:
    """The region around a pixel goes to the target."""
    label, rows = target(document, edit.segment_id, edit.category_id)
    box, region = _region(document, edit.x, edit.y)
    return redraw(document, box, region, label, rows)


def merge(document: Document, edit: Merge, prediction: Prediction) -> Patch:
    """The others' pixels and queries go to the first segment."""
    segments = [find_unlocked(document, segment_id) for segment_id in dict.fromkeys(edit.segment_ids)]
    if len(segments) < 2:
        raise StudioError("error.merge_few")
    first, queries = segments[0], tuple(query for segment in segments for query in segment.queries)
    mask = np.isin(document.label_map, [segment.segment_id for segment in segments])
    box = box_of(mask)
    rows = [replace(first, queries=queries, touched=True)]
    return redraw(document, box, mask[slices(box)], first.segment_id, rows)


def _mask(document: Document, box: Box, packed: bytes) -> NDArray[np.bool_]:
    require_box(document, box)
    x0, y0, x1, y1 = box
    return unpack_mask(packed, (y1 - y0, x1 - x0))


def _region(document: Document, x: int, y: int) -> tuple[Box, NDArray[np.bool_]]:
    """The 4-connected pixels of one label around (x, y)."""
    require_point(document, x, y)
    label = int(document.label_map[y, x])
    if label != VOID:
        find_unlocked(document, label)
    (left, top, *_), mask = window_of(document, label)
    filled = mask.astype(np.uint8)
    _, _, _, (dx, dy, width, height) = cv2.floodFill(filled, None, (x - left, y - top), (2,), flags=4)
    box = left + dx, top + dy, left + dx + width, top + dy + height
    return box, filled[dy : dy + height, dx : dx + width] == 2
