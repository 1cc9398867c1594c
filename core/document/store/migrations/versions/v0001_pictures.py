"""Owners, their pictures, and what became of them."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "owners",
        sa.Column("owner_id", sa.String(200), nullable=False),
        sa.Column("created", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("owner_id", name=op.f("pk_owners")),
    )
    op.create_table(
        "pictures",
        sa.Column("picture_id", sa.String(43), nullable=False),
        sa.Column("owner_id", sa.String(200), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("model", sa.String(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("content_bytes", sa.Integer(), nullable=False),
        sa.Column("content_sha256", sa.String(64), nullable=False),
        sa.Column("segments", sa.Integer(), nullable=False),
        sa.Column("reviewed", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("snapshot_seq", sa.Integer(), nullable=False),
        sa.Column("snapshot_bytes", sa.Integer(), nullable=False),
        sa.Column("pending_bytes", sa.Integer(), nullable=False),
        sa.Column("stored_bytes", sa.Integer(), nullable=False),
        sa.Column("created", sa.Float(), nullable=False),
        sa.Column("changed", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("picture_id", name=op.f("pk_pictures")),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["owners.owner_id"], name=op.f("fk_pictures_owner_id"), ondelete="CASCADE"
        ),
    )
    op.create_index(op.f("ix_pictures_owner_id"), "pictures", ["owner_id"])
    op.create_table(
        "thumbnails",
        sa.Column("picture_id", sa.String(43), nullable=False),
        sa.Column("thumbnail", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("picture_id", name=op.f("pk_thumbnails")),
        sa.ForeignKeyConstraint(
            ["picture_id"], ["pictures.picture_id"], name=op.f("fk_thumbnails_picture_id"), ondelete="CASCADE"
        ),
    )
    op.create_table(
        "snapshots",
        sa.Column("picture_id", sa.String(43), nullable=False),
        sa.Column("history", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("picture_id", name=op.f("pk_snapshots")),
        sa.ForeignKeyConstraint(
            ["picture_id"], ["pictures.picture_id"], name=op.f("fk_snapshots_picture_id"), ondelete="CASCADE"
        ),
    )
    op.create_table(
        "journal",
        sa.Column("picture_id", sa.String(43), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("edit_id", sa.String(100), nullable=False),
        sa.Column("step", sa.LargeBinary(), nullable=True),
        sa.Column("written", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("picture_id", "seq", name=op.f("pk_journal")),
        sa.UniqueConstraint("picture_id", "edit_id", name=op.f("uq_journal_picture_id_edit_id")),
        sa.ForeignKeyConstraint(
            ["picture_id"], ["pictures.picture_id"], name=op.f("fk_journal_picture_id"), ondelete="CASCADE"
        ),
    )
