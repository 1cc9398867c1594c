"""Edits that derive a segment's new shape from its own: split, fill, grow, smooth."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from core.document import morphology
from core.document.changes.targets import pieces_of
from core.document.checks import LARGEST_RADIUS, find_unlocked, require_between, require_line
from core.document.document import Document
from core.document.edits import FillHoles, Grow, RemoveIslands, Smooth, SplitComponents, SplitLine
from core.document.patch import Patch, slices
from core.document.redraw import redraw, window_of
from core.inference import Prediction
from core.masks import components
from core.messages import StudioError
from core.types import VOID, Box, SegmentInfo


def split_components(document: Document, edit: SplitComponents, prediction: Prediction) -> Patch:
    """Each 8-connected part but the largest becomes a segment."""
    segment = find_unlocked(document, edit.segment_id)
    box, mask = window_of(document, edit.segment_id)
    parts, count = components(mask)
    if count < 2:
        raise StudioError("error.one_component", segment_id=edit.segment_id)
    return _split(document, segment, box, parts)


def split_line(document: Document, edit: SplitLine, prediction: Prediction) -> Patch:
    """Each piece that the line cuts off becomes a segment."""
    segment = find_unlocked(document, edit.segment_id)
    require_line(document, edit.points_xy)
    box, mask = window_of(document, edit.segment_id)
    points = [(x - box[0], y - box[1]) for x, y in edit.points_xy]
    pieces = morphology.cut(mask, points)
    if pieces.max() < 2:
        raise StudioError("error.cut_nothing", segment_id=edit.segment_id)
    return _split(document, segment, box, pieces)


def fill_holes(document: Document, edit: FillHoles, prediction: Prediction) -> Patch:
    """What the segment encloses is its own, but for segments that lie mostly in its holes."""
    segment = find_unlocked(document, edit.segment_id)
    box, mask = window_of(document, edit.segment_id)
    holes = morphology.holes(mask)
    labels, counts = np.unique(document.label_map[slices(box)][holes], return_counts=True)
    inside = dict(zip(labels.tolist(), counts.tolist(), strict=True))
    own = [key for key, count in inside.items() if key != VOID and 2 * count > document.segments[key].area]
    holes &= ~np.isin(document.label_map[slices(box)], own)
    return redraw(document, box, holes, edit.segment_id, [replace(segment, touched=True)])


def remove_islands(document: Document, edit: RemoveIslands, prediction: Prediction) -> Patch:
    """Parts that are too small become void."""
    segment = find_unlocked(document, edit.segment_id)
    box, mask = window_of(document, edit.segment_id)
    parts, _ = components(mask)
    small = np.bincount(parts.ravel()) < edit.smaller_than
    return redraw(document, box, mask & small[parts], VOID, [replace(segment, touched=True)])


def grow(document: Document, edit: Grow, prediction: Prediction) -> Patch:
    """A margin around the segment joins it, or one inside it leaves."""
    require_between(edit.pixels, -LARGEST_RADIUS, LARGEST_RADIUS)
    segment = find_unlocked(document, edit.segment_id)
    box, mask = window_of(document, edit.segment_id, margin=max(edit.pixels, 1))
    grown = morphology.dilated(mask, edit.pixels) if edit.pixels > 0 else morphology.eroded(mask, -edit.pixels)
    return _reshaped(document, segment, box, mask, grown)


def smooth(document: Document, edit: Smooth, prediction: Prediction) -> Patch:
    """Each pixel goes with the majority around it."""
    require_between(edit.radius, 1, LARGEST_RADIUS)
    segment = find_unlocked(document, edit.segment_id)
    box, mask = window_of(document, edit.segment_id, margin=edit.radius)
    return _reshaped(document, segment, box, mask, morphology.majority(mask, edit.radius))


def _reshaped(
    document: Document, segment: SegmentInfo, box: Box, mask: NDArray[np.bool_], wanted: NDArray[np.bool_]
) -> Patch:
    labels = np.where(wanted, segment.segment_id, VOID)
    return redraw(document, box, mask != wanted, labels, [replace(segment, touched=True)])


def _split(document: Document, segment: SegmentInfo, box: Box, pieces: NDArray[np.int32]) -> Patch:
    """Pieces are numbered from 1; the largest, the first of equals, keeps the segment's row."""
    sizes = np.bincount(pieces.ravel())
    sizes[VOID] = 0
    rows = pieces_of(segment, len(sizes) - 2, document)
    keys = iter(row.segment_id for row in rows)
    kept = int(sizes.argmax())
    label_of = np.array([VOID] + [segment.segment_id if n == kept else next(keys) for n in range(1, len(sizes))])
    return redraw(document, box, pieces != VOID, label_of[pieces], [replace(segment, touched=True), *rows])
