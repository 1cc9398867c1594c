"""Where pictures and every edit of them are kept: nothing that was acknowledged is ever lost."""

import hashlib
import secrets
from pathlib import Path

from core.document.document import Document
from core.document.history import History, Step
from core.document.store import album
from core.document.store.codec import dump_history, dump_step, load_step
from core.document.store.compaction import Compactor, is_due
from core.document.store.contents import Contents, make_private
from core.document.store.database import Database
from core.document.store.journal import find_step, restore, write_step
from core.document.store.migrations import migrate
from core.document.store.record import RecordError
from core.document.store.values import Limits, PictureRow, Stored
from core.files import shown_name
from core.messages import StudioError
from core.types import Size

FILE = "studio.sqlite"


class Store:
    """The pictures of all owners in one folder; safe to use from any thread, and from several programs.

    An owner is any string that the caller vouches for. A picture of somebody else is a picture that is not there.

    Raises:
        StudioError: the folder cannot be made, read or written, or a later release wrote it.
    """

    def __init__(self, folder: Path, limits: Limits | None = None) -> None:
        make_private(folder)
        migrate(folder / FILE)
        self._folder = folder
        self._limits = limits or Limits()
        self._database = Database(folder / FILE)
        self._compactor = Compactor(self._database)
        self._contents = Contents(folder / "pictures")
        with self._database.read() as connection:
            known = album.known_ids(connection)
        self._contents.sweep(known)

    def create(
        self,
        owner: str,
        name: str,
        content: bytes,
        image_hw: Size,
        model: str,
        document: Document,
        thumbnail: bytes,
    ) -> str:
        """Keeps a picture as it was opened first, and returns its unguessable id.

        Args:
            name: what the owner calls it.
            content: the picture's file.
            model: names the checkpoint that predicted it, so that it can be asked again.
            thumbnail: a small encoded picture for the list.

        Raises:
            StudioError: the owner has as much as the limits allow, or the disk is full; nothing is kept then.
        """
        if document.size_hw != image_hw:
            raise ValueError(f"document must be {image_hw}, got {document.size_hw}")
        picture_id, history = secrets.token_urlsafe(16), dump_history(History(document))
        row = {
            "picture_id": picture_id,
            "owner_id": owner,
            "name": name,
            "model": model,
            "height": image_hw[0],
            "width": image_hw[1],
            "content_bytes": len(content),
            "content_sha256": hashlib.sha256(content).hexdigest(),
            **album.review(document),
        }
        self._contents.write(picture_id, content)
        try:
            with self._database.write() as connection:
                album.require_place(connection, owner, self._limits)
                album.require_room(connection, owner, len(content) + len(thumbnail) + len(history), self._limits)
                album.enter(connection, row, thumbnail, history)
        except StudioError:
            self._contents.remove(picture_id)
            raise
        return picture_id

    def untouched(self, owner: str, name: str, content: bytes, model: str) -> str | None:
        """Id of the owner's newest picture of this name, content and model to which nothing was ever done."""
        with self._database.read() as connection:
            return album.find_untouched(connection, owner, name, hashlib.sha256(content).hexdigest(), model)

    def append(self, owner: str, picture_id: str, seq: int, edit_id: str, step: Step, document: Document) -> int:
        """Writes a step to the journal; it is on the disk when this returns.

        Args:
            seq: the step's number, one more than the last.
            edit_id: made by the client, once for each step it asks for.
            document: after the step; its segments are counted for the list, its maps are not read.

        Returns:
            ``seq``, or the number under which this ``edit_id`` was written before; it is then not written again.

        Raises:
            PictureGoneError: no such picture of this owner.
            StaleStepError: ``seq`` is not the next number.
            StudioError: the disk or the owner's share is full; nothing is written then. A caller who writes a step
                before making it is never ahead of the store.
        """
        data = dump_step(step)
        with self._database.write() as connection:
            picture = album.find(connection, owner, picture_id)
            if known := find_step(connection, picture_id, edit_id):
                return int(known.seq)
            album.require_room(connection, owner, len(data), self._limits)
            write_step(connection, picture, seq, edit_id, data, document)
        if is_due(picture):
            self._compactor.ask(picture_id)
        return seq

    def load(self, owner: str, picture_id: str) -> Stored:
        """A picture as its last acknowledged step left it, with everything that can be undone and redone.

        Raises:
            PictureGoneError: no such picture of this owner.
            StudioError: what is stored of it is damaged, or a later release wrote it.
        """
        with self._database.read() as connection:
            row = album.find(connection, owner, picture_id)
            try:
                history = restore(connection, picture_id)
            except RecordError as error:
                raise self._unreadable(error, row.name) from error
        content = self._contents.read(picture_id)
        if content is None or hashlib.sha256(content).hexdigest() != row.content_sha256:
            raise StudioError("error.picture_file_gone", name=shown_name(row.name))
        if is_due(row):
            self._compactor.ask(picture_id)
        return Stored(row.name, content, row.model, history, row.seq)

    def earlier(self, owner: str, picture_id: str, edit_id: str) -> tuple[int, Step | None] | None:
        """Number and step of an edit id that was written before, or None; of a step of long ago, the number alone.

        Raises:
            PictureGoneError: no such picture of this owner.
        """
        with self._database.read() as connection:
            row = album.find(connection, owner, picture_id)
            known = find_step(connection, picture_id, edit_id)
        if known is None:
            return None
        try:
            return known.seq, None if known.step is None else load_step(known.step)
        except RecordError as error:
            raise self._unreadable(error, row.name) from error

    def pictures(self, owner: str) -> list[PictureRow]:
        """What the owner has, last changed first."""
        with self._database.read() as connection:
            return album.rows_of(connection, owner)

    def rename(self, owner: str, picture_id: str, name: str) -> None:
        """Raises PictureGoneError where the owner has no such picture."""
        with self._database.write() as connection:
            album.find(connection, owner, picture_id)
            album.rename(connection, picture_id, name)

    def delete(self, owner: str, picture_id: str) -> None:
        """Deletes a picture, its file and its history; raises PictureGoneError where the owner has no such picture."""
        with self._database.write() as connection:
            album.find(connection, owner, picture_id)
            album.remove(connection, picture_id)
        self._contents.remove(picture_id)
        self._database.shrink()

    def close(self) -> None:
        """Lets the files go, after what is being compacted."""
        self._compactor.close()
        self._database.close()

    def _unreadable(self, error: RecordError, name: str) -> StudioError:
        if error.is_newer:
            return StudioError("error.store_newer", folder=self._folder)
        return StudioError("error.picture_record", name=shown_name(name))
