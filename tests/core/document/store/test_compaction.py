"""Snapshots: what comes back is the same, however often the journal was taken into one."""

import sqlite3
import threading
from types import SimpleNamespace

import pytest

from core.document.store import Store, compaction
from core.document.store.compaction import KEPT_STEPS, compact, is_due
from core.document.store.database import Database
from tests.core.document.store.painter import OWNER, began, everything, move, stored, worked


def rows(folder, statement):
    connection = sqlite3.connect(folder / "studio.sqlite")
    try:
        return connection.execute(statement).fetchall()
    finally:
        connection.close()


@pytest.fixture
def database(folder, store):
    opened = Database(folder / "studio.sqlite")
    yield opened
    opened.close()


def test_a_snapshot_changes_nothing_that_can_be_seen(store, database):
    prediction, history = began()
    picture_id = stored(store)
    for first in range(1, 100, 20):
        worked(store, picture_id, history, prediction, first, first + 19)
        compact(database, picture_id)
        found = store.load(OWNER, picture_id)
        assert found.seq == first + 19
        assert everything(found.history) == everything(history)


def test_edit_ids_count_long_after_and_the_newest_steps_can_be_read(folder, store, database):
    prediction, history = began()
    picture_id = stored(store)
    worked(store, picture_id, history, prediction, 1, KEPT_STEPS + 10)
    compact(database, picture_id)
    step = move(history, prediction, 1000)
    assert store.append(OWNER, picture_id, KEPT_STEPS + 11, "edit 3", step, history.document) == 3
    assert store.earlier(OWNER, picture_id, "edit 3") == (3, None)
    number, kept = store.earlier(OWNER, picture_id, f"edit {KEPT_STEPS}")
    assert number == KEPT_STEPS
    assert kept is not None
    assert rows(folder, "SELECT count(*), count(step) FROM journal") == [(KEPT_STEPS + 10, KEPT_STEPS)]


def test_the_sizes_in_the_row_are_those_of_what_is_stored(folder, store, database):
    prediction, history = began()
    picture_id = stored(store)
    for last in (30, 110, 130):
        worked(store, picture_id, history, prediction, store.load(OWNER, picture_id).seq + 1, last)
        if last != 130:
            compact(database, picture_id)
    [counted] = rows(folder, "SELECT stored_bytes, pending_bytes FROM pictures")
    [(steps, pending)] = rows(
        folder,
        "SELECT sum(length(step)), sum(CASE WHEN journal.seq > snapshot_seq THEN length(step) END) "
        "FROM journal JOIN pictures USING (picture_id)",
    )
    [(rest,)] = rows(
        folder,
        "SELECT content_bytes + length(thumbnail) + length(history) "
        "FROM pictures JOIN thumbnails USING (picture_id) JOIN snapshots USING (picture_id)",
    )
    assert counted == (steps + rest, pending)


def test_the_store_compacts_by_itself_beside_the_work(folder, monkeypatch):
    monkeypatch.setattr(compaction, "MOST_STEPS", 10)
    monkeypatch.setattr(compaction, "BYTES_A_STEP", 1 << 30)
    store = Store(folder)
    prediction, history = began()
    picture_id = stored(store)
    worked(store, picture_id, history, prediction, 1, 150)
    store.close()
    [(snapshot_seq,)] = rows(folder, "SELECT snapshot_seq FROM pictures")
    assert snapshot_seq > 50
    again = Store(folder)
    assert everything(again.load(OWNER, picture_id).history) == everything(history)
    again.close()


def test_two_who_compact_while_a_third_paints_and_a_fourth_reads(store, database):
    prediction, history = began()
    picture_id, is_over, faults = stored(store), threading.Event(), []

    def repeat(ask):
        try:
            while not is_over.is_set():
                ask()
        except BaseException as fault:
            faults.append(fault)

    jobs = [lambda: compact(database, picture_id)] * 2 + [lambda: store.load(OWNER, picture_id)]
    threads = [threading.Thread(target=repeat, args=(job,)) for job in jobs]
    for thread in threads:
        thread.start()
    worked(store, picture_id, history, prediction, 1, 60)
    is_over.set()
    for thread in threads:
        thread.join()
    assert faults == []
    assert everything(store.load(OWNER, picture_id).history) == everything(history)


def test_a_picture_deleted_meanwhile_is_no_fault(store, database):
    picture_id = stored(store)
    store.delete(OWNER, picture_id)
    compact(database, picture_id)
    assert store.pictures(OWNER) == []


@pytest.mark.parametrize("step_bytes", [300, 4_000, 60_000, 5_000_000])
def test_snapshots_are_a_small_multiple_of_the_strokes(step_bytes):
    """A snapshot holds the whole way back: were it written every so many steps, that would grow with the square."""
    seq = snapshot_seq = pending = written = 0
    for seq in range(1, 5001):
        pending += step_bytes
        picture = SimpleNamespace(
            seq=seq, snapshot_seq=snapshot_seq, snapshot_bytes=step_bytes * snapshot_seq, pending_bytes=pending
        )
        if is_due(picture):
            snapshot_seq, pending, written = seq, 0, written + step_bytes * seq
    assert 0 < written < 8 * step_bytes * seq
    assert seq - snapshot_seq < max(seq / 2, 400)
