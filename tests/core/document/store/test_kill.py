"""kill -9 in the midst of work, two hundred times: nothing that was acknowledged is lost."""

import multiprocessing
import random
import time
from pathlib import Path

import pytest

from core.document.store import Store, compaction
from tests.core.document.pictures import blobs
from tests.core.document.store.painter import OWNER, began, everything, move, stored

ROUNDS = 200


def paint_until_killed(folder, picture_id, acknowledged):
    """Goes on where the store says, and tells the number of each step once the store has acknowledged it.

    Snapshots are written all the time, so that many die under way.
    """
    compaction.MOST_STEPS, compaction.BYTES_A_STEP = 10, 1 << 30
    store = Store(Path(folder))
    found, prediction = store.load(OWNER, picture_id), blobs(1)
    history, number = found.history, found.seq
    while True:
        number += 1
        step = move(history, prediction, number)
        acknowledged.send(store.append(OWNER, picture_id, number, f"edit {number}", step, history.document))


def numbers_from(pipe):
    """All that the program said before it died."""
    try:
        while True:
            yield pipe.recv()
    except (EOFError, OSError):
        return


@pytest.mark.slow
def test_nothing_acknowledged_is_lost(tmp_path):
    """An independent history makes the same moves without a store; what comes back must equal it to the pixel."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    chance, folder = random.Random(0), tmp_path / "data"
    store = Store(folder)
    picture_id = stored(store)
    store.close()
    prediction, history = began()
    done = 0
    for _ in range(ROUNDS):
        mouth, ear = context.Pipe(duplex=False)[::-1]
        program = context.Process(target=paint_until_killed, args=(str(folder), picture_id, mouth))
        program.start()
        mouth.close()
        acknowledged = [ear.recv() for _ in range(chance.randint(1, 12))]
        time.sleep(chance.uniform(0, 0.03))
        program.kill()
        program.join()
        acknowledged += numbers_from(ear)
        store = Store(folder)
        found = store.load(OWNER, picture_id)
        assert acknowledged == list(range(done + 1, acknowledged[-1] + 1))
        assert found.seq in (acknowledged[-1], acknowledged[-1] + 1)  # one may be on the disk and not yet told
        assert [store.earlier(OWNER, picture_id, f"edit {number}")[0] for number in acknowledged] == acknowledged
        store.close()
        while done < found.seq:
            done += 1
            move(history, prediction, done)
        assert everything(found.history) == everything(history)
