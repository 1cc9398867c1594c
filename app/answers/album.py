"""The album's messages: the pictures somebody can come back to, their names, and one export of all of them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from app.album_exports import AlbumExport, AlbumExports
from app.answers.fields import Fields
from app.answers.reply import Reply
from app.encoding import base64_text
from app.stage import Stage
from core.document.store import PictureRow, Store
from core.files import file_name
from core.messages import StudioError, text

_LONGEST_NAME = 200
_PIECE_BYTES = 4 << 20
_LARGEST_ARCHIVE = 1 << 40


@dataclass(frozen=True, slots=True)
class Album:
    """What the messages are about: the store of all owners, and their exports."""

    store: Store
    exports: AlbumExports


AlbumAnswer: TypeAlias = Callable[[Album, str, Fields], Reply]


def pictures(album: Album, owner: str, fields: Fields) -> Reply:
    """Everything the owner has, the last changed first."""
    return {"pictures": [_row(row) for row in album.store.pictures(owner)]}


def rename(album: Album, owner: str, fields: Fields) -> Reply:
    """Calls a picture something else."""
    name = file_name(fields.text("to", longest=_LONGEST_NAME))
    album.store.rename(owner, fields.token("picture"), name)
    return {"name": name}


def remove(album: Album, owner: str, fields: Fields) -> Reply:
    """Deletes a picture and its history for good."""
    album.store.delete(owner, fields.token("picture"))
    return {}


def export_all(album: Album, owner: str, fields: Fields) -> Reply:
    """Begins to export everything the owner has."""
    return _progress(album.exports.begin(owner), fields.language)


def exporting(album: Album, owner: str, fields: Fields) -> Reply:
    """How far the export is; at the end what a person should hear about it."""
    export = album.exports.find(owner)
    return {"stage": "none"} if export is None else _progress(export, fields.language)


def exported(album: Album, owner: str, fields: Fields) -> Reply:
    """A piece of the finished archive as base64."""
    export = album.exports.find(owner)
    if export is None or export.stage is not Stage.DONE:
        raise StudioError("error.album_none")
    return {"piece": base64_text(export.piece(fields.integer("offset", 0, _LARGEST_ARCHIVE), _PIECE_BYTES))}


def leave_export(album: Album, owner: str, fields: Fields) -> Reply:
    """Waits no longer for the export, or has it."""
    album.exports.stop(owner)
    return {}


def _row(row: PictureRow) -> Reply:
    return {
        "picture": row.picture_id,
        "name": row.name,
        "model": row.model,
        "height": row.image_hw[0],
        "width": row.image_hw[1],
        "thumbnail": base64_text(row.thumbnail),
        "segments": row.segments,
        "reviewed": row.reviewed,
        "changed": row.changed,
    }


def _progress(export: AlbumExport, language: str) -> Reply:
    progress: Reply = {"stage": export.stage.value, "done": export.done, "total": export.total}
    if export.error:
        progress["sentence"] = export.error.said(language)
    if export.stage is Stage.DONE:
        progress |= {"size": export.size(), "file_name": "album_coco.zip", "notes": _notes(export, language)}
    return progress


def _notes(export: AlbumExport, language: str) -> list[str]:
    """Which categories got other ids or became things, and how many pictures other names."""
    rows = [f"{row.name} ({row.category_id} \u2192 {row.becomes})" for row in export.renumbered]
    notes = [text("app.album.note.renumbered", language, names=", ".join(rows))] if rows else []
    if export.now_things:
        notes.append(text("app.album.note.things", language, names=", ".join(export.now_things)))
    if export.renamed:
        notes.append(text("app.album.note.renamed", language, pictures=export.renamed))
    return notes


ALBUM_ANSWERS: dict[str, AlbumAnswer] = {
    "pictures": pictures,
    "rename": rename,
    "remove": remove,
    "export_all": export_all,
    "exporting": exporting,
    "exported": exported,
    "leave_export": leave_export,
}
