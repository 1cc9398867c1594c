"""Taking the journal's steps into a snapshot, so that opening a picture stays quick however long it was worked on."""

import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from sqlalchemy import Row, func, select, update

from core.document.store.codec import dump_history
from core.document.store.database import Database
from core.document.store.journal import restore
from core.document.store.record import RecordError
from core.document.store.tables import journal, pictures, snapshots
from core.messages import StudioError

KEPT_STEPS = 64  # the newest stay readable after a snapshot: a client that lost the answer may ask for it again
MOST_STEPS = 256  # after a snapshot, before the next
LEAST_BYTES = 1 << 20
BYTES_A_STEP = 1 << 14  # a snapshot of so many bytes more is worth one more step of waiting


def is_due(picture: Row[Any]) -> bool:
    """Whether enough has come since the last snapshot.

    A snapshot holds all that can be undone, and so grows with the work. It is written anew only when the steps since
    the last are as many bytes again, or many: what is written in all stays within a small multiple of the steps.
    """
    steps = picture.seq - picture.snapshot_seq
    many = MOST_STEPS + picture.snapshot_bytes // BYTES_A_STEP
    return bool(steps >= many or picture.pending_bytes >= max(LEAST_BYTES, picture.snapshot_bytes))


def compact(database: Database, picture_id: str) -> None:
    """Writes a snapshot of the picture as it is in the store, beside all who read and write meanwhile.

    Raises:
        StudioError: the disk is full; the store is then as before.
        RecordError: what is stored is damaged.
    """
    with database.read() as connection:
        found = connection.execute(select(pictures).where(pictures.c.picture_id == picture_id)).first()
        if found is None or found.seq == found.snapshot_seq:
            return
        history = dump_history(restore(connection, picture_id))
    with database.write() as connection:
        unchanged = (pictures.c.picture_id == picture_id) & (pictures.c.snapshot_seq == found.snapshot_seq)
        if connection.execute(select(pictures.c.seq).where(unchanged)).first() is None:
            return  # deleted, or compacted by another program
        old = (journal.c.picture_id == picture_id) & (journal.c.seq <= found.seq - KEPT_STEPS)
        length = func.coalesce(func.sum(func.length(journal.c.step)), 0)
        forgotten = connection.execute(select(length).where(old)).scalar_one()
        connection.execute(update(journal).where(old, journal.c.step.is_not(None)).values(step=None))
        connection.execute(update(snapshots).where(snapshots.c.picture_id == picture_id).values(history=history))
        connection.execute(
            update(pictures)
            .where(unchanged)
            .values(
                snapshot_seq=found.seq,
                snapshot_bytes=len(history),
                pending_bytes=pictures.c.pending_bytes - found.pending_bytes,
                stored_bytes=pictures.c.stored_bytes + len(history) - found.snapshot_bytes - forgotten,
            )
        )


class Compactor:
    """One thread that compacts the pictures it is told of, so that nobody who paints waits for it."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="compaction")
        self._asked: set[str] = set()
        self._lock = threading.Lock()

    def ask(self, picture_id: str) -> None:
        """Has a picture compacted soon; asking again meanwhile changes nothing."""
        with self._lock:
            if picture_id not in self._asked:
                self._asked.add(picture_id)
                self._thread.submit(self._compact, picture_id)

    def close(self) -> None:
        """Returns when all that was asked is done."""
        self._thread.shutdown(wait=True)

    def _compact(self, picture_id: str) -> None:
        try:
            compact(self._database, picture_id)
        except (StudioError, RecordError) as error:  # nothing is lost, and the next step asks again
            logging.getLogger(__name__).warning("%s was not compacted: %s", picture_id, error)
        finally:
            with self._lock:
                self._asked.discard(picture_id)
