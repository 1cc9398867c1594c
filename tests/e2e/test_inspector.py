"""The segment inspector: its marks, the keys it tells of, and what it does to the shape."""

from typing import TYPE_CHECKING

import pytest

from tests.e2e.canvas import point
from tests.e2e.drawn_studio import DrawnPage

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

CAR_AT, ROAD_AT = (320, 300), (320, 440)
BUTTONS = {
    "protect": "mark-locked",
    "confirm": "mark-reviewed",
    "delete_next": "delete-next",
    "delete_void": "delete-void",
}
OWN_KEYS = {"protect": "k", "delete_next": "Ctrl+d", "delete_void": "j"}


@pytest.fixture
def person(studio_page: DrawnPage) -> DrawnPage:
    """With the car of the drawn street chosen."""
    studio_page.page.mouse.click(*point(studio_page.page, *CAR_AT))
    studio_page.page.get_by_test_id("mark-locked").wait_for()
    return studio_page


def car(person: DrawnPage) -> int:
    return int(person.document.label_map[CAR_AT[1], CAR_AT[0]])


def pressed(page: "Page", test_id: str) -> str | None:
    return page.get_by_test_id(test_id).get_attribute("aria-pressed")


@pytest.mark.parametrize(("mark", "words"), [("locked", "protected"), ("reviewed", "reviewed")])
def test_marks_are_set_and_taken_off_and_stand_in_the_list(person: DrawnPage, mark: str, words: str) -> None:
    page, node = person.page, person.page.get_by_test_id(f"mark-{mark}")
    in_list = page.get_by_test_id(f"segment-{car(person)}").get_by_label(words)
    assert (pressed(page, f"mark-{mark}"), in_list.count()) == ("false", 0)
    for on in (True, False):
        person.editing(node.click)
        assert getattr(person.document.segments[car(person)], mark) is on
        assert pressed(page, f"mark-{mark}") == str(on).lower()
        assert in_list.count() == int(on)
        assert node.evaluate("node => node === document.activeElement"), "a toggle keeps the focus"


def test_the_key_of_a_mark_and_its_button_agree(person: DrawnPage) -> None:
    person.page.get_by_test_id("stage").focus()
    person.editing(lambda: person.page.keyboard.press("r"))
    assert pressed(person.page, "mark-locked") == "true"
    person.editing(person.page.get_by_test_id("mark-locked").click)
    assert not person.document.segments[car(person)].locked


def test_hints_follow_the_keymap(person: DrawnPage) -> None:
    page = person.page
    hint = {action: page.get_by_test_id(test_id).locator("kbd") for action, test_id in BUTTONS.items()}
    assert {action: node.inner_text() for action, node in hint.items()} == {
        "protect": "R",
        "confirm": "Space",
        "delete_next": "Del",
        "delete_void": "Shift Del",
    }
    for action, keys in OWN_KEYS.items():
        rebind(page, action, keys)
    assert {action: node.inner_text() for action, node in hint.items()} == {
        "protect": "K",
        "confirm": "Space",
        "delete_next": "Ctrl D",
        "delete_void": "J",
    }


def rebind(page: "Page", action: str, keys: str) -> None:
    page.get_by_test_id("keys").click()
    page.get_by_test_id(f"key-{action}").click()
    page.keyboard.press(keys.replace("Ctrl", "Control"))
    page.keyboard.press("Escape")
    page.get_by_test_id("key-sheet").wait_for(state="hidden")


def test_shape_acts_on_the_chosen_segment_with_the_number_beside_it(person: DrawnPage) -> None:
    page, before = person.page, person.document.segments[car(person)].area
    page.get_by_test_id("segment-number-grow").fill("3")
    person.editing(page.get_by_test_id("segment-shape-grow").click)
    grown = person.document.segments[car(person)].area
    assert grown > before
    person.editing(page.get_by_test_id("segment-shape-shrink").click)
    assert person.document.segments[car(person)].area < grown


def test_a_protected_segment_keeps_its_shape_and_the_person_hears_why(person: DrawnPage) -> None:
    page = person.page
    person.editing(page.get_by_test_id("mark-locked").click)
    document = person.document
    page.get_by_test_id("segment-shape-fill_holes").click()
    assert "protected" in page.get_by_test_id("notice").last.inner_text()
    assert person.document is document


def test_a_click_joins_another_segment_to_the_chosen_one(person: DrawnPage) -> None:
    page, joined = person.page, car(person)
    page.get_by_test_id("segment-shape-merge").click()
    person.editing(lambda: page.mouse.click(*point(page, *ROAD_AT)))
    assert int(person.document.label_map[ROAD_AT[1], ROAD_AT[0]]) == joined
