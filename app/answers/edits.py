"""A person's corrections: each on the newest version, each undone and redone, none of them done twice."""

import secrets

from app.answers.edit_fields import LARGEST, read_edit
from app.answers.fields import Fields
from app.answers.reply import Reply
from app.answers.sentences import edit_name, edit_sentence
from app.answers.state import delta_of, state_of, unchanged
from app.sessions import OpenPicture
from core.document import Edit, Step
from core.messages import StudioError, text


class StaleVersionError(StudioError):
    """The message was made for an older version of the document than the server holds."""

    def __init__(self) -> None:
        super().__init__("error.stale")


def edit(picture: OpenPicture, fields: Fields) -> Reply:
    """Does one edit; edits of the same ``gesture`` in a row become one step of undo."""
    wanted = read_edit(fields.inside("edit"))
    return do_edit(picture, fields, wanted)


def do_edit(picture: OpenPicture, fields: Fields, wanted: Edit) -> Reply:
    """Does an edit that is read already, under the message's ``version``, ``edit_id`` and ``gesture``."""
    if earlier := _earlier(picture, fields):
        return earlier
    gesture = fields.text("gesture", longest=64) if fields.given("gesture") else None
    step = picture.history.apply(wanted, picture.prediction, gesture)
    if step is None:
        return unchanged(picture, fields.language) | {"message": text("app.done.nothing", fields.language)}
    return _done(picture, fields, step, edit_sentence(wanted, picture.document.taxonomy, fields.language))


def undo(picture: OpenPicture, fields: Fields) -> Reply:
    """Takes the last gesture back; nothing happens where there is none."""
    if earlier := _earlier(picture, fields):
        return earlier
    name = edit_name(picture.history.undoable, picture.document.taxonomy, fields.language)
    step = picture.history.undo()
    return _moved(picture, fields, step, text("app.done.undo", fields.language, what=name))


def redo(picture: OpenPicture, fields: Fields) -> Reply:
    """Does again what was taken back last; nothing happens where there is nothing."""
    if earlier := _earlier(picture, fields):
        return earlier
    name = edit_name(picture.history.redoable, picture.document.taxonomy, fields.language)
    step = picture.history.redo()
    return _moved(picture, fields, step, text("app.done.redo", fields.language, what=name))


def _earlier(picture: OpenPicture, fields: Fields) -> Reply | None:
    """What was answered to this edit id before; else the message has to be about the newest version."""
    if fields.given("edit_id") and (reply := picture.answered.find(_edit_id(fields))):
        return reply
    if fields.integer("version", 0, LARGEST) != picture.document.version:
        raise StaleVersionError
    return None


def _moved(picture: OpenPicture, fields: Fields, step: Step | None, sentence: str) -> Reply:
    return _done(picture, fields, step, sentence) if step else unchanged(picture, fields.language)


def _done(picture: OpenPicture, fields: Fields, step: Step, message: str) -> Reply:
    picture.follow(step.patch)
    reply = delta_of(picture, step.patch, fields.language) | {"message": message, "saved": True}
    if not fields.given("edit_id"):
        return reply | {"state": state_of(picture, fields.language)}
    picture.answered.remember(_edit_id(fields), reply)
    return reply


def _edit_id(fields: Fields) -> str:
    return fields.text("edit_id", longest=100) if fields.given("edit_id") else secrets.token_urlsafe(16)
