"""Every answer is in the language that its message asks for, whatever language another visitor has."""

import re
from pathlib import Path

import pytest

from app.answers.fields import Fields
from app.answers.models import row_of
from app.models import Models
from core.checkpoints import bundled
from core.messages import catalogue, text
from tests.app.checkpoints import save_small
from tests.app.test_actions import actions_with, opened
from tests.app.test_model_work import Asking
from tests.app.visitors import Page, toy_pictures, toy_store

HAN = re.compile(r"[\u4e00-\u9fff]")


@pytest.mark.parametrize(
    ("asked", "expected"), [("zh", "zh"), ("en", "en"), ("xx", "en"), ("../zh", "en"), (None, "en"), (["zh"], "en")]
)
def test_a_message_is_answered_in_its_language_where_there_is_such(asked: object, expected: str) -> None:
    assert Fields({"language": asked}).language == expected
    assert Fields({"language": asked, "edit": {}}).inside("edit").language == expected


def test_a_message_that_asks_for_none_is_answered_in_the_server_s() -> None:
    assert Fields({}, "zh").language == "zh"


def test_two_visitors_are_answered_side_by_side() -> None:
    pictures = toy_pictures()
    ours, theirs = Page(pictures, "one", "o" * 32), Page(pictures, "two", "p" * 32)
    segment = ours.state["segments"][0]["segment_id"]
    relabel = {"kind": "relabel", "segment_id": segment, "category_id": 9}
    done = [page.move("edit", language=code, edit=relabel)["message"] for page, code in ((ours, "zh"), (theirs, "en"))]
    assert done == [text("app.done.relabel", code, segment_id=segment, category="person") for code in ("zh", "en")]
    undone = ours.move("undo", language="zh")["message"]
    assert undone == text("app.done.undo", "zh", what=text("app.edit.relabel", "zh"))
    assert HAN.search(ours.ask("edit", language="zh", edit_id="e", version=99, edit=relabel)["error"])
    assert HAN.search(ours.ask("no such message", language="zh")["error"])


def test_what_can_be_undone_is_told_without_a_language() -> None:
    page = Page(toy_pictures(), "one", "o" * 32)
    page.edit(kind="switch", query=2, on=False)
    undo = page.state["undo"]
    assert undo["key"] in catalogue()
    assert text(undo["key"], "zh", **undo["values"]) == text("app.edit.switch_off", "zh", query=2)


def test_work_in_turn_is_answered_in_its_language() -> None:
    asking = Asking()
    assert asking.ask("refine", language="zh")["error"] == text("error.bad_field", "zh", field="message")
    assert asking.ask("refine")["error"] == text("error.bad_field", field="message")


def test_a_picture_that_cannot_be_opened_is_told_in_its_language(tmp_path: Path) -> None:
    actions = actions_with(Models(str(save_small(tmp_path / "small")), "cpu"), toy_store())
    assert opened(actions, sample="nothing", language="zh")["error"].startswith("没有名为 nothing 的示例图片")
    assert opened(actions, "no model", language="zh")["error"] == text("error.no_such_model", "zh", name="no model")


def test_the_bundled_models_have_words_in_every_language() -> None:
    """The page looks them up by name, where the catalogue says in English what the model's card says."""
    models, first = Models(None, "cpu"), catalogue()
    for name in bundled():
        row = row_of(models.entry(name))
        assert (row["title"], row["data"]) == (first[f"app.model.title.{name}"], first[f"app.model.data.{name}"])
        assert f"app.model.task.{row['task']}" in first
        assert first.get(f"app.model.license.{name}", row["license"]) == row["license"]
