"""The pictures' own files beside the database: written once, never changed, one for each picture."""

import contextlib
import errno
import os
import time
from collections.abc import Set as AbstractSet
from pathlib import Path

from core.files import write_atomically
from core.messages import StudioError

_ORPHAN_SECONDS = 3600  # a file without a row may be a picture that another program is about to enter


class Contents:
    """A folder of files named by picture id."""

    def __init__(self, folder: Path) -> None:
        make_private(folder)
        self._folder = folder

    def write(self, picture_id: str, content: bytes) -> None:
        """Puts a file on the disk for good: power may fail once this has returned.

        Raises:
            StudioError: the disk is full or the folder cannot be written.
        """
        try:
            write_atomically(self._folder / picture_id, content)
        except StudioError as error:
            if isinstance(error.__cause__, OSError) and error.__cause__.errno in (errno.ENOSPC, errno.EDQUOT):
                raise StudioError("error.disk_full") from error
            raise
        self._sync()

    def read(self, picture_id: str) -> bytes | None:
        """The file, or None where it is missing."""
        try:
            return (self._folder / picture_id).read_bytes()
        except FileNotFoundError:
            return None

    def remove(self, picture_id: str) -> None:
        """Deletes the file; one that cannot be deleted now goes with :meth:`sweep`."""
        with contextlib.suppress(OSError):
            (self._folder / picture_id).unlink(missing_ok=True)

    def sweep(self, known: AbstractSet[str]) -> None:
        """Deletes old files that no picture of ``known`` owns: what a program left that died between file and row."""
        before = time.time() - _ORPHAN_SECONDS
        for path in self._folder.iterdir():
            if path.name not in known and path.stat().st_mtime < before:
                self.remove(path.name)

    def _sync(self) -> None:
        """Makes the folder's new entry durable, where the system can."""
        if os.name == "nt":
            return
        descriptor = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def make_private(folder: Path) -> None:
    """Makes a folder that only this user reads, where there is none.

    Raises:
        StudioError: it cannot be made.
    """
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        folder.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise StudioError("error.store_failed", folder=folder, reason=error.strerror or error) from error
