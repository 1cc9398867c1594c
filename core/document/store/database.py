"""The SQLite file: how it is opened, how a transaction begins, and what its errors say to a person."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from core.messages import StudioError

WAIT_SECONDS = 30  # for another program that writes

_SENTENCES = {
    sqlite3.SQLITE_FULL: "error.disk_full",
    sqlite3.SQLITE_BUSY: "error.store_busy",
    sqlite3.SQLITE_CORRUPT: "error.store_damaged",
    sqlite3.SQLITE_NOTADB: "error.store_damaged",
}


class Database:
    """Short transactions on one file, from any thread and any number of programs.

    A writer begins with ``BEGIN IMMEDIATE``: it waits for its turn before it reads, so what it read is still true when
    it writes. Writers of one program queue at a lock, which is fairer and faster than SQLite's own sleeping and
    trying. In WAL mode readers neither wait nor make wait; ``synchronous=FULL`` has a commit on the disk before it
    returns.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._engine = open_engine(path)
        self._reading = self._engine.execution_options(deferred=True)
        self._turn = threading.Lock()

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction that is wholly on the disk when the block ends, or wholly undone when it raises.

        Raises:
            StudioError: the disk is full, the file is damaged, or another program writes without end.
        """
        with said_plainly(self._path), self._turn, self._engine.begin() as connection:
            yield connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction that sees one moment of the file, whatever others write meanwhile."""
        with said_plainly(self._path), self._reading.begin() as connection:
            yield connection

    def shrink(self) -> None:
        """Gives the room of what was deleted back to the disk."""
        with said_plainly(self._path), self._turn, closing(self._engine.raw_connection()) as connection:
            connection.cursor().executescript("PRAGMA incremental_vacuum")  # execute() would free a single page

    def close(self) -> None:
        """Lets the file go."""
        self._engine.dispose()


def open_engine(path: Path, *, foreign_keys: bool = True) -> Engine:
    """An engine whose every connection has the settings that durability rests on."""
    engine = create_engine(
        URL.create("sqlite", database=str(path)),
        connect_args={"timeout": WAIT_SECONDS},
        pool_timeout=WAIT_SECONDS,
        max_overflow=-1,  # readers never wait; the server's thread pool bounds them
    )

    def set_up(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # BEGIN is ours to say
        for pragma in (
            "auto_vacuum=INCREMENTAL",  # heeded by a new file only; deleted pictures give their room back
            "journal_mode=WAL",
            "synchronous=FULL",
            f"foreign_keys={'ON' if foreign_keys else 'OFF'}",
            f"journal_size_limit={64 << 20}",
        ):
            connection.execute(f"PRAGMA {pragma}")

    event.listen(engine, "connect", set_up)
    event.listen(engine, "begin", _begin)
    return engine


def _begin(connection: Connection) -> None:
    deferred = connection.get_execution_options().get("deferred", False)
    connection.exec_driver_sql("BEGIN" if deferred else "BEGIN IMMEDIATE")


@contextmanager
def said_plainly(path: Path) -> Iterator[None]:
    """Turns what SQLite says into a sentence of the catalogue."""
    try:
        yield
    except PoolTimeoutError as error:
        raise StudioError("error.store_busy", folder=path.parent) from error
    except DBAPIError as error:
        code = getattr(error.orig, "sqlite_errorcode", 0) & 0xFF  # the primary code of an extended one
        reason = f"{error.orig}"
        raise StudioError(_SENTENCES.get(code, "error.store_failed"), folder=path.parent, reason=reason) from error
