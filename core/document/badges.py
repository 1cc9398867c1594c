"""What became of every query in the picture as it stands, a person's edits included."""

from dataclasses import replace

from core.document.document import Document
from core.inference import Prediction, mask_area
from core.types import Fate, QueryFate, SegmentInfo


def fates(document: Document, prediction: Prediction) -> tuple[QueryFate, ...]:
    """One row for each query.

    A query behind a segment is ``SEGMENT`` if it stands first among the segment's queries, else ``FUSED``. One that the
    assembly made a segment of, but whose pixels a person decided otherwise about, is ``OVERLAPPED``. Areas of a query
    that took no part in the assembly, yet was promoted, are those of its mask and of its segment.
    """
    segment_of = {query: segment for segment in document.segments.values() for query in segment.queries}
    return tuple(
        _used(row, segment_of[row.query], prediction) if row.query in segment_of else _unused(row, document.off)
        for row in document.assembled
    )


def _used(row: QueryFate, segment: SegmentInfo, prediction: Prediction) -> QueryFate:
    fate = Fate.SEGMENT if segment.queries[0] == row.query else Fate.FUSED
    if row.mask_area == 0:
        row = replace(row, mask_area=mask_area(prediction, row.query), won_area=segment.area)
    return replace(row, fate=fate, segment_id=segment.segment_id)


def _unused(row: QueryFate, off: frozenset[int]) -> QueryFate:
    if row.query in off:
        return replace(row, fate=Fate.OFF, segment_id=None)
    return replace(row, fate=Fate.OVERLAPPED if row.segment_id else row.fate, segment_id=None)
