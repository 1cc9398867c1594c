"""Leaving a picture asks a question only while the browser alone has some of its edits."""

from typing import TYPE_CHECKING, Any

import pytest

from tests.e2e.drawn_studio import DrawnPage, drawn_file
from tests.e2e.explaining import hold_questions
from tests.e2e.studio import SECONDS, wait_until

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

SERVER = "**/component_server/**"
OTHER: dict[str, Any] = {"name": "other.png", "mimeType": "image/png", "buffer": drawn_file((60, 80))}


def move_the_score_threshold(page: "Page", mood: str) -> None:
    page.get_by_test_id("threshold-score").press("PageDown")
    page.locator(f"[data-testid=saved][data-mood={mood}]").wait_for()


def reload(page: "Page") -> list[str]:
    """The questions that the browser asked on the way."""
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.reload()
    page.get_by_test_id("start").wait_for()
    return asked


def test_saved_edits_are_left_without_a_question(studio_page: DrawnPage) -> None:
    studio_page.editing(lambda: move_the_score_threshold(studio_page.page, "saved"))
    assert reload(studio_page.page) == []


def test_an_edit_that_is_not_saved_is_asked_about(studio_page: DrawnPage) -> None:
    page = studio_page.page
    page.context.route(SERVER, lambda route: route.abort())
    move_the_score_threshold(page, "waiting")
    assert reload(page) == ["beforeunload"]


def test_another_picture_waits_for_the_edits_of_this_one(studio_page: DrawnPage) -> None:
    page, street = studio_page.page, studio_page.picture
    before = street.document.settings.score_threshold
    page.context.route(SERVER, lambda route: route.abort())
    move_the_score_threshold(page, "waiting")
    page.get_by_test_id("new-picture").click()
    studio_page.choose_file(OTHER)
    page.get_by_test_id("leave-stay").click()
    assert studio_page.document_id == street.document_id
    studio_page.choose_file(OTHER)
    page.get_by_test_id("leaving").wait_for()
    studio_page.opening(lambda: page.context.unroute(SERVER))
    assert page.get_by_test_id("leaving").is_hidden(), "saved meanwhile: no answer is needed"
    assert street.document.settings.score_threshold < before
    assert studio_page.picture.name == "other.png"


def test_who_goes_back_while_the_picture_loads_keeps_the_one_that_is_open(studio_page: DrawnPage) -> None:
    page, first = studio_page.page, studio_page.document_id
    held = hold_questions(page, "open")
    page.get_by_test_id("new-picture").click()
    studio_page.choose_file(OTHER)
    wait_until(page, lambda: len(held) == 1)
    page.get_by_test_id("opening").get_by_role("button").click()
    with page.expect_response(SERVER):
        held[0].continue_()
    page.wait_for_timeout(0.5 * SECONDS)
    assert studio_page.document_id == first
    assert page.get_by_test_id("document-name").inner_text() == "street.png"
