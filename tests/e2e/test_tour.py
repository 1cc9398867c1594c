"""The tour of the doubtful: its order, its reasons, its count, and that Tab belongs to the page elsewhere."""

import re
from collections.abc import Callable

import pytest

from core.refinement import doubts
from tests.e2e.clicking import IN_CAR, click, imported, smart
from tests.e2e.drawn_studio import DrawnPage
from tests.e2e.hand import saved

pytestmark = pytest.mark.browser

NewPage = Callable[..., DrawnPage]


def chosen(person: DrawnPage) -> int:
    return int(person.page.locator("tr[aria-current]").get_attribute("data-segment"))


def walk(person: DrawnPage, key: str) -> int:
    """Presses a key of the tour; the segment that is chosen then."""
    rows = person.page.locator("tr[aria-current]")
    before = rows.get_attribute("data-segment") if rows.count() else ""
    person.page.keyboard.press(key)
    person.page.locator(f"tr[aria-current]:not([data-segment='{before}'])").wait_for(state="attached")
    return chosen(person)


def order_of(person: DrawnPage) -> list[int]:
    document = person.document
    found = doubts(person.picture.prediction, document.segments)
    return [doubt.segment_id for doubt in found]


def progress(person: DrawnPage) -> str:
    return str(person.page.get_by_test_id("tour-progress").inner_text())


def test_tab_and_shift_tab_walk_by_doubt_with_reasons(studio_page: DrawnPage) -> None:
    page, order = studio_page.page, order_of(studio_page)
    page.get_by_test_id("stage").focus()
    assert [walk(studio_page, "Tab") for _ in range(3)] == order[:3]
    assert progress(studio_page) == f"3 of {len(order)} doubtful"
    assert walk(studio_page, "Shift+Tab") == order[1]
    assert progress(studio_page).startswith("2 of")
    reasons = page.get_by_test_id("reasons").locator("li").all_inner_texts()
    assert reasons
    assert all(re.fullmatch(r"[A-Z].*\.", words) for words in reasons)


def test_space_reviews_and_goes_on_until_nothing_is_left(studio_page: DrawnPage) -> None:
    page, order = studio_page.page, order_of(studio_page)
    page.get_by_test_id("stage").focus()
    walk(studio_page, "Tab")
    for place, segment in enumerate(order):
        assert chosen(studio_page) == segment
        if place + 1 < len(order):
            assert walk(studio_page, " ") == order[place + 1]
        else:
            studio_page.editing(lambda: page.keyboard.press(" "))
    saved(page)
    assert all(row.reviewed for row in studio_page.document.segments.values())
    assert f"{len(order)} reviewed" in progress(studio_page)
    page.wait_for_function("() => document.querySelector('[data-testid=notice]').innerText.includes('Every doubtful')")


def test_what_space_passed_does_not_come_again_while_the_server_is_slow(studio_page: DrawnPage) -> None:
    page, order = studio_page.page, order_of(studio_page)
    page.get_by_test_id("stage").focus()
    walk(studio_page, "Tab")
    page.context.route("**/component_server/**", lambda route: route.abort())
    assert [walk(studio_page, " ") for _ in order[1:]] == order[1:]
    page.keyboard.press(" ")
    page.wait_for_timeout(300)
    assert chosen(studio_page) == order[-1]
    page.context.unroute("**/component_server/**")
    saved(page)
    page.wait_for_function("() => document.querySelector('[data-testid=notice]').innerText.includes('Every doubtful')")
    assert f"{len(order)} reviewed" in progress(studio_page)


def test_tab_is_the_pages_own_off_the_picture_and_escape_lets_go(studio_page: DrawnPage) -> None:
    page = studio_page.page
    stage = page.get_by_test_id("stage")
    page.get_by_test_id("undo").focus()
    page.keyboard.press("Tab")
    assert page.locator("tr[aria-current]").count() == 0
    stage.focus()
    walk(studio_page, "Tab")
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    page.keyboard.press("Tab")
    assert not stage.evaluate("node => node === document.activeElement")


def test_what_is_clicked_on_the_tour_is_accepted_by_the_same_space(studio_page: DrawnPage) -> None:
    page, order = studio_page.page, order_of(studio_page)
    page.get_by_test_id("stage").focus()
    first = walk(studio_page, "Tab")
    smart(studio_page)
    click(studio_page, IN_CAR)
    assert studio_page.label_map[IN_CAR[1], IN_CAR[0]] == first
    assert walk(studio_page, " ") == order[1]
    saved(page)
    assert studio_page.document.segments[first].reviewed


def test_imported_segments_are_on_the_tour(studio_page: DrawnPage) -> None:
    page = studio_page.page
    brought = imported(studio_page)
    page.get_by_test_id("stage").focus()
    assert walk(studio_page, "Tab") == brought
    assert progress(studio_page) == "1 of 1 doubtful"
    assert "imported" in page.get_by_test_id("reasons").inner_text()


def test_the_tour_needs_no_keys(new_studio_page: NewPage) -> None:
    person = new_studio_page(390, 844, has_touch=True)
    person.open_drawn()
    page, order = person.page, order_of(person)
    page.get_by_test_id("tab-segments").tap()
    page.get_by_test_id("tour").tap()
    page.get_by_test_id("tour-progress").wait_for()
    assert chosen(person) == order[0]
    page.get_by_test_id("tour-after").tap()
    page.locator(f"tr[aria-current][data-segment='{order[1]}']").wait_for(state="attached")
    person.editing(page.get_by_test_id("tour-confirm").tap)
    assert person.document.segments[order[1]].reviewed
    page.locator(f"tr[aria-current][data-segment='{order[2]}']").wait_for(state="attached")
