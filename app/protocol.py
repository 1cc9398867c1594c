"""The one door between a page and Python: looks up the message, checks whose picture it is about, answers in JSON."""

import logging
from typing import Any

from app.answers import alternatives, edits, export, import_, pictures, queries, views
from app.answers.album import ALBUM_ANSWERS, Album
from app.answers.assist import assist
from app.answers.best_queries import best_queries
from app.answers.doubtful import doubtful
from app.answers.edits import StaleVersionError
from app.answers.embeddings import embeddings
from app.answers.explain import explain, explain_export
from app.answers.fields import Fields
from app.answers.models import MODEL_ANSWERS, ModelDesk
from app.answers.reply import Answer, Reply
from app.answers.shortlist import shortlist
from app.explained import UnpreparedError
from app.owners import current_owner
from app.sessions import OpenPictures, Visitor
from core.document.store import PictureGoneError
from core.files import file_name
from core.messages import FIRST_LANGUAGE, StudioError

ANSWERS: dict[str, Answer] = {
    "open": pictures.open_picture,
    "queries": queries.queries,
    "query": queries.query,
    "embeddings": embeddings,
    "semantic": views.semantic,
    "instances": views.instances,
    "alternatives": alternatives.alternatives,
    "best_queries": best_queries,
    "doubtful": doubtful,
    "shortlist": shortlist,
    "assist": assist,
    "explain": explain,
    "explain_export": explain_export,
    "edit": edits.edit,
    "undo": edits.undo,
    "redo": edits.redo,
    "export": export.export,
    "import": import_.import_,
}

_UNWRITTEN = frozenset(
    f"error.{key}" for key in ("disk_full", "most_stored", "store_busy", "store_failed", "store_damaged")
)
_log = logging.getLogger(__name__)


class Protocol:
    """Answers the messages of all pages; whose a message is tells :func:`app.owners.current_owner`, no field of it.

    Args:
        pictures: the open pictures.
        desk: the models and their downloads.
        album: the stored pictures and their exports.
        max_upload: largest picture file, bytes.
        language: of the replies to a message that names none.
    """

    def __init__(
        self, pictures: OpenPictures, desk: ModelDesk, album: Album, *, max_upload: int, language: str = FIRST_LANGUAGE
    ) -> None:
        self._pictures = pictures
        self._desk = desk
        self._album = album
        self._max_upload = max_upload
        self._language = language

    def __call__(self, meta: dict[str, Any], file: bytes | None, session_hash: str) -> Reply:
        """``{"ok": True, ...}``, or a :func:`refusal`."""
        fields = Fields(meta, self._language, file)
        try:
            return {"ok": True, **self._reply(fields, session_hash)}
        except StudioError as error:
            return refusal(error, fields.language)
        except Exception as fault:  # a page that gets no answer would ask again for ever
            _log.exception("A message could not be answered")
            return refusal(StudioError("error.answer_broke", reason=type(fault).__name__), fields.language)

    def _reply(self, fields: Fields, session_hash: str) -> Reply:
        visitor = Visitor(session_hash, current_owner())
        name = fields.choice("name", ("offer", *MODEL_ANSWERS, *ALBUM_ANSWERS, *ANSWERS))
        if name == "offer":
            return self._offer(visitor, fields)
        if name in MODEL_ANSWERS:
            return MODEL_ANSWERS[name](self._desk, visitor, fields)
        if name in ALBUM_ANSWERS:
            return self._album_reply(name, visitor.owner, fields)
        with self._pictures.borrow(visitor.owner, fields.token("document")) as picture:
            return ANSWERS[name](picture, fields)

    def _album_reply(self, name: str, owner: str, fields: Fields) -> Reply:
        """What is renamed or removed in the store is so in memory, too."""
        reply = ALBUM_ANSWERS[name](self._album, owner, fields)
        if name == "rename":
            self._pictures.rename(owner, fields.token("picture"), reply["name"])
        if name == "remove":
            self._pictures.forget(owner, fields.token("picture"))
        return reply

    def _offer(self, visitor: Visitor, fields: Fields) -> Reply:
        """Parks an upload until the queued event collects it."""
        name = file_name(fields.text("file_name", longest=300, empty=True))
        file = fields.file()
        if len(file) > self._max_upload:
            raise StudioError("error.picture_bytes", name=name, limit=self._max_upload // 1_000_000)
        return {"pending": self._pictures.park(visitor, name, file)}


def refusal(error: StudioError, language: str) -> Reply:
    """``{"ok": False, "error": sentence}`` with the reason's flag where it has one.

    Flags: ``stale`` the message is about an older version, ``gone`` there is no such picture, ``unprepared`` a network
    has to run first, ``unwritten`` the edit is right but could not be written down: the page keeps it and asks again.
    """
    return {"ok": False, "error": error.said(language)} | dict.fromkeys(_flags(error), True)


def _flags(error: StudioError) -> list[str]:
    reasons = {
        "stale": isinstance(error, StaleVersionError),
        "gone": isinstance(error, PictureGoneError),
        "unprepared": isinstance(error, UnpreparedError),
        "unwritten": error.key in _UNWRITTEN,
    }
    return [flag for flag, is_why in reasons.items() if is_why]
