"""The steps that bring a store of an earlier release to the present tables, run whenever a store is opened."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.util import CommandError

from core.document.store.database import open_engine, said_plainly
from core.messages import StudioError

FOLDER = Path(__file__).resolve().parent


def migrate(path: Path) -> None:
    """Brings the database at ``path`` to the newest shape, or makes it; of several programs one does it, others wait.

    Foreign keys rest meanwhile: SQLite changes a table by making it anew, and must not delete what points at it.

    Raises:
        StudioError: a later release of the studio wrote the database, or it cannot be read or written.
    """
    engine = open_engine(path, foreign_keys=False)
    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    try:
        with said_plainly(path), engine.begin() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    except CommandError as error:  # the database names a revision that is not here
        raise StudioError("error.store_newer", folder=path.parent) from error
    finally:
        engine.dispose()
