"""The owners' pictures as rows, inside a transaction that the caller holds."""

import time
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, func, insert, select, update
from sqlalchemy.dialects.sqlite import insert as insert_or

from core.document.document import Document
from core.document.store.tables import owners, pictures, snapshots, thumbnails
from core.document.store.values import Limits, PictureGoneError, PictureRow
from core.messages import StudioError

# What every step asks: built once, because building a statement takes longer than SQLite takes to answer it.
_MINE = select(pictures).where(
    pictures.c.picture_id == bindparam("picture_id"),
    pictures.c.owner_id == bindparam("owner"),
)
_STORED = select(func.coalesce(func.sum(pictures.c.stored_bytes), 0)).where(pictures.c.owner_id == bindparam("owner"))


def find(connection: Connection, owner: str, picture_id: str) -> Row[Any]:
    """The picture's row; raises PictureGoneError where this owner has no such picture."""
    row = connection.execute(_MINE, {"picture_id": picture_id, "owner": owner}).first()
    if row is None:
        raise PictureGoneError
    return row


def find_untouched(connection: Connection, owner: str, name: str, content_sha256: str, model: str) -> str | None:
    """Id of the owner's newest such picture without any step."""
    same = select(pictures.c.picture_id).where(
        pictures.c.owner_id == owner,
        pictures.c.name == name,
        pictures.c.content_sha256 == content_sha256,
        pictures.c.model == model,
        pictures.c.seq == 0,
    )
    return connection.execute(same.order_by(pictures.c.created.desc()).limit(1)).scalar()


def enter(connection: Connection, row: dict[str, Any], thumbnail: bytes, history: bytes) -> None:
    """Adds a picture without steps; ``row`` lacks the sizes and the times."""
    now, picture_id = time.time(), row["picture_id"]
    stored = row["content_bytes"] + len(thumbnail) + len(history)
    sizes = {"snapshot_bytes": len(history), "pending_bytes": 0, "stored_bytes": stored}
    connection.execute(
        insert_or(owners).values(owner_id=row["owner_id"], created=now).on_conflict_do_nothing(),
    )
    connection.execute(
        insert(pictures).values(**row, **sizes, seq=0, snapshot_seq=0, created=now, changed=now),
    )
    connection.execute(insert(thumbnails).values(picture_id=picture_id, thumbnail=thumbnail))
    connection.execute(insert(snapshots).values(picture_id=picture_id, history=history))


def review(document: Document) -> dict[str, int]:
    """What a picture's row says about its segments."""
    return {
        "segments": len(document.segments),
        "reviewed": sum(segment.reviewed for segment in document.segments.values()),
    }


def require_place(connection: Connection, owner: str, limits: Limits) -> None:
    """Raises StudioError where one more picture is more than the owner may keep."""
    mine = select(func.count()).select_from(pictures).where(pictures.c.owner_id == owner)
    if connection.execute(mine).scalar_one() >= limits.pictures:
        raise StudioError("error.most_pictures", most=limits.pictures)


def require_room(connection: Connection, owner: str, size: int, limits: Limits) -> None:
    """Raises StudioError where ``size`` more bytes are more than the owner may keep."""
    if connection.execute(_STORED, {"owner": owner}).scalar_one() + size > limits.stored_bytes:
        raise StudioError("error.most_stored", limit=f"{limits.stored_bytes / 1e9:.3g}")


def rows_of(connection: Connection, owner: str) -> list[PictureRow]:
    """The owner's pictures, last changed first."""
    mine = select(pictures, thumbnails.c.thumbnail).join(thumbnails).where(pictures.c.owner_id == owner)
    return [_row(found) for found in connection.execute(mine.order_by(pictures.c.changed.desc()))]


def rename(connection: Connection, picture_id: str, name: str) -> None:
    """Gives a picture another name."""
    connection.execute(update(pictures).where(pictures.c.picture_id == picture_id).values(name=name))


def remove(connection: Connection, picture_id: str) -> None:
    """Deletes a picture with all that hangs on it."""
    connection.execute(delete(pictures).where(pictures.c.picture_id == picture_id))


def known_ids(connection: Connection) -> set[str]:
    """The pictures of all owners."""
    return set(connection.execute(select(pictures.c.picture_id)).scalars())


def _row(found: Row[Any]) -> PictureRow:
    return PictureRow(
        picture_id=found.picture_id,
        name=found.name,
        model=found.model,
        image_hw=(found.height, found.width),
        thumbnail=found.thumbnail,
        segments=found.segments,
        reviewed=found.reviewed,
        seq=found.seq,
        stored_bytes=found.stored_bytes,
        created=found.created,
        changed=found.changed,
    )
