"""Exports of all pictures of an owner: each runs in a thread of its own, is watched, and waits to be fetched."""

import logging
import tempfile
import threading
from collections import OrderedDict
from contextlib import closing
from dataclasses import dataclass, field
from typing import BinaryIO

from app.stage import Stage
from core.document.store import Store
from core.files import shown_name
from core.formats.coco import AnnotatedPicture
from core.formats.coco_archive import CocoArchive, unlike_names
from core.formats.merging import Renumbered
from core.messages import StudioError

_AT_ONCE = 2
_KEPT = 8  # finished archives, of all owners; they lie in unnamed files on the disk
_log = logging.getLogger(__name__)


@dataclass
class AlbumExport:
    """One archive on its way.

    Attributes:
        done, total: pictures.
        renumbered, now_things, renamed: what a person should hear about merged categories and equal file names.
        stream: the archive, complete and read back once the stage is ``DONE``.
    """

    total: int
    stage: Stage = Stage.RUNNING
    done: int = 0
    error: StudioError | None = None
    renumbered: tuple[Renumbered, ...] = ()
    now_things: tuple[str, ...] = ()
    renamed: int = 0
    is_wanted: bool = True
    stream: BinaryIO = field(default_factory=lambda: tempfile.TemporaryFile())  # noqa: SIM115
    lock: threading.Lock = field(default_factory=threading.Lock)

    def size(self) -> int:
        """Bytes of the archive."""
        with self.lock:
            return self.stream.seek(0, 2)

    def piece(self, offset: int, length: int) -> bytes:
        """Bytes of the archive from ``offset`` on."""
        with self.lock:
            self.stream.seek(offset)
            return self.stream.read(length)


@dataclass
class AlbumExports:
    """Begins, watches and stops exports, one an owner."""

    store: Store
    _of_owner: OrderedDict[str, AlbumExport] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def begin(self, owner: str) -> AlbumExport:
        """Starts an export of everything the owner has, or joins the one that runs.

        Raises:
            StudioError: there is nothing to export, or too many exports run already.
        """
        with self._lock:
            running = self._of_owner.get(owner)
            if running is not None and running.stage is Stage.RUNNING and running.is_wanted:
                return running
            rows = self.store.pictures(owner)
            if not rows:
                raise StudioError("error.album_empty")
            if sum(export.stage is Stage.RUNNING for export in self._of_owner.values()) >= _AT_ONCE:
                raise StudioError("error.album_busy", count=_AT_ONCE)
            export = AlbumExport(len(rows))
            self._of_owner[owner] = export
            self._of_owner.move_to_end(owner)
            self._let_go()
        pictures = [(row.picture_id, row.name) for row in reversed(rows)]  # the oldest change first
        threading.Thread(target=self._run, args=(owner, export, pictures), name="album", daemon=True).start()
        return export

    def find(self, owner: str) -> AlbumExport | None:
        """The owner's latest export."""
        with self._lock:
            return self._of_owner.get(owner)

    def stop(self, owner: str) -> None:
        """The owner waits no longer: what runs stops after its present picture, what is finished is let go."""
        with self._lock:
            if export := self._of_owner.pop(owner, None):
                export.is_wanted = False

    def _let_go(self) -> None:
        finished = [owner for owner, export in self._of_owner.items() if export.stage is not Stage.RUNNING]
        for owner in finished[: max(0, len(self._of_owner) - _KEPT)]:
            del self._of_owner[owner]

    def _run(self, owner: str, export: AlbumExport, pictures: list[tuple[str, str]]) -> None:
        try:
            export.stage = self._write(owner, export, pictures)
        except StudioError as refusal:
            export.error, export.stage = refusal, Stage.FAILED
        except Exception as fault:  # a thread has nobody above it: what is not caught here would run for ever
            _log.exception("An export of all pictures broke")
            export.error = StudioError("error.album_broke", reason=type(fault).__name__)
            export.stage = Stage.FAILED

    def _write(self, owner: str, export: AlbumExport, pictures: list[tuple[str, str]]) -> Stage:
        names = unlike_names([name for _, name in pictures])
        with closing(CocoArchive(export.stream, names)) as archive:
            for picture_id, name in pictures:
                if not export.is_wanted:
                    return Stage.STOPPED
                self._add(archive, owner, picture_id, name)
                export.done += 1
            archive.finish()
        export.renumbered, export.now_things = tuple(archive.merger.renumbered), tuple(archive.merger.now_things)
        export.renamed = sum(ours != theirs for ours, (_, theirs) in zip(names, pictures, strict=True))
        return Stage.DONE

    def _add(self, archive: CocoArchive, owner: str, picture_id: str, name: str) -> None:
        try:
            document = self.store.load(owner, picture_id).history.document
            archive.add(
                AnnotatedPicture(name, document.label_map, tuple(document.segments.values())), document.taxonomy
            )
        except StudioError as error:
            raise StudioError("error.album_picture", name=shown_name(name), reason=error) from error
