"""A person at work, drawn from a seed: the same seed and number make the same move on the same document."""

import random

from core.document import History, Step
from core.document.store import Store
from core.inference import Prediction
from core.messages import StudioError
from tests.core.document.any_edit import any_edit
from tests.core.document.pictures import blobs, contents, opened

OWNER = "a person"
PICTURE = b"the bytes of a picture"


def began() -> tuple[Prediction, History]:
    """What everybody begins with."""
    prediction = blobs(1)
    return prediction, History(opened(prediction))


def stored(store: Store, owner: str = OWNER, name: str = "street.png", content: bytes = PICTURE) -> str:
    """Keeps the picture that everybody begins with."""
    _, history = began()
    document = history.document
    return store.create(owner, name, content, document.size_hw, "a model", document, b"a thumbnail")


def move(history: History, prediction: Prediction, number: int) -> Step:
    """The move of this number: mostly an edit, some of them of one gesture, now and then a way back or forth."""
    chance = random.Random(number)
    while True:
        kind = chance.randrange(8)
        if kind < 2:
            step = history.undo() if kind else history.redo()
        else:
            numbers = chance.randrange(600), chance.randrange(100), chance.randrange(100)
            step = tried(history, prediction, numbers, chance.choice([None, None, f"drag {number // 3}"]))
        if step is not None:
            return step


def tried(history: History, prediction: Prediction, numbers: tuple[int, int, int], gesture: str | None) -> Step | None:
    """The step of an edit, None where it is refused or changes nothing."""
    try:
        return history.apply(any_edit(numbers, history.document, prediction), prediction, gesture)
    except StudioError:
        return None


def worked(store: Store, picture_id: str, history: History, prediction: Prediction, first: int, last: int) -> None:
    """Does and keeps the moves ``first`` to ``last``, edit ids ``edit 1``, ``edit 2`` ..."""
    for number in range(first, last + 1):
        step = move(history, prediction, number)
        assert store.append(OWNER, picture_id, number, f"edit {number}", step, history.document) == number


def everything(history: History) -> tuple[object, ...]:
    """All that has to outlast a crash."""
    return contents(history.document), history.document.version, history.done, history.undone
