"""Direct edits: labels change inside a window, and nothing is assembled anew.

Every pixel that a person decides about ends up in a touched segment or is voided, so that a later assembly, whatever
its thresholds, leaves it alone. Areas are counted inside the window: the cost is the window's, not the picture's.
"""

from collections.abc import Iterable
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from core.document.document import Document
from core.document.patch import Patch, slices
from core.types import VOID, Box, SegmentInfo


def redraw(
    document: Document,
    box: Box,
    decided: NDArray[np.bool_],
    labels: NDArray[np.integer] | int,
    rows: Iterable[SegmentInfo] = (),
    switched_on: frozenset[int] = frozenset(),
) -> Patch:
    """Gives the decided pixels of a box their labels; locked segments keep theirs.

    A segment that is left without a pixel is gone. If it was touched, its queries win for nobody from then on, as if it
    had been deleted to void; else they stay the model's.

    Args:
        decided: (h, w) True where a person decides.
        labels: (h, w), or one for all.
        rows: segments as the edit leaves them, their areas as they were; a new segment's is 0.
        switched_on: queries that are on from then on.
    """
    before, voided = document.label_map[slices(box)], document.voided[slices(box)]
    decided = decided & ~_among(before, [key for key, row in document.segments.items() if row.locked])
    after, still_voided = before.copy(), voided.copy()
    np.copyto(after, labels, where=decided, casting="same_kind")
    np.copyto(still_voided, after == VOID, where=decided)
    moved = after != before
    differs = moved | (still_voided != voided)
    if not differs.any():
        return Patch.of_tables()
    named = {row.segment_id: row for row in rows}
    grown = _grown(document, named, _gains(before[moved], after[moved]))
    queries = _switched(document, _silenced(grown, named), switched_on)
    return Patch.drawn(box[:2], differs, after, still_voided, segments=_changed(document, grown), **queries)


def window_of(document: Document, segment_id: int, margin: int = 0) -> tuple[Box, NDArray[np.bool_]]:
    """The box of a label's pixels, widened by ``margin`` inside the picture, and their (h, w) mask there."""
    mask = document.label_map == segment_id
    box = widened(box_of(mask), margin, document)
    return box, mask[slices(box)]


def box_of(mask: NDArray[np.bool_]) -> Box:
    """The smallest box around a mask's pixels; all zeros where it has none."""
    x, y, width, height = cv2.boundingRect(mask.view(np.uint8))
    return x, y, x + width, y + height


def widened(box: Box, margin: int, document: Document) -> Box:
    """The box with ``margin`` more pixels on each side, as far as the picture goes."""
    height, width = document.size_hw
    return max(box[0] - margin, 0), max(box[1] - margin, 0), min(box[2] + margin, width), min(box[3] + margin, height)


def _gains(before: NDArray[np.integer], after: NDArray[np.integer]) -> dict[int, int]:
    """How many pixels each label has more, or fewer, of (N,) that change from one to another."""
    size = int(max(before.max(initial=VOID), after.max(initial=VOID))) + 1
    gains = np.bincount(after, minlength=size) - np.bincount(before, minlength=size)
    return {int(label): int(gains[label]) for label in np.flatnonzero(gains) if label != VOID}


def _grown(document: Document, named: dict[int, SegmentInfo], gains: dict[int, int]) -> dict[int, SegmentInfo]:
    """The rows that the edit names or whose area changes, with their areas afterwards."""
    known = {**document.segments, **named}
    return {key: replace(known[key], area=known[key].area + gains.get(key, 0)) for key in sorted({*named, *gains})}


def _changed(document: Document, grown: dict[int, SegmentInfo]) -> dict[int, SegmentInfo | None]:
    rows = {key: row if row.area else None for key, row in grown.items()}
    return {key: row for key, row in rows.items() if document.segments.get(key) != row}


def _silenced(grown: dict[int, SegmentInfo], named: dict[int, SegmentInfo]) -> frozenset[int]:
    """Queries of touched segments that are gone, unless another segment took them over."""
    lost = {query for row in grown.values() if row.touched and not row.area for query in row.queries}
    return frozenset(lost - {query for key, row in named.items() if grown[key].area for query in row.queries})


def _switched(document: Document, silenced: frozenset[int], switched_on: frozenset[int]) -> dict[str, frozenset[int]]:
    off, silent = ((queries | silenced) - switched_on for queries in (document.off, document.silent))
    return {} if (off, silent) == (document.off, document.silent) else {"off": off, "silent": silent}


def _among(labels: NDArray[np.integer], wanted: list[int]) -> NDArray[np.bool_]:
    return np.isin(labels, wanted) if wanted else np.zeros(labels.shape, dtype=bool)
