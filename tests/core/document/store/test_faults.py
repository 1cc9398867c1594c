"""What goes wrong around a store: full disks, damaged files, later releases, several programs at once."""

import multiprocessing
import os
import sqlite3
import time

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, event

from core.document.store import Store
from core.document.store.database import Database, open_engine
from core.document.store.tables import metadata
from core.messages import StudioError
from tests.core.document.store.painter import OWNER, PICTURE, began, everything, move, stored, worked


@pytest.fixture
def pages():
    """Sets how many pages a database may have from now on, as if the disk had no more."""
    most = {"pages": 1 << 30}

    def limit(connection, *_):
        connection.execute(f"PRAGMA max_page_count={most['pages']}")

    event.listen(Engine, "checkout", limit)
    yield lambda count: most.update(pages=count)
    event.remove(Engine, "checkout", limit)


def test_a_full_disk_is_said_and_leaves_the_last_step(folder, store, pages):
    prediction, history = began()
    picture_id = stored(store)
    worked(store, picture_id, history, prediction, 1, 3)
    pages(1)
    before = everything(store.load(OWNER, picture_id).history)
    kept, number = before, 4
    with pytest.raises(StudioError) as refused:  # noqa: PT012 - it comes when the free room in the file is used up
        while step := move(history, prediction, number):
            store.append(OWNER, picture_id, number, f"edit {number}", step, history.document)
            kept, number = everything(history), number + 1
    assert refused.value.key == "error.disk_full"
    assert everything(store.load(OWNER, picture_id).history) == kept != everything(history)
    pages(1 << 30)
    assert store.append(OWNER, picture_id, number, f"edit {number}", step, history.document) == number
    assert everything(store.load(OWNER, picture_id).history) == everything(history)


def test_a_picture_that_finds_no_room_leaves_nothing(folder, store, pages):
    document = began()[1].document
    pages(1)
    with pytest.raises(StudioError, match="The disk is full"):
        store.create(OWNER, "large", PICTURE, document.size_hw, "a model", document, bytes(200_000))
    assert store.pictures(OWNER) == []
    assert list((folder / "pictures").iterdir()) == []


def test_a_program_that_writes_without_end_is_said(folder, store, monkeypatch):
    monkeypatch.setattr("core.document.store.database.WAIT_SECONDS", 0.05)
    picture_id, impatient = stored(store), Database(folder / "studio.sqlite")
    other = sqlite3.connect(folder / "studio.sqlite", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StudioError, match="for too long"), impatient.write():
        pass
    assert store.load(OWNER, picture_id).seq == 0  # readers do not wait
    other.execute("ROLLBACK")
    with impatient.write():
        pass
    impatient.close()
    other.close()


def test_a_file_that_is_no_database(folder):
    folder.mkdir()
    (folder / "studio.sqlite").write_bytes(b"not a database, " * 500)
    with pytest.raises(StudioError, match="are damaged"):
        Store(folder)


def test_a_folder_that_cannot_be(tmp_path):
    (tmp_path / "file").write_text("a file")
    with pytest.raises(StudioError, match="cannot be read or written"):
        Store(tmp_path / "file" / "data")


def test_a_later_release_wrote_the_store(folder):
    Store(folder).close()
    change(folder, "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StudioError, match="A later release"):
        Store(folder)


@pytest.mark.parametrize(
    ("table", "damage", "sentence"),
    [
        ("snapshots", "history = substr(history, 1, 100)", "What was saved of street.png is damaged"),
        ("snapshots", "history = 'text'", "What was saved of street.png is damaged"),
        ("journal", "step = substr(step, 1, 30)", "What was saved of street.png is damaged"),
        ("journal", "step = NULL", "What was saved of street.png is damaged"),
        ("journal", "step = CAST(x'4d465302' || substr(step, 5) AS BLOB)", "A later release"),
    ],
)
def test_damaged_rows_are_said(folder, store, table, damage, sentence):
    prediction, history = began()
    picture_id = stored(store)
    worked(store, picture_id, history, prediction, 1, 2)
    change(folder, f"UPDATE {table} SET {damage}")
    with pytest.raises(StudioError, match=sentence):
        store.load(OWNER, picture_id)
    assert len(store.pictures(OWNER)) == 1


def change(folder, statement):
    connection = sqlite3.connect(folder / "studio.sqlite")
    connection.execute(statement)
    connection.commit()
    connection.close()


@pytest.mark.parametrize("content", [None, b"", PICTURE[:-1] + b"!"])
def test_a_changed_or_missing_file_is_said(folder, store, content):
    path = folder / "pictures" / stored(store)
    path.unlink() if content is None else path.write_bytes(content)
    with pytest.raises(StudioError, match="missing or damaged"):
        store.load(OWNER, path.name)


def test_files_that_a_crash_left_go_at_the_next_start(folder, store):
    kept = stored(store)
    for name in ("left behind", ".x.part", "just being written"):
        (folder / "pictures" / name).write_bytes(b"content")
        if name != "just being written":
            os.utime(folder / "pictures" / name, (time.time() - 7200,) * 2)
    os.utime(folder / "pictures" / kept, (time.time() - 7200,) * 2)
    Store(folder).close()
    assert {path.name for path in (folder / "pictures").iterdir()} == {kept, "just being written"}


def test_migrations_make_the_tables_that_the_program_knows(folder, store):
    engine = open_engine(folder / "studio.sqlite")
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
        assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []
    engine.dispose()


def test_every_connection_writes_durably(folder, store):
    engine = open_engine(folder / "studio.sqlite")
    with engine.connect() as connection:
        found = [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("journal_mode", "synchronous")]
        assert found == ["wal", 2]  # 2 = FULL
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
    engine.dispose()


def open_and_paint(folder, gate, answers):
    """What each of several programs does that are started at once."""
    gate.wait()
    try:
        store = Store(folder)
        picture_id = stored(store)
        prediction, history = began()
        worked(store, picture_id, history, prediction, 1, 10)
        answers.put(everything(store.load(OWNER, picture_id).history) == everything(history))
    except BaseException as fault:
        answers.put(repr(fault))


@pytest.mark.slow
def test_several_programs_make_one_store_at_once(folder):
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    gate, answers = context.Barrier(4), context.Queue()
    programs = [context.Process(target=open_and_paint, args=(folder, gate, answers)) for _ in range(4)]
    for program in programs:
        program.start()
    assert [answers.get(timeout=120) for _ in programs] == [True] * 4
    for program in programs:
        program.join()
    store = Store(folder)
    assert len(store.pictures(OWNER)) == 4
    store.close()
