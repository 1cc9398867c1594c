"""Undo and redo: one entry for each gesture, each holding only what it changed."""

from dataclasses import dataclass, field

from core.document.composition import compose
from core.document.decisions import decide
from core.document.document import Document
from core.document.edits import Edit
from core.document.patch import Patch
from core.inference import Prediction

LIMIT_BYTES = 64 << 20  # of one picture's history; the oldest entries go first


def apply(document: Document, edit: Edit, prediction: Prediction) -> tuple[Document, Patch]:
    """The document after an edit, and the patch that takes it back.

    Raises:
        StudioError: the edit names something that is not there, or makes nothing.
    """
    after = compose(decide(document, edit, prediction), prediction, document)
    return after, Patch.between(after, document)


@dataclass(frozen=True, slots=True)
class Entry:
    """One gesture: its last edit, and the patch that takes it back (or, among the undone, does it again)."""

    edit: Edit
    gesture: str | None
    patch: Patch


@dataclass
class History:
    """The present document and the way back and forth from it."""

    document: Document
    limit_bytes: int = LIMIT_BYTES
    _done: list[Entry] = field(default_factory=list)
    _undone: list[Entry] = field(default_factory=list)

    def apply(self, edit: Edit, prediction: Prediction, gesture: str | None = None) -> Document:
        """Does an edit; edits of one ``gesture`` in a row (a slider being dragged) are undone together.

        Edits that change nothing in the end leave no entry.

        Raises:
            StudioError: as :func:`apply`, with nothing changed.
        """
        after, inverse = apply(self.document, edit, prediction)
        if not inverse.changes(after):
            return self.document
        last = self._done[-1] if self._done and not self._undone else None
        if last and gesture is not None and last.gesture == gesture:
            inverse = Patch.between(after, last.patch.apply(self.document))
            self._done.pop()
        if inverse.changes(after):
            self._done.append(Entry(edit, gesture, inverse))
        self._undone.clear()
        self.document = after
        self._forget_oldest()
        return after

    @property
    def undoable(self) -> Edit | None:
        """What :meth:`undo` would take back."""
        return self._done[-1].edit if self._done else None

    @property
    def redoable(self) -> Edit | None:
        """What :meth:`redo` would do again."""
        return self._undone[-1].edit if self._undone else None

    def undo(self) -> Document:
        """Takes the last gesture back; where there is none, nothing happens."""
        return self._step(self._done, self._undone)

    def redo(self) -> Document:
        """Does the gesture again that was taken back last; where there is none, nothing happens."""
        return self._step(self._undone, self._done)

    @property
    def nbytes(self) -> int:
        """Memory of the document's maps and of all entries."""
        return self.document.nbytes + sum(entry.patch.nbytes for entry in (*self._done, *self._undone))

    def _step(self, source: list[Entry], target: list[Entry]) -> Document:
        if source:
            entry = source.pop()
            before, self.document = self.document, entry.patch.apply(self.document)
            target.append(Entry(entry.edit, None, Patch.between(self.document, before)))
        return self.document

    def _forget_oldest(self) -> None:
        excess = sum(entry.patch.nbytes for entry in self._done) - self.limit_bytes
        while excess > 0 and len(self._done) > 1:
            excess -= self._done.pop(0).patch.nbytes
