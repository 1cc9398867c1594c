"""A person's corrections: each on the newest version, each undone and redone, none of them done twice."""

from collections.abc import Callable

from app.answers.edit_fields import LARGEST, read_edit
from app.answers.fields import Fields
from app.answers.reply import Reply
from app.answers.sentences import edit_name, edit_sentence
from app.answers.state import delta_of, unchanged
from app.open_picture import OpenPicture
from core.document import Action, Edit, Entry, Step
from core.document.store import StaleStepError
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
    step = picture.history.prepare(wanted, picture.prediction, gesture)
    if step is None:
        return unchanged(picture) | {"message": text("app.done.nothing", fields.language)}
    return _take(picture, fields, step, lambda: edit_sentence(wanted, picture.document.taxonomy, fields.language))


def undo(picture: OpenPicture, fields: Fields) -> Reply:
    """Takes the last gesture back; nothing happens where there is none."""
    return _move(picture, fields, Action.UNDO, picture.history.done)


def redo(picture: OpenPicture, fields: Fields) -> Reply:
    """Does again what was taken back last; nothing happens where there is nothing."""
    return _move(picture, fields, Action.REDO, picture.history.undone)


def _move(picture: OpenPicture, fields: Fields, action: Action, entries: tuple[Entry, ...]) -> Reply:
    if earlier := _earlier(picture, fields):
        return earlier
    if not entries:
        return unchanged(picture)
    name = edit_name(entries[-1].edit, picture.document.taxonomy)
    step = Step(action, entries[-1].edit, None, entries[-1].patch)
    return _take(picture, fields, step, lambda: text(f"app.done.{action.value}", fields.language, what=name))


def _earlier(picture: OpenPicture, fields: Fields) -> Reply | None:
    """What was answered to this edit id before; else the message has to be about the newest version.

    An answer from before a restart is lost, but the journal knows the edit: the page hears that nothing changed since
    the newest version, and reloads if it has an older one, and hears which segments the edit opened.
    """
    edit_id = _edit_id(fields)
    if reply := picture.answered.find(edit_id):
        return reply
    if known := picture.store.earlier(picture.owner, picture.document_id, edit_id):
        _, step = known
        return unchanged(picture) | {"saved": True, "made": list(step.made) if step else []}
    if fields.integer("version", 0, LARGEST) != picture.document.version:
        raise StaleVersionError
    return None


def _take(picture: OpenPicture, fields: Fields, step: Step, message: Callable[[], str]) -> Reply:
    """Keeps a step, makes it and tells of it."""
    edit_id = _edit_id(fields)
    try:
        picture.take(step, edit_id)
    except StaleStepError as error:  # another program works on the same store
        raise StaleVersionError from error
    told = {"message": message(), "saved": True, "made": list(step.made)}
    reply = delta_of(picture, step.patch) | told
    picture.answered.remember(edit_id, reply)
    return reply


def _edit_id(fields: Fields) -> str:
    return fields.text("edit_id", longest=100)
