"""Every field of a message is refused unless it is exactly what it should be."""

import pytest

from app.answers.fields import Fields
from core.messages import StudioError

TOKEN = "aB3-_" * 5


@pytest.mark.parametrize("message", [None, [], "text", 3])
def test_a_message_is_an_object(message):
    with pytest.raises(StudioError, match="message"):
        Fields(message)


@pytest.mark.parametrize("value", [None, 3.0, "3", True, -1, 11, 2**70, [3], {"a": 1}])
def test_integers(value):
    assert Fields({"n": 3}).integer("n", 0, 10) == 3
    with pytest.raises(StudioError, match="for n;"):
        Fields({"n": value}).integer("n", 0, 10)


@pytest.mark.parametrize("value", [None, "0.5", True, -0.01, 1.01, float("nan"), float("inf"), 10**400, [0.5]])
def test_numbers(value):
    assert Fields({"n": 1}).number("n", 0, 1) == 1.0
    with pytest.raises(StudioError, match="for n;"):
        Fields({"n": value}).number("n", 0, 1)


@pytest.mark.parametrize("value", [None, "", "short", TOKEN * 3, TOKEN[:-1] + "/", TOKEN + "\n", 7, ["x" * 30]])
def test_tokens(value):
    assert Fields({"t": TOKEN}).token("t") == TOKEN
    with pytest.raises(StudioError, match="for t;"):
        Fields({"t": value}).token("t")


@pytest.mark.parametrize("value", [None, 0, 1, "true"])
def test_flags(value):
    assert Fields({"f": False}).flag("f") is False
    with pytest.raises(StudioError, match="for f;"):
        Fields({"f": value}).flag("f")


@pytest.mark.parametrize("value", [None, "", "NEXT", "next ", ["next"], 1])
def test_choices(value):
    assert Fields({"c": "next"}).choice("c", ("next", "void")) == "next"
    with pytest.raises(StudioError, match="for c;"):
        Fields({"c": value}).choice("c", ("next", "void"))


def test_nested_objects_keep_the_language():
    assert Fields({"edit": {"kind": "promote"}}, "en").inside("edit").language == "en"
    with pytest.raises(StudioError, match="message"):
        Fields({"edit": []}).inside("edit")
