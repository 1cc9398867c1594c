"""What became of every query, asked anew only when an edit could have changed it."""

from core.document import Document, fates
from core.inference import Prediction
from core.types import QueryFate


class QueryFates:
    """The fates of one picture's queries; ``changed`` are those that the latest edit changed."""

    def __init__(self, document: Document, prediction: Prediction) -> None:
        self._key = _key(document)
        self.rows = fates(document, prediction)
        self.changed: tuple[QueryFate, ...] = ()

    def follow(self, document: Document, prediction: Prediction) -> None:
        """Painting on a segment moves no query: then nothing is computed."""
        key, before = _key(document), self.rows
        self.changed = ()
        if key != self._key:
            self._key, self.rows = key, fates(document, prediction)
            self.changed = tuple(row for row, earlier in zip(self.rows, before, strict=True) if row != earlier)


def _key(document: Document) -> tuple[object, ...]:
    """All that fates depend on. A query that no assembly had a mask of won what its segment has now."""
    unmeasured = {row.query for row in document.assembled if row.mask_area == 0}
    owners = tuple(
        (segment.segment_id, segment.queries, segment.area if unmeasured.intersection(segment.queries) else None)
        for segment in document.segments.values()
        if segment.queries
    )
    return document.assembled, document.off, owners
