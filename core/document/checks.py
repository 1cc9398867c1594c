"""What every edit asks first: is there such a segment, may it be changed, do the pixels lie in the picture."""

from collections.abc import Sequence

from core.document.document import Document
from core.inference import Prediction
from core.messages import StudioError
from core.types import Box, SegmentInfo

MOST_SEGMENTS = 65535  # labels are kept as uint16
FARTHEST = 1 << 16  # pixels from the picture's corner that a line may begin or end: a flat picture has a high window
LARGEST_RADIUS = 500  # pixels that one edit grows, shrinks or smooths by


def find_segment(document: Document, segment_id: int) -> SegmentInfo:
    """Raises StudioError where the document has no such segment."""
    if segment_id not in document.segments:
        raise StudioError("error.no_segment", segment_id=segment_id)
    return document.segments[segment_id]


def find_unlocked(document: Document, segment_id: int) -> SegmentInfo:
    """Raises StudioError where the document has no such segment, or where it is locked."""
    segment = find_segment(document, segment_id)
    if segment.locked:
        raise StudioError("error.segment_locked", segment_id=segment_id)
    return segment


def free_ids(count: int, taken: set[int]) -> list[int]:
    """The ``count`` smallest positive ids that are not taken; raises StudioError where labels run out."""
    if count + len(taken) > MOST_SEGMENTS:
        raise StudioError("error.many_segments", most=MOST_SEGMENTS)
    candidates = range(1, count + len(taken) + 1)
    return [candidate for candidate in candidates if candidate not in taken][:count]


def require_query(query: int, prediction: Prediction) -> None:
    """Raises StudioError where the prediction has no such query."""
    if not 0 <= query < len(prediction):
        raise StudioError("error.no_query", query=query, last=len(prediction) - 1)


def require_box(document: Document, box_xyxy: Box) -> None:
    """Raises StudioError where a box is empty or leaves the picture."""
    (height, width), (x0, y0, x1, y1) = document.size_hw, box_xyxy
    if not (0 <= x0 < x1 <= width and 0 <= y0 < y1 <= height):
        raise StudioError("error.box_outside", box=box_xyxy, width=width, height=height)


def require_point(document: Document, x: int, y: int) -> None:
    """Raises StudioError where a pixel lies outside the picture."""
    height, width = document.size_hw
    if not (0 <= x < width and 0 <= y < height):
        raise StudioError("error.point_outside", x=x, y=y, width=width, height=height)


def require_line(document: Document, points_xy: Sequence[tuple[float, float]]) -> None:
    """Raises StudioError where a line runs further outside the picture than any window around it shows."""
    height, width = document.size_hw
    for x, y in points_xy:
        if not (abs(x) <= FARTHEST and abs(y) <= FARTHEST):
            raise StudioError("error.point_outside", x=x, y=y, width=width, height=height)


def require_between(pixels: int, least: int, most: int) -> None:
    """Raises StudioError where a number of pixels leaves its range."""
    if not least <= pixels <= most:
        raise StudioError("error.edit_size", value=pixels, least=least, most=most)
