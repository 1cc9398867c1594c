"""Keeping, finding, listing and deleting pictures; and whose they are."""

import os
import stat
import threading
import time

import pytest

from core.document import History, Review, SetThresholds, Switch
from core.document.store import Limits, PictureGoneError, StaleStepError, Store
from core.messages import StudioError
from tests.core.document.pictures import contents
from tests.core.document.store.painter import OWNER, PICTURE, began, everything, move, stored, worked


def test_a_picture_comes_back_as_it_was_opened(store):
    _, history = began()
    found = store.load(OWNER, stored(store))
    assert (found.name, found.content, found.model, found.seq) == ("street.png", PICTURE, "a model", 0)
    assert everything(found.history) == everything(history)


def test_a_picture_comes_back_as_it_was_left_with_its_history(folder, store):
    prediction, history = began()
    picture_id = stored(store)
    worked(store, picture_id, history, prediction, 1, 40)
    again = Store(folder)
    found = again.load(OWNER, picture_id)
    again.close()
    assert found.seq == 40
    assert everything(found.history) == everything(history)
    while found.history.undo():
        history.undo()
    assert contents(found.history.document) == contents(history.document)


def test_an_untouched_picture_is_found_by_all_that_it_was_opened_with(store):
    prediction, history = began()
    touched, older, newer = (stored(store) for _ in range(3))
    worked(store, touched, history, prediction, 1, 1)
    assert store.untouched(OWNER, "street.png", PICTURE, "a model") == newer != older
    for owner, name, content, model in (
        ("somebody else", "street.png", PICTURE, "a model"),
        (OWNER, "road.png", PICTURE, "a model"),
        (OWNER, "street.png", PICTURE + b"!", "a model"),
        (OWNER, "street.png", PICTURE, "another model"),
    ):
        assert store.untouched(owner, name, content, model) is None
    store.delete(OWNER, newer)
    assert store.untouched(OWNER, "street.png", PICTURE, "a model") == older
    store.delete(OWNER, older)
    assert store.untouched(OWNER, "street.png", PICTURE, "a model") is None


def test_an_edit_id_counts_once(store):
    prediction, history = began()
    picture_id = stored(store)
    first, second = move(history, prediction, 1), move(history, prediction, 2)
    assert store.append(OWNER, picture_id, 1, "one", first, history.document) == 1
    assert store.append(OWNER, picture_id, 2, "two", second, history.document) == 2
    assert store.append(OWNER, picture_id, 3, "one", first, history.document) == 1
    assert store.append(OWNER, picture_id, 1, "one", first, history.document) == 1
    assert store.load(OWNER, picture_id).seq == 2
    assert store.earlier(OWNER, picture_id, "two") == (2, second)
    assert store.earlier(OWNER, picture_id, "three") is None


def test_an_edit_id_of_one_picture_says_nothing_about_another(store):
    prediction, history = began()
    step = history.apply(Switch(0, on=False), prediction)
    one, other = stored(store), stored(store)
    assert store.append(OWNER, one, 1, "same", step, history.document) == 1
    assert store.append(OWNER, other, 1, "same", step, history.document) == 1
    assert store.load(OWNER, other).seq == 1


@pytest.mark.parametrize("seq", [0, 1, 3, -1])
def test_only_the_next_step_is_taken(store, seq):
    prediction, history = began()
    picture_id = stored(store)
    worked(store, picture_id, history, prediction, 1, 1)
    step = move(history, prediction, 2)
    with pytest.raises(StaleStepError) as refused:
        store.append(OWNER, picture_id, seq, "late", step, history.document)
    assert refused.value.last == 1
    assert store.load(OWNER, picture_id).seq == 1


def test_the_list_says_what_there_is_newest_change_first(store):
    prediction, history = began()
    first = stored(store, name="first.png")
    second = stored(store, name="second.png")
    assert [row.picture_id for row in store.pictures(OWNER)] == [second, first]
    segment_id = min(history.document.segments)
    step = history.apply(Review(segment_id, reviewed=True), prediction)
    store.append(OWNER, first, 1, "reviewed", step, history.document)
    changed, row = store.pictures(OWNER)[0], store.pictures(OWNER)[1]
    assert (changed.picture_id, changed.name, changed.model) == (first, "first.png", "a model")
    assert (changed.image_hw, changed.thumbnail) == (history.document.size_hw, b"a thumbnail")
    assert (changed.segments, changed.reviewed, changed.seq) == (len(history.document.segments), 1, 1)
    assert (row.reviewed, row.seq) == (0, 0)
    assert changed.stored_bytes > row.stored_bytes > len(PICTURE)
    assert time.time() - 60 < changed.created < changed.changed <= time.time()


def test_renaming(store):
    picture_id = stored(store)
    store.rename(OWNER, picture_id, "a street; DROP TABLE pictures")
    assert [row.name for row in store.pictures(OWNER)] == ["a street; DROP TABLE pictures"]
    assert store.load(OWNER, picture_id).name == "a street; DROP TABLE pictures"


