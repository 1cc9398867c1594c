"""Alembic runs this: the migrations go through the connection, and inside the transaction, that the caller holds."""

from alembic import context

from core.document.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,  # SQLite alters a table by copying it
    transactional_ddl=True,
)
context.run_migrations()
