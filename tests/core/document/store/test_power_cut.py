"""A power cut while the last write is under way: the last whole step is what comes back."""

import random
import shutil

import pytest

from core.document import History
from core.document.store import Store
from tests.core.document.store.painter import OWNER, began, everything, move, stored


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """A folder as the disk has it in the midst of work, what its log held after each step, and what each step made."""
    folder = tmp_path_factory.mktemp("cut") / "data"
    store = Store(folder)
    prediction, history = began()
    picture_id, log = stored(store), folder / "studio.sqlite-wal"
    ends, states = [log.stat().st_size], [everything(history)]
    for number in range(1, 41):
        step = move(history, prediction, number)
        store.append(OWNER, picture_id, number, f"edit {number}", step, history.document)
        ends.append(log.stat().st_size)
        states.append(everything(history))
    copy = folder.with_name("copy")
    shutil.copytree(folder, copy)
    store.close()
    assert ends == sorted(set(ends)), "the log was started anew: no step's end is known"
    return copy, picture_id, ends, states


def cut(written, folder, spoil):
    """What comes back where ``spoil`` was done to the log's bytes, and what must."""
    copy, picture_id, ends, states = written
    shutil.copytree(copy, folder)
    log = folder / "studio.sqlite-wal"
    content, whole = spoil(log.read_bytes())
    log.write_bytes(content)
    (folder / "studio.sqlite-shm").unlink(missing_ok=True)  # memory, which no power cut leaves
    store = Store(folder)
    found = store.load(OWNER, picture_id)
    last = max(number for number, end in enumerate(ends) if end <= whole)
    assert found.seq == last
    assert everything(found.history) == states[last]
    assert store.earlier(OWNER, picture_id, f"edit {last + 1}") is None
    return store, picture_id, found


@pytest.mark.parametrize("seed", range(25))
def test_a_log_cut_anywhere(written, tmp_path, seed):
    _, _, ends, _ = written
    size = random.Random(seed).randint(ends[0], ends[-1])
    cut(written, tmp_path / "data", lambda content: (content[:size], size))[0].close()


@pytest.mark.parametrize("seed", range(10))
def test_a_log_with_rubbish_where_the_last_write_was(written, tmp_path, seed):
    """Blocks may reach the disk in any order, or hold what stood there before."""
    chance = random.Random(seed)
    _, _, ends, _ = written
    place = chance.randint(ends[0], ends[-2])

    def spoil(content):
        tail = len(content) - place
        return content[:place] + chance.choice([chance.randbytes(tail), bytes(tail)]), place

    cut(written, tmp_path / "data", spoil)[0].close()


def test_work_goes_on_after_a_cut(written, tmp_path):
    _, _, ends, states = written
    size = (ends[20] + ends[21]) // 2
    store, picture_id, found = cut(written, tmp_path / "data", lambda content: (content[:size], size))
    prediction, _ = began()
    history: History = found.history
    for number in range(21, 41):
        step = move(history, prediction, number)
        assert store.append(OWNER, picture_id, number, f"edit {number}", step, history.document) == number
    assert everything(history) == states[40]
    assert everything(store.load(OWNER, picture_id).history) == states[40]
    store.close()
