"""A person's corrections: each on the newest version, each undone and redone."""

from collections.abc import Callable

from app.answers.fields import Fields
from app.answers.reply import Reply
from app.answers.sentences import edit_name, edit_sentence
from app.answers.state import state_of
from app.sessions import OpenPicture
from core.document import Delete, Edit, Fill, Promote, Relabel, SetThresholds, Switch
from core.messages import StudioError, text

_LARGEST = 2**31 - 1


class StaleVersionError(StudioError):
    """The message was made for an older version of the document than the server holds."""

    def __init__(self) -> None:
        super().__init__("error.stale")


def edit(picture: OpenPicture, fields: Fields) -> Reply:
    """Does one edit; edits of the same ``gesture`` in a row become one step of undo."""
    _require_newest(picture, fields)
    row = fields.inside("edit")
    wanted = EDITS[row.choice("kind", tuple(EDITS))](row)
    gesture = fields.text("gesture", longest=64) if fields.has("gesture") else None
    before = picture.document.version
    picture.history.apply(wanted, picture.prediction, gesture)
    changed = picture.document.version != before
    if not changed:
        return _answer(picture, fields, text("app.done.nothing", fields.language))
    return _answer(picture, fields, edit_sentence(wanted, picture.prediction.taxonomy, fields.language))


def undo(picture: OpenPicture, fields: Fields) -> Reply:
    """Takes the last gesture back; nothing happens where there is none."""
    _require_newest(picture, fields)
    taken_back = edit_name(picture.history.undoable, picture.prediction.taxonomy, fields.language)
    picture.history.undo()
    return _answer(picture, fields, text("app.done.undo", fields.language, what=taken_back) if taken_back else "")


def redo(picture: OpenPicture, fields: Fields) -> Reply:
    """Does again what was taken back last; nothing happens where there is nothing."""
    _require_newest(picture, fields)
    done_again = edit_name(picture.history.redoable, picture.prediction.taxonomy, fields.language)
    picture.history.redo()
    return _answer(picture, fields, text("app.done.redo", fields.language, what=done_again) if done_again else "")


def _require_newest(picture: OpenPicture, fields: Fields) -> None:
    if fields.integer("version", 0, _LARGEST) != picture.document.version:
        raise StaleVersionError


def _answer(picture: OpenPicture, fields: Fields, message: str) -> Reply:
    return {"state": state_of(picture, fields.language), "message": message}


def _relabel(row: Fields) -> Edit:
    return Relabel(row.integer("segment_id", 1, _LARGEST), row.integer("category_id", 0, _LARGEST))


def _delete(row: Fields) -> Edit:
    return Delete(row.integer("segment_id", 1, _LARGEST), Fill(row.choice("fill", tuple(Fill))))


def _promote(row: Fields) -> Edit:
    return Promote(row.integer("query", 0, _LARGEST))


def _switch(row: Fields) -> Edit:
    return Switch(row.integer("query", 0, _LARGEST), row.flag("on"))


def _thresholds(row: Fields) -> Edit:
    return SetThresholds(row.number("score", 0, 1), row.number("overlap", 0, 1))


EDITS: dict[str, Callable[[Fields], Edit]] = {
    "relabel": _relabel,
    "delete": _delete,
    "promote": _promote,
    "switch": _switch,
    "thresholds": _thresholds,
}
