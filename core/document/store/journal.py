"""The steps of one picture in order, and the snapshot that they go on from, inside a transaction of the caller."""

import time
from typing import Any

from sqlalchemy import Connection, Row, bindparam, insert, select, update

from core.document.document import Document
from core.document.history import History
from core.document.store.album import review
from core.document.store.codec import load_history, load_step
from core.document.store.record import RecordError
from core.document.store.tables import journal, pictures, snapshots
from core.document.store.values import StaleStepError

_SAME = select(journal.c.seq, journal.c.step).where(
    journal.c.picture_id == bindparam("picture_id"),
    journal.c.edit_id == bindparam("edit_id"),
)
_WRITE = insert(journal)
_ADVANCE = (
    update(pictures)
    .where(pictures.c.picture_id == bindparam("picture"))
    .values(
        seq=bindparam("seq"),
        changed=bindparam("written"),
        pending_bytes=pictures.c.pending_bytes + bindparam("size"),
        stored_bytes=pictures.c.stored_bytes + bindparam("size"),
        segments=bindparam("segments"),
        reviewed=bindparam("reviewed"),
    )
)


def find_step(connection: Connection, picture_id: str, edit_id: str) -> Row[Any, Any] | None:
    """Number and bytes of the step that was written under an edit id."""
    return connection.execute(_SAME, {"picture_id": picture_id, "edit_id": edit_id}).first()


def write_step(
    connection: Connection, picture: Row[Any], seq: int, edit_id: str, step: bytes, document: Document
) -> None:
    """Adds a step after the last one; raises StaleStepError where it is not the next."""
    if seq != picture.seq + 1:
        raise StaleStepError(seq, picture.seq)
    now = time.time()
    row = {"picture_id": picture.picture_id, "seq": seq, "edit_id": edit_id, "step": step, "written": now}
    connection.execute(_WRITE, row)
    advance = {"picture": picture.picture_id, "seq": seq, "written": now, "size": len(step), **review(document)}
    connection.execute(_ADVANCE, advance)


def restore(connection: Connection, picture_id: str) -> History:
    """The history as the last step left it; raises RecordError where what is stored of it is damaged."""
    snapshot = select(snapshots.c.history).where(snapshots.c.picture_id == picture_id)
    taken_in = select(pictures.c.snapshot_seq).where(pictures.c.picture_id == picture_id).scalar_subquery()
    later = (journal.c.picture_id == picture_id) & (journal.c.seq > taken_in)
    steps = select(journal.c.step).where(later).order_by(journal.c.seq)
    try:
        history = load_history(connection.execute(snapshot).scalar_one())
        for step in connection.execute(steps).scalars():
            history.replay(load_step(step))
    except RecordError:
        raise
    except (ValueError, LookupError) as error:  # whole rows that do not follow from one another
        raise RecordError(str(error)) from error
    return history
