"""The catalogue's sentences, and the form they take of one thing."""

import pickle

import pytest

from core import messages
from core.messages import Sentence, Sentences, StudioError, text

CATALOGUES = {
    "en": {
        "found": "{count} segments",
        "found.one": "{count} segment",
        "total": "{count} in all",
        "lost": "{name} is lost: {reason}",
        "why": "it has {count} holes",
    },
    "zh": {"found": "{count} 个区域", "lost": "{name} 丢失 ({reason})", "why": "有 {count} 个洞"},
}


@pytest.fixture(autouse=True)
def small_catalogues(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(messages, "catalogue", lambda language="en": CATALOGUES[language])


@pytest.mark.parametrize(
    ("key", "count", "expected"),
    [("found", 0, "0 segments"), ("found", 1, "1 segment"), ("found", 2, "2 segments"), ("total", 1, "1 in all")],
)
def test_one_thing_has_a_sentence_of_its_own_where_there_is_one(key: str, count: int, expected: str) -> None:
    assert text(key, count=count) == expected
    assert str(StudioError(key, count=count)) == expected


@pytest.mark.parametrize("count", [0, 1, 2])
def test_a_language_without_a_form_for_one_thing_says_it_as_of_many(count: int) -> None:
    assert text("found", "zh", count=count) == f"{count} 个区域"


def test_a_sentence_inside_another_one_is_said_in_its_language() -> None:
    holes = Sentence("why", count=3)
    error = StudioError("lost", name="mask.png", reason=holes)
    assert str(error) == "mask.png is lost: it has 3 holes"
    assert error.said("zh") == "mask.png 丢失 (有 3 个洞)"
    outer = StudioError("lost", name="a.zip", reason=error)
    assert outer.said("zh") == "a.zip 丢失 (mask.png 丢失 (有 3 个洞))"
    assert StudioError("lost", name="a", reason=Sentences((holes, holes))).said("zh") == "a 丢失 (有 3 个洞; 有 3 个洞)"


def test_a_key_or_a_value_that_is_missing_is_a_fault_of_the_program() -> None:
    with pytest.raises(KeyError):
        text("gone")
    with pytest.raises(KeyError):
        text("found")


def test_an_error_is_the_same_after_a_trip_to_another_process() -> None:
    error = StudioError("lost", name="a.jpg", reason=Sentence("why", count=3))
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), str(again), again.said("zh")) == (StudioError, str(error), error.said("zh"))
