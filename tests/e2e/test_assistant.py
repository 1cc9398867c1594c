"""The assistant's pass: shown as a difference, taken over as one edit, undone, refused."""

import numpy as np
import pytest

from tests.e2e.drawn_studio import DrawnPage
from tests.e2e.hand import CAR_AT, ROAD_AT, choose, label_at, rectangle, same_on_screen, saved

pytestmark = pytest.mark.browser

HOLE = (slice(418, 422), slice(318, 322))
FRAME = (
    [(300, 400), (318, 440)],
    [(322, 400), (340, 440)],
    [(300, 400), (340, 418)],
    [(300, 422), (340, 440)],
)


def frame(person: DrawnPage) -> int:
    """Gives the car a part of the road with a hole in it; the car's id."""
    car = choose(person, CAR_AT)
    for corners in FRAME:
        rectangle(person.page, corners)
    saved(person.page)
    return car


def test_what_was_left_behind_is_shown_taken_and_undone(studio_page: DrawnPage) -> None:
    page = studio_page.page
    road = label_at(studio_page, ROAD_AT)
    car = frame(studio_page)
    before = studio_page.label_map
    assert (before[HOLE] == road).all()
    page.keyboard.press("Shift+A")
    page.get_by_test_id("offer").wait_for()
    assert page.get_by_test_id("offer-words").inner_text().startswith("16 pixels")
    assert np.array_equal(studio_page.label_map, before)
    studio_page.editing(lambda: page.keyboard.press("Enter"))
    expected = before.copy()
    expected[HOLE] = car
    assert np.array_equal(studio_page.label_map, expected)
    assert not page.get_by_test_id("offer").is_visible()
    assert not studio_page.document.segments[road].touched
    studio_page.editing(lambda: page.keyboard.press("Control+z"))
    assert np.array_equal(studio_page.label_map, before)
    same_on_screen(studio_page)


def test_it_can_be_left_and_says_where_there_is_nothing(studio_page: DrawnPage) -> None:
    page = studio_page.page
    page.get_by_test_id("shape").click()
    page.get_by_test_id("shape-assist").click()
    page.wait_for_function("() => document.querySelector('[data-testid=notice]').innerText.includes('left nothing')")
    frame(studio_page)
    before = studio_page.label_map
    page.get_by_test_id("shape").click()
    page.get_by_test_id("shape-assist").click()
    page.get_by_test_id("offer-refuse").click()
    page.get_by_test_id("offer").wait_for(state="hidden")
    assert np.array_equal(studio_page.label_map, before)
