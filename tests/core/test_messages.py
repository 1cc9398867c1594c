"""The catalogue's sentences, and the form they take of one thing."""

import pytest

from core import messages
from core.messages import StudioError, text


@pytest.fixture(autouse=True)
def small_catalogue(monkeypatch: pytest.MonkeyPatch) -> None:
    sentences = {"found": "{count} segments", "found.one": "{count} segment", "total": "{count} in all"}
    monkeypatch.setattr(messages, "catalogue", lambda language="en": sentences)


@pytest.mark.parametrize(
    ("key", "count", "expected"),
    [("found", 0, "0 segments"), ("found", 1, "1 segment"), ("found", 2, "2 segments"), ("total", 1, "1 in all")],
)
def test_one_thing_has_a_sentence_of_its_own_where_there_is_one(key: str, count: int, expected: str) -> None:
    assert text(key, count=count) == expected
    assert str(StudioError(key, count=count)) == expected


def test_a_key_or_a_value_that_is_missing_is_a_fault_of_the_program() -> None:
    with pytest.raises(KeyError):
        text("lost")
    with pytest.raises(KeyError):
        text("found")
