"""The difference between two documents, small enough to keep thousands of: what undo and redo are made of."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from core.document.document import Document, Settings
from core.document.packing import pack_labels, pack_mask, unpack_labels, unpack_mask
from core.types import Box, QueryFate, SegmentInfo, Size, Taxonomy

NOWHERE: Box = (0, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Patch:
    """What turns one document into another. A field is None where the two agree.

    Attributes:
        box_xyxy: the rectangle outside which the maps agree; all zeros where they agree everywhere.
        labels: (y1 - y0, x1 - x0) labels as :func:`core.document.packing.pack_labels` packs them.
        voided: the same pixels' ``Document.voided`` as :func:`core.document.packing.pack_mask` packs it.
        segments: the rows that differ; None where the other document has no such segment.
    """

    box_xyxy: Box
    labels: bytes
    voided: bytes
    segments: Mapping[int, SegmentInfo | None]
    settings: Settings | None = None
    off: frozenset[int] | None = None
    silent: frozenset[int] | None = None
    assembled: tuple[QueryFate, ...] | None = None
    taxonomy: Taxonomy | None = None

    @classmethod
    def between(cls, before: Document, after: Document) -> Self:
        """The patch that turns ``before`` into ``after``."""
        differs = (before.label_map != after.label_map) | (before.voided != after.voided)
        return cls.drawn((0, 0), differs, after.label_map, after.voided, **_tables(before, after))

    @classmethod
    def drawn(
        cls,
        corner_xy: tuple[int, int],
        differs: NDArray[np.bool_],
        labels: NDArray[np.integer],
        voided: NDArray[np.bool_],
        **tables: Any,
    ) -> Self:
        """From the (h, w) maps that a window has afterwards, cut down to where they differ."""
        (rows, columns), (x, y) = _rectangle(differs), corner_xy
        box = (columns.start + x, rows.start + y, columns.stop + x, rows.stop + y) if rows.stop else NOWHERE
        return cls(box, pack_labels(labels[rows, columns]), pack_mask(voided[rows, columns]), **tables)

    @classmethod
    def of_tables(cls, **tables: Any) -> Self:
        """A patch that changes no pixel."""
        nothing = np.zeros((0, 0), dtype=bool)
        return cls(NOWHERE, pack_labels(nothing), pack_mask(nothing), **{"segments": {}, **tables})

    @property
    def size_hw(self) -> Size:
        """Height and width of the rectangle."""
        x0, y0, x1, y1 = self.box_xyxy
        return y1 - y0, x1 - x0

    def paint(self, label_map: NDArray[np.int32], voided: NDArray[np.bool_]) -> None:
        """Writes the rectangle into a document's maps."""
        window = slices(self.box_xyxy)
        label_map[window] = unpack_labels(self.labels, self.size_hw)
        voided[window] = unpack_mask(self.voided, self.size_hw)

    def onto(self, document: Document) -> Document:
        """``document`` with the tables of the other, about the same maps; its version grows by one."""
        rows = {**document.segments, **self.segments}
        changed = {name: getattr(self, name) for name in _FIELDS if getattr(self, name) is not None}
        segments = {key: segment for key, segment in rows.items() if segment is not None}
        return replace(document, segments=segments, version=document.version + 1, **changed)

    def apply(self, document: Document) -> Document:
        """``document`` turned into the other, with maps of its own; its version grows by one."""
        label_map, voided = document.label_map.copy(), document.voided.copy()
        self.paint(label_map, voided)
        return self.onto(replace(document, label_map=label_map, voided=voided))

    def inverse(self, document: Document) -> "Patch":
        """What takes this patch back, told from the document that it is about to change."""
        window = slices(self.box_xyxy)
        changed = {name: getattr(document, name) for name in _FIELDS if getattr(self, name) is not None}
        return Patch(
            self.box_xyxy,
            pack_labels(document.label_map[window]),
            pack_mask(document.voided[window]),
            {key: document.segments.get(key) for key in self.segments},
            **changed,
        )

    def moved(self, origin: Box) -> "Patch":
        """The patch as seen from the upper left corner of a box."""
        if self.box_xyxy == NOWHERE:
            return self
        (x, y), (x0, y0, x1, y1) = origin[:2], self.box_xyxy
        return replace(self, box_xyxy=(x0 - x, y0 - y, x1 - x, y1 - y))

    @property
    def is_empty(self) -> bool:
        """True where the two documents agree in everything."""
        return self.box_xyxy == NOWHERE and not self.segments and all(getattr(self, name) is None for name in _FIELDS)

    @property
    def nbytes(self) -> int:
        """Memory of the packed maps."""
        return len(self.labels) + len(self.voided)


_FIELDS = ("settings", "off", "silent", "assembled", "taxonomy")  # of a document, beside maps and segments


def joined(document: Document, first: Patch, second: Patch) -> Patch:
    """``first`` and ``second``, done one after the other on a document, as one patch that holds what differs then."""
    box = bounding(first.box_xyxy, second.box_xyxy)
    rows, columns = slices(box)
    window = replace(document, label_map=document.label_map[rows, columns], voided=document.voided[rows, columns])
    after = second.moved(box).apply(first.moved(box).apply(window))
    patch = Patch.between(window, after)
    return patch.moved((-box[0], -box[1], 0, 0))


def bounding(first: Box, second: Box) -> Box:
    """The smallest box around two; an empty one takes no room."""
    if NOWHERE in (first, second):
        return first if second == NOWHERE else second
    return min(first[0], second[0]), min(first[1], second[1]), max(first[2], second[2]), max(first[3], second[3])


def slices(box_xyxy: Box) -> tuple[slice, slice]:
    """The rows and columns of a half-open box."""
    x0, y0, x1, y1 = box_xyxy
    return slice(y0, y1), slice(x0, x1)


def _tables(before: Document, after: Document) -> dict[str, Any]:
    ids = before.segments.keys() | after.segments.keys()
    rows = {key: after.segments.get(key) for key in sorted(ids)}
    changed = {name: getattr(after, name) for name in _FIELDS if getattr(before, name) != getattr(after, name)}
    return {"segments": {key: row for key, row in rows.items() if before.segments.get(key) != row}, **changed}


def _rectangle(differs: NDArray[np.bool_]) -> tuple[slice, slice]:
    """The smallest rows and columns that hold every True; both empty where there is none."""
    rows, columns = np.flatnonzero(differs.any(axis=1)), np.flatnonzero(differs.any(axis=0))
    if not len(rows):
        return slice(0, 0), slice(0, 0)
    return slice(int(rows[0]), int(rows[-1]) + 1), slice(int(columns[0]), int(columns[-1]) + 1)
