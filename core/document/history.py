"""Undo and redo: one entry for each gesture, each holding only what it changed."""

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from enum import StrEnum

from core.document.changes import change
from core.document.document import Document
from core.document.edits import Edit
from core.document.patch import Patch, joined
from core.inference import Prediction

LIMIT_BYTES = 128 << 20  # of what can be undone in one picture; the oldest entries go first


def apply(document: Document, edit: Edit, prediction: Prediction) -> tuple[Document, Patch]:
    """The document after an edit, and the patch that takes it back.

    Raises:
        StudioError: the edit names something that is not there, or makes nothing.
    """
    patch = change(document, edit, prediction)
    return patch.apply(document), patch.inverse(document)


class Action(StrEnum):
    """What moved a history on."""

    APPLY = "apply"
    UNDO = "undo"
    REDO = "redo"


@dataclass(frozen=True, slots=True)
class Step:
    """One move of a history: the patch took it from the document before to the one after.

    ``made`` are the segments that an edit opened.
    """

    action: Action
    edit: Edit
    gesture: str | None
    patch: Patch
    made: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """One gesture: its last edit, and the patch that takes it back (or, among the undone, does it again)."""

    edit: Edit
    gesture: str | None
    patch: Patch

    @property
    def nbytes(self) -> int:
        """Memory of the packed pixels, the edit's own included."""
        values = (getattr(self.edit, field.name) for field in fields(self.edit))
        return self.patch.nbytes + sum(len(value) for value in values if isinstance(value, bytes))


class History:
    """The present document and the way back and forth from it.

    A stroke on 24 million pixels must not copy them. So the history keeps one pair of maps of its own, copied from the
    document it begins with, and edits write into them: the maps of :attr:`document` are read-only windows on these, and
    show the next edit too. Whoever shares a history holds its picture's lock while reading, or copies.

    Args:
        document: the present.
        done, undone: the way back and forth, as :attr:`done` and :attr:`undone` of an earlier history told it.
        limit_bytes: of packed pixels in ``done``.
    """

    def __init__(
        self,
        document: Document,
        *,
        done: Iterable[Entry] = (),
        undone: Iterable[Entry] = (),
        limit_bytes: int = LIMIT_BYTES,
    ) -> None:
        self._label_map, self._voided = document.label_map.copy(), document.voided.copy()
        self._document = replace(document, label_map=self._label_map, voided=self._voided)
        self._done, self._undone = list(done), list(undone)
        self._limit_bytes = limit_bytes

    @property
    def document(self) -> Document:
        """The present; its maps are windows on the history's own."""
        return self._document

    @property
    def done(self) -> tuple[Entry, ...]:
        """What can be undone, oldest first."""
        return tuple(self._done)

    @property
    def undone(self) -> tuple[Entry, ...]:
        """What can be redone, the next one last."""
        return tuple(self._undone)

    @property
    def undoable(self) -> Edit | None:
        """What :meth:`undo` would take back."""
        return self._done[-1].edit if self._done else None

    @property
    def redoable(self) -> Edit | None:
        """What :meth:`redo` would do again."""
        return self._undone[-1].edit if self._undone else None

    @property
    def nbytes(self) -> int:
        """Memory of the document's maps and of all entries."""
        return self._document.nbytes + sum(entry.nbytes for entry in (*self._done, *self._undone))

    def apply(self, edit: Edit, prediction: Prediction, gesture: str | None = None) -> Step | None:
        """Does an edit; edits of one ``gesture`` in a row (a slider being dragged) are undone together.

        None, and no entry, where the edit changes nothing.

        Raises:
            StudioError: as :func:`apply`, with nothing changed.
        """
        step = self.prepare(edit, prediction, gesture)
        if step is not None:
            self.replay(step)
        return step

    def prepare(self, edit: Edit, prediction: Prediction, gesture: str | None = None) -> Step | None:
        """The step that :meth:`apply` would make, for :meth:`replay`; nothing is changed yet."""
        patch = change(self._document, edit, prediction)
        if patch.is_empty:
            return None
        made = (key for key, row in patch.segments.items() if row is not None and key not in self._document.segments)
        return Step(Action.APPLY, edit, gesture, patch, tuple(made))

    def undo(self) -> Step | None:
        """Takes the last gesture back; None where there is none."""
        return self._move(Action.UNDO, self._done)

    def redo(self) -> Step | None:
        """Does the gesture again that was taken back last; None where there is none."""
        return self._move(Action.REDO, self._undone)

    def replay(self, step: Step) -> None:
        """Makes a move that an equal history made: document, undo and redo are then those that it had."""
        inverse = step.patch.inverse(self._document)
        self._advance(step.patch)
        match step.action:
            case Action.APPLY:
                self._record(Entry(step.edit, step.gesture, inverse))
                self._undone.clear()
            case Action.UNDO:
                self._done.pop()
                self._undone.append(Entry(step.edit, None, inverse))
            case Action.REDO:
                self._undone.pop()
                self._done.append(Entry(step.edit, None, inverse))

    def _move(self, action: Action, source: list[Entry]) -> Step | None:
        if not source:
            return None
        step = Step(action, source[-1].edit, None, source[-1].patch)
        self.replay(step)
        return step

    def _advance(self, patch: Patch) -> None:
        patch.paint(self._label_map, self._voided)
        self._document = patch.onto(self._document)

    def _record(self, entry: Entry) -> None:
        """Adds an entry; one that goes on with the last one's gesture becomes one with it, or both cancel out."""
        last = self._done[-1] if self._done and not self._undone else None
        if last and entry.gesture is not None and last.gesture == entry.gesture:
            self._done.pop()
            entry = replace(entry, patch=joined(self._document, entry.patch, last.patch))
        if not entry.patch.is_empty:
            self._done.append(entry)
        self._forget_oldest()

    def _forget_oldest(self) -> None:
        excess = sum(entry.nbytes for entry in self._done) - self._limit_bytes
        while excess > 0 and len(self._done) > 1:
            excess -= self._done.pop(0).nbytes