def test_deleting_leaves_nothing(folder, store):
    prediction, history = began()
    picture_id, kept = stored(store, content=os.urandom(4000)), stored(store)
    worked(store, picture_id, history, prediction, 1, 5)
    store.delete(OWNER, picture_id)
    assert [row.picture_id for row in store.pictures(OWNER)] == [kept]
    assert [path.name for path in (folder / "pictures").iterdir()] == [kept]
    with pytest.raises(PictureGoneError):
        store.load(OWNER, picture_id)


def test_deleting_gives_the_disk_its_room_back(folder, store):
    document = began()[1].document
    thumbnail = os.urandom(2_000_000)
    picture_id = store.create(OWNER, "large", PICTURE, document.size_hw, "a model", document, thumbnail)
    store.delete(OWNER, picture_id)
    store.close()
    assert (folder / "studio.sqlite").stat().st_size < 200_000


def asked_by(store, owner, picture_id):
    """Everything that can be asked of a picture, as ``owner`` asks it."""
    prediction, history = began()
    step = history.apply(SetThresholds(0.1, 0.1), prediction)
    return {
        "load": lambda: store.load(owner, picture_id),
        "append": lambda: store.append(owner, picture_id, 1, "edit", step, history.document),
        "append again": lambda: store.append(owner, picture_id, 1, "edit 1", step, history.document),
        "earlier": lambda: store.earlier(owner, picture_id, "edit 1"),
        "rename": lambda: store.rename(owner, picture_id, "mine now"),
        "delete": lambda: store.delete(owner, picture_id),
    }


def test_somebody_elses_picture_is_a_picture_that_is_not_there(store):
    prediction, history = began()
    picture_id = stored(store)
    worked(store, picture_id, history, prediction, 1, 1)
    stored(store, owner="another")
    for owner, asked in (("another", picture_id), ("nobody", picture_id), (OWNER, "unknown"), ("", picture_id)):
        for ask in asked_by(store, owner, asked).values():
            with pytest.raises(PictureGoneError):
                ask()
    assert [row.name for row in store.pictures("another")] == ["street.png"]
    assert store.pictures("nobody") == []
    assert everything(store.load(OWNER, picture_id).history) == everything(history)


def test_ids_are_long_and_all_different(store):
    ids = {stored(store) for _ in range(20)}
    assert len(ids) == 20
    assert min(map(len, ids)) >= 22


@pytest.mark.skipif(os.name == "nt", reason="POSIX permissions")
def test_nobody_else_on_the_computer_reads_the_folder(folder, store):
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_an_owner_may_keep_so_many_pictures(folder):
    store = Store(folder, Limits(pictures=2))
    first = stored(store)
    stored(store)
    with pytest.raises(StudioError, match="2 pictures, the most"):
        stored(store)
    assert len(list((folder / "pictures").iterdir())) == 2
    stored(store, owner="another")
    store.delete(OWNER, first)
    stored(store)
    store.close()


def test_an_owner_may_keep_so_many_bytes(folder):
    prediction, history = began()
    store = Store(folder, Limits(stored_bytes=9000))
    picture_id = stored(store)
    with pytest.raises(StudioError, match="the most that is kept"):
        stored(store, content=bytes(9000))
    number = 0
    with pytest.raises(StudioError, match="the most that is kept"):  # noqa: PT012 - which step it is does not matter
        while step := move(history, prediction, number + 1):
            store.append(OWNER, picture_id, number + 1, f"edit {number + 1}", step, history.document)
            number += 1
    assert number > 3
    assert store.load(OWNER, picture_id).seq == number
    assert sum(row.stored_bytes for row in store.pictures(OWNER)) <= 9000
    store.close()


def test_a_document_of_another_size_is_refused(store):
    document = began()[1].document
    with pytest.raises(ValueError, match="document must be"):
        store.create(OWNER, "a", PICTURE, (1, 1), "a model", document, b"")


def test_many_threads_work_on_pictures_of_their_own(store):
    faults, ids = [], [stored(store) for _ in range(8)]

    def work(picture_id):
        try:
            prediction, history = began()
            worked(store, picture_id, history, prediction, 1, 25)
            assert everything(store.load(OWNER, picture_id).history) == everything(history)
        except BaseException as fault:
            faults.append(fault)

    threads = [threading.Thread(target=work, args=(picture_id,)) for picture_id in ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []


def test_two_stores_on_one_folder_cannot_both_write_a_step(folder, store):
    """Two programs, one picture: the second learns that it is behind, and nothing is mixed."""
    prediction, mine = began()
    theirs = History(began()[1].document)
    picture_id, other = stored(store), Store(folder)
    worked(store, picture_id, mine, prediction, 1, 1)
    step = move(theirs, prediction, 77)
    with pytest.raises(StaleStepError):
        other.append(OWNER, picture_id, 1, "another edit", step, theirs.document)
    other.close()
    assert everything(store.load(OWNER, picture_id).history) == everything(mine)
