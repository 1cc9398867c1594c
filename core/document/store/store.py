"""Where pictures and every edit of them are kept: nothing that was acknowledged is ever lost."""

from pathlib import Path

from core.document.document import Document
from core.document.store.contents import Contents
from core.document.store.database import Database
from core.document.store.migrations import migrate
from core.document.store.values import Limits, PictureRow, Stored
from core.types import Size

FILE = "studio.sqlite"


class Store:
    """The pictures of all owners in one folder; safe to use from any thread.

    An owner is any string that the caller vouches for. A picture of somebody else is a picture that is not there.

    Raises:
        StudioError: the folder cannot be made, read or written, or a later release wrote it.
    """

    def __init__(self, folder: Path, limits: Limits | None = None) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        migrate(folder / FILE)
        self._limits = limits or Limits()
        self._database = Database(folder / FILE)
        self._contents = Contents(folder / "pictures")

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
        raise NotImplementedError

    def append(self, owner: str, picture_id: str, seq: int, edit_id: str, step: object, document: Document) -> int:
        """Writes a step to the journal; it is on the disk when this returns.

        Args:
            seq: the step's number, one more than the last.
            edit_id: made by the client, once for each step it asks for.
            document: as it is after the step, for what the list says of it.

        Returns:
            ``seq``, or the number under which this ``edit_id`` was written before; it is then not written again.

        Raises:
            PictureGoneError: no such picture of this owner.
            StaleStepError: ``seq`` is not the next number.
            StudioError: the disk or the owner's share is full; nothing is written then.
        """
        raise NotImplementedError

    def load(self, owner: str, picture_id: str) -> Stored:
        """A picture as its last acknowledged step left it, with everything that can be undone and redone.

        Raises:
            PictureGoneError: no such picture of this owner.
            StudioError: what is stored of it is damaged.
        """
        raise NotImplementedError

    def earlier(self, owner: str, picture_id: str, edit_id: str) -> tuple[int, object | None] | None:
        """Number and step of an edit id that was written before, or None; a step of long ago is None alone.

        Raises:
            PictureGoneError: no such picture of this owner.
        """
        raise NotImplementedError

    def pictures(self, owner: str) -> list[PictureRow]:
        """What the owner has, last changed first."""
        raise NotImplementedError

    def rename(self, owner: str, picture_id: str, name: str) -> None:
        """Raises PictureGoneError where the owner has no such picture."""
        raise NotImplementedError

    def delete(self, owner: str, picture_id: str) -> None:
        """Deletes a picture for good, file and history; raises PictureGoneError where the owner has no such picture."""
        raise NotImplementedError

    def close(self) -> None:
        """Lets the files go, after what is being compacted."""
        self._database.close()
