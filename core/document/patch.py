"""The difference between two documents, small enough to keep thousands of: what undo and redo are made of."""

import zlib
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from core.document.document import Document, Settings
from core.types import QueryFate, SegmentInfo


@dataclass(frozen=True, slots=True)
class Patch:
    """What turns one document into another.

    Attributes:
        rows, columns: the rectangle outside which the maps agree.
        labels: deflated uint16 labels of the rectangle (ids stay far below 65536: there are fewer than queries).
        voided: deflated bits of the rectangle.
        segments: the rows that differ; None where the other document has no such segment.
    """

    rows: slice
    columns: slice
    labels: bytes
    voided: bytes
    segments: dict[int, SegmentInfo | None]
    settings: Settings
    off: frozenset[int]
    silent: frozenset[int]
    assembled: tuple[QueryFate, ...]

    @classmethod
    def between(cls, before: Document, after: Document) -> Self:
        """The patch that turns ``before`` into ``after``."""
        rows, columns = _rectangle((before.label_map != after.label_map) | (before.voided != after.voided))
        ids = before.segments.keys() | after.segments.keys()
        return cls(
            rows=rows,
            columns=columns,
            labels=zlib.compress(after.label_map[rows, columns].astype(np.uint16).tobytes(), 1),
            voided=zlib.compress(np.packbits(after.voided[rows, columns]).tobytes(), 1),
            segments={i: after.segments.get(i) for i in ids if before.segments.get(i) != after.segments.get(i)},
            settings=after.settings,
            off=after.off,
            silent=after.silent,
            assembled=after.assembled,
        )

    def apply(self, document: Document) -> Document:
        """``document`` turned into the other; its version grows by one."""
        size = self.rows.stop - self.rows.start, self.columns.stop - self.columns.start
        label_map, voided = document.label_map.copy(), document.voided.copy()
        label_map[self.rows, self.columns] = np.frombuffer(zlib.decompress(self.labels), np.uint16).reshape(size)
        bits = np.frombuffer(zlib.decompress(self.voided), np.uint8)
        voided[self.rows, self.columns] = np.unpackbits(bits, count=size[0] * size[1]).reshape(size)
        merged = {**document.segments, **self.segments}
        return Document(
            label_map=label_map,
            segments={key: segment for key, segment in merged.items() if segment is not None},
            settings=self.settings,
            off=self.off,
            silent=self.silent,
            voided=voided,
            assembled=self.assembled,
            version=document.version + 1,
        )

    def changes(self, document: Document) -> bool:
        """False where applying the patch to the document it was made for would leave all as it is."""
        return (
            self.rows.stop > self.rows.start
            or bool(self.segments)
            or (self.settings, self.off, self.silent) != (document.settings, document.off, document.silent)
        )

    @property
    def nbytes(self) -> int:
        """Memory of the deflated maps."""
        return len(self.labels) + len(self.voided)


def _rectangle(differs: NDArray[np.bool_]) -> tuple[slice, slice]:
    """The smallest rows and columns that hold every True; both empty where there is none."""
    rows, columns = np.flatnonzero(differs.any(axis=1)), np.flatnonzero(differs.any(axis=0))
    if not len(rows):
        return slice(0, 0), slice(0, 0)
    return slice(int(rows[0]), int(rows[-1]) + 1), slice(int(columns[0]), int(columns[-1]) + 1)
