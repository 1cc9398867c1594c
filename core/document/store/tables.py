"""The tables of the store, for SQLAlchemy Core; ``migrations`` brings older files to this shape."""

from sqlalchemy import (
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    UniqueConstraint,
)

# Names for every constraint: a migration can only change what it can name.
metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

owners = Table(
    "owners",
    metadata,
    Column("owner_id", String(200), primary_key=True),
    Column("created", Float, nullable=False),  # times are seconds since 1970
)

pictures = Table(
    "pictures",
    metadata,
    Column("picture_id", String(43), primary_key=True),
    Column("owner_id", ForeignKey(owners.c.owner_id, ondelete="CASCADE"), nullable=False),
    Column("name", String, nullable=False),
    Column("model", String, nullable=False),
    Column("height", Integer, nullable=False),
    Column("width", Integer, nullable=False),
    Column("content_bytes", Integer, nullable=False),
    Column("content_sha256", String(64), nullable=False),  # of the picture's file beside the database
    Column("segments", Integer, nullable=False),
    Column("reviewed", Integer, nullable=False),  # of the segments
    Column("seq", Integer, nullable=False),  # of the last step in the journal, 0 = none yet
    Column("snapshot_seq", Integer, nullable=False),  # of the last step that the snapshot has taken in
    Column("snapshot_bytes", Integer, nullable=False),
    Column("pending_bytes", Integer, nullable=False),  # of the steps after the snapshot
    Column("stored_bytes", Integer, nullable=False),  # file, thumbnail, snapshot and journal
    Column("created", Float, nullable=False),
    Column("changed", Float, nullable=False),
    Index(None, "owner_id"),
)

# Apart from the picture's row, which every step writes anew.
thumbnails = Table(
    "thumbnails",
    metadata,
    Column("picture_id", ForeignKey(pictures.c.picture_id, ondelete="CASCADE"), primary_key=True),
    Column("thumbnail", LargeBinary, nullable=False),
)

# The document as it was after step ``pictures.snapshot_seq``, with all that could be undone and redone then.
snapshots = Table(
    "snapshots",
    metadata,
    Column("picture_id", ForeignKey(pictures.c.picture_id, ondelete="CASCADE"), primary_key=True),
    Column("history", LargeBinary, nullable=False),
)

# One row a step, in order. Long after a snapshot took a step in, the row stays without it: its edit id still counts.
journal = Table(
    "journal",
    metadata,
    Column("picture_id", ForeignKey(pictures.c.picture_id, ondelete="CASCADE"), primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("edit_id", String(100), nullable=False),
    Column("step", LargeBinary),
    Column("written", Float, nullable=False),
    UniqueConstraint("picture_id", "edit_id"),
)
