"""The steps of one picture in order, and the snapshot that they go on from, inside a transaction of the caller."""

import time
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from core.document.document import Document
from core.document.history import History
from core.document.store.album import review
from core.document.store.codec import load_history, load_step
from core.document.store.tables import journal, pictures, snapshots
from core.document.store.values import StaleStepError


def find_step(connection: Connection, picture_id: str, edit_id: str) -> Row[Any, Any] | None:
    """Number and bytes of the step that was written under an edit id."""
    same = (journal.c.picture_id == picture_id) & (journal.c.edit_id == edit_id)
    return connection.execute(select(journal.c.seq, journal.c.step).where(same)).first()


def write_step(
    connection: Connection, picture: Row[Any], seq: int, edit_id: str, step: bytes, document: Document
) -> None:
    """Adds a step after the last one; raises StaleStepError where it is not the next."""
    if seq != picture.seq + 1:
        raise StaleStepError(seq, picture.seq)
    now = time.time()
    row = {"picture_id": picture.picture_id, "seq": seq, "edit_id": edit_id, "step": step, "written": now}
    connection.execute(insert(journal).values(row))
    sizes = {name: pictures.c[name] + len(step) for name in ("pending_bytes", "stored_bytes")}
    this = pictures.c.picture_id == picture.picture_id
    connection.execute(update(pictures).where(this).values(seq=seq, changed=now, **sizes, **review(document)))


def restore(connection: Connection, picture_id: str) -> History:
    """The history as the last step left it; raises RecordError where the bytes of it are damaged."""
    snapshot = select(snapshots.c.history).where(snapshots.c.picture_id == picture_id)
    history = load_history(connection.execute(snapshot).scalar_one())
    taken_in = select(pictures.c.snapshot_seq).where(pictures.c.picture_id == picture_id).scalar_subquery()
    later = (journal.c.picture_id == picture_id) & (journal.c.seq > taken_in)
    for step in connection.execute(select(journal.c.step).where(later).order_by(journal.c.seq)).scalars():
        history.replay(load_step(step))
    return history
