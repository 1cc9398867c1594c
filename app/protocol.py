"""The one door between a page and Python: looks up the message, checks whose picture it is about, answers in JSON."""

from typing import Any

from app.answers import edits, export, import_, pictures, queries, views
from app.answers.edits import StaleVersionError
from app.answers.fields import Fields
from app.answers.models import MODEL_ANSWERS, ModelDesk
from app.answers.reply import Answer, Reply
from app.owners import current_owner
from app.sessions import OpenPictures, Visitor
from core.document.store import PictureGoneError
from core.files import file_name
from core.messages import StudioError, text

ANSWERS: dict[str, Answer] = {
    "open": pictures.open_picture,
    "queries": queries.queries,
    "query": queries.query,
    "semantic": views.semantic,
    "instances": views.instances,
    "edit": edits.edit,
    "undo": edits.undo,
    "redo": edits.redo,
    "export": export.export,
    "import": import_.import_,
}


class Protocol:
    """Answers the messages of all pages; holds nothing of any of them but the store.

    Args:
        store: the open pictures.
        desk: the models and their downloads.
        max_upload: largest picture file, bytes.
        language: the catalogue that errors are said in.
    """

    def __init__(self, store: OpenPictures, desk: ModelDesk, *, max_upload: int, language: str = "en") -> None:
        self._store = store
        self._desk = desk
        self._max_upload = max_upload
        self._language = language

    def __call__(self, meta: dict[str, Any], file: bytes | None, session_hash: str) -> Reply:
        """``{"ok": True, ...}`` or ``{"ok": False, "error": sentence}``, with ``stale`` or ``gone`` if that is why."""
        try:
            return {"ok": True, **self._reply(Fields(meta, self._language, file), session_hash)}
        except StudioError as error:
            sentence = text(error.key, self._language, **error.values)
            refusal: Reply = {"ok": False, "error": sentence}
            if isinstance(error, StaleVersionError):
                refusal["stale"] = True
            if isinstance(error, PictureGoneError):
                refusal["gone"] = True
            if error.key == "error.disk_full":
                refusal["full"] = True
            return refusal

    def _reply(self, fields: Fields, session_hash: str) -> Reply:
        visitor = Visitor.of(session_hash, fields.token("owner"))
        name = fields.choice("name", ("offer", *MODEL_ANSWERS, *ANSWERS))
        if name == "offer":
            return self._offer(visitor, fields)
        if name in MODEL_ANSWERS:
            return MODEL_ANSWERS[name](self._desk, visitor, fields)
        with self._store.borrow(visitor, fields.token("document")) as picture:
            return ANSWERS[name](picture, fields)

    def _offer(self, visitor: Visitor, fields: Fields) -> Reply:
        """Parks an upload until the queued event collects it."""
        name = file_name(fields.text("file_name", longest=300, empty=True))
        file = fields.file()
        if len(file) > self._max_upload:
            raise StudioError("error.picture_bytes", name=name, limit=self._max_upload // 1_000_000)
        return {"pending": self._store.park(visitor, name, file)}
