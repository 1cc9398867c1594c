"""What the page has to say is seen: wherever the page is scrolled to, and before whatever dialog is open."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.e2e.drawn_studio import DrawnPage

pytestmark = pytest.mark.browser

SENTENCE = "is not a picture"
IS_ON_TOP = """notice => {
  const { x, y, width, height } = notice.getBoundingClientRect();
  return notice.contains(document.elementFromPoint(x + width / 2, y + height / 2));
}"""


def require_seen(page: Any, sentence: str) -> None:
    notice = page.get_by_test_id("notice").filter(has_text=sentence)
    expect(notice).to_be_in_viewport(ratio=1)
    assert notice.evaluate(IS_ON_TOP), "something lies over it"


def refused(person: DrawnPage) -> None:
    person.choose_file({"name": "notes.jpg", "mimeType": "image/jpeg", "buffer": b"no picture at all"})
    person.page.get_by_test_id("notice").filter(has_text=SENTENCE).wait_for()


@pytest.mark.parametrize(("width", "height"), [(1400, 900), (390, 800)])
def test_a_notice_stays_in_sight_however_far_the_page_is_scrolled(
    width: int, height: int, new_studio_page: Callable[..., DrawnPage]
) -> None:
    person = new_studio_page(width, height)
    refused(person)
    require_seen(person.page, SENTENCE)
    person.open_drawn()
    refused(person)
    for place in ("0", "document.documentElement.scrollHeight"):
        person.page.evaluate(f"window.scrollTo(0, {place})")
        require_seen(person.page, SENTENCE)
    person.page.get_by_test_id("notice-dismiss").click()
    expect(person.page.get_by_test_id("notice")).to_have_text("")


def test_a_notice_comes_before_the_dialog_that_is_open_and_stays_when_it_closes(studio_page: DrawnPage) -> None:
    page, picture = studio_page.page, studio_page.document_id
    studio_page.open_drawn()
    page.get_by_test_id("new-picture").click()
    page.get_by_test_id(f"album-remove-{picture}").click()
    page.get_by_test_id("album-delete").click()
    require_seen(page, "deleted")
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("chooser")).to_be_hidden()
    require_seen(page, "deleted")
