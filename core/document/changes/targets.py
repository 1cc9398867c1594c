"""Who gets the pixels: a segment, a new one, or nobody."""

from dataclasses import replace

from core.document.checks import find_unlocked, free_ids
from core.document.document import Document
from core.messages import StudioError
from core.types import VOID, Origin, SegmentInfo


def target(document: Document, segment_id: int | None, category_id: int | None) -> tuple[int, list[SegmentInfo]]:
    """The label to draw with, and the row behind it (none for void).

    Raises:
        StudioError: there is no such segment or category, the segment is locked, or neither is named.
    """
    if segment_id == VOID:
        return VOID, []
    if segment_id is not None:
        return segment_id, [replace(find_unlocked(document, segment_id), touched=True)]
    if category_id is None:
        raise StudioError("error.no_target")
    category = document.taxonomy.category(category_id)
    row = SegmentInfo(
        segment_id=free_ids(1, set(document.segments))[0],
        category_id=category.category_id,
        score=1.0,
        area=0,
        origin=Origin.PAINT,
        touched=True,
    )
    return row.segment_id, [row]


def pieces_of(segment: SegmentInfo, count: int, document: Document) -> list[SegmentInfo]:
    """Rows of ``count`` new segments that are split off one; its queries stay with it."""
    ids = free_ids(count, set(document.segments))
    return [
        replace(segment, segment_id=key, area=0, queries=(), touched=True, locked=False, reviewed=False) for key in ids
    ]
