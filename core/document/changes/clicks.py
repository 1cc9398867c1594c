"""Shapes that clicks led to, and proposals that grew out of them."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from core.document.changes.rows import score_of
from core.document.changes.targets import target
from core.document.checks import find_segment, require_box, require_query
from core.document.document import Document
from core.document.edits import Adopt, Refine
from core.document.packing import unpack_labels, unpack_mask
from core.document.patch import Patch, slices
from core.document.redraw import redraw
from core.inference import Prediction
from core.messages import StudioError
from core.types import VOID, Origin, SegmentInfo


def refine(document: Document, edit: Refine, prediction: Prediction) -> Patch:
    """The segment has the mask's pixels; what it lost has other owners."""
    require_box(document, edit.box_xyxy)
    if edit.segment_id == VOID:
        raise StudioError("error.no_target")
    label, rows = target(document, edit.segment_id, edit.category_id)
    before = document.label_map[slices(edit.box_xyxy)]
    mask = unpack_mask(edit.mask, before.shape)
    if edit.segment_id is None and not mask.any():
        raise StudioError("error.click_nothing")
    lost = (before == label) & ~mask
    labels = np.where(mask, label, _heirs(document, edit, before.shape))
    gaining = [replace(find_segment(document, key), touched=True) for key in _present(labels[lost])]
    row = replace(rows[0], origin=Origin.CLICK)
    if edit.segment_id is None:
        row = _begun(document, row, edit.query, prediction)
    return redraw(document, edit.box_xyxy, mask | lost, labels, [row, *gaining])


def adopt(document: Document, edit: Adopt, prediction: Prediction) -> Patch:
    """Undecided pixels have other owners, who count as touched from then on, as where they are painted."""
    require_box(document, edit.box_xyxy)
    window = slices(edit.box_xyxy)
    before = document.label_map[window]
    labels = unpack_labels(edit.labels, before.shape).astype(np.int32)
    closed = [key for key, row in document.segments.items() if row.locked or row.reviewed]
    decided = [*closed, *(key for key, row in document.segments.items() if row.touched)]
    free = ~document.voided[window] & ~np.isin(before, decided) & ~np.isin(labels, closed) & (labels != before)
    rows = [replace(find_segment(document, key), touched=True) for key in _present(labels[free])]
    return redraw(document, edit.box_xyxy, free, labels, rows)


def _heirs(document: Document, edit: Refine, size_hw: tuple[int, ...]) -> NDArray[np.int32]:
    """(h, w) labels that take over; a locked segment takes nothing."""
    height, width = size_hw
    if edit.heirs is None:
        return np.zeros((height, width), dtype=np.int32)
    heirs = unpack_labels(edit.heirs, (height, width)).astype(np.int32)
    locked = [key for key, row in document.segments.items() if row.locked]
    heirs[np.isin(heirs, [*locked, edit.segment_id or VOID])] = VOID
    return heirs


def _present(labels: NDArray[np.int32]) -> list[int]:
    return [key for key in np.unique(labels).tolist() if key != VOID]


def _begun(document: Document, row: SegmentInfo, query: int | None, prediction: Prediction) -> SegmentInfo:
    """A new segment with the query that it began with, where that is free."""
    if query is None:
        return row
    require_query(query, prediction)
    if query in document.off or any(query in other.queries for other in document.segments.values()):
        return row
    begun = replace(row, queries=(query,))
    return replace(begun, score=score_of(begun, row.category_id, prediction))
