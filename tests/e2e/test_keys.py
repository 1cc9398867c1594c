"""Everything by keys: what each does, that it can be another one, and that none holds anybody back."""

import numpy as np
import pytest

from core.document.morphology import dilated, eroded
from tests.e2e import rasters
from tests.e2e.canvas import point
from tests.e2e.drawn_studio import DrawnPage
from tests.e2e.hand import CAR_AT, ROAD_AT, STROKE, choose, drag, same_on_screen, saved, take

pytestmark = pytest.mark.browser

LONGER_THAN_A_TAP = 300  # milliseconds


def test_keys_can_be_changed_and_conflicts_are_told(studio_page: DrawnPage) -> None:
    page = studio_page.page
    page.get_by_test_id("keys").click()
    page.get_by_test_id("key-brush").click()
    page.keyboard.press("g")
    assert "polygon" in page.get_by_test_id("key-note").inner_text()
    page.get_by_test_id("key-brush").click()
    page.keyboard.press("i")
    page.keyboard.press("Escape")
    page.get_by_test_id("stage").focus()
    page.keyboard.press("i")
    assert page.get_by_test_id("stage").get_attribute("data-tool") == "brush"
    page.get_by_test_id("keys").click()
    page.get_by_test_id("keys-reset").click()
    assert "B" in page.get_by_test_id("key-brush").inner_text()


def test_shift_and_tab_go_back_as_everywhere(studio_page: DrawnPage) -> None:
    page = studio_page.page
    stage = page.get_by_test_id("stage")
    stage.focus()
    page.keyboard.press("Shift+Tab")
    assert not stage.evaluate("node => node === document.activeElement")
    assert page.locator("tr[aria-current]").count() == 0


def test_own_keys_outlast_the_page(studio_page: DrawnPage) -> None:
    page = studio_page.page
    page.get_by_test_id("keys").click()
    page.get_by_test_id("key-brush").click()
    page.keyboard.press("Control+b")
    saved(page)
    studio_page.visit()
    studio_page.open_drawn()
    page.get_by_test_id("stage").focus()
    page.keyboard.press("b")
    assert page.get_by_test_id("stage").get_attribute("data-tool") == "select"
    page.keyboard.press("Control+b")
    assert page.get_by_test_id("stage").get_attribute("data-tool") == "brush"


def test_a_key_let_go_before_the_mouse_takes_no_stroke_away(studio_page: DrawnPage) -> None:
    page = studio_page.page
    choose(studio_page, CAR_AT)
    take(page, "brush", 15)
    before = studio_page.label_map
    page.mouse.move(*point(page, *STROKE[0]))
    page.keyboard.down("e")
    page.mouse.down()
    page.mouse.move(*point(page, *STROKE[1]))
    page.wait_for_timeout(LONGER_THAN_A_TAP)
    page.keyboard.up("e")
    page.mouse.move(*point(page, *STROKE[2]))
    page.mouse.up()
    assert page.get_by_test_id("stage").get_attribute("data-tool") == "brush"
    saved(page)
    assert np.array_equal(studio_page.label_map, np.where(rasters.brush(STROKE, 15, before.shape), 0, before))


def test_another_tool_waits_for_the_end_of_the_stroke(studio_page: DrawnPage) -> None:
    page = studio_page.page
    car = choose(studio_page, CAR_AT)
    take(page, "brush", 15)
    before = studio_page.label_map
    page.mouse.move(*point(page, *STROKE[0]))
    page.mouse.down()
    page.mouse.move(*point(page, *STROKE[1]))
    page.keyboard.press("g")
    page.mouse.move(*point(page, *STROKE[2]))
    page.mouse.up()
    assert page.get_by_test_id("stage").get_attribute("data-tool") == "polygon"
    saved(page)
    assert np.array_equal(studio_page.label_map, np.where(rasters.brush(STROKE, 15, before.shape), car, before))


def test_the_shape_of_a_segment_by_keys(studio_page: DrawnPage) -> None:
    page = studio_page.page
    car = choose(studio_page, CAR_AT)
    page.get_by_test_id("segment-number-grow").fill("3")
    page.get_by_test_id("stage").focus()
    before = studio_page.label_map
    grown = dilated(before == car, 3)
    studio_page.editing(lambda: page.keyboard.press("Shift+G"))
    assert np.array_equal(studio_page.label_map, np.where(grown, car, before))
    studio_page.editing(lambda: page.keyboard.press("Shift+T"))
    assert np.array_equal(studio_page.label_map == car, eroded(grown, 3))
    segments = set(studio_page.document.segments)
    page.keyboard.press("Shift+X")
    drag(page, [(320, 200), (320, 400)])
    saved(page)
    [piece] = set(studio_page.document.segments) - segments
    assert label_of(studio_page, 350) != label_of(studio_page, 290)
    page.keyboard.press("Shift+W")
    page.mouse.click(*point(page, *CAR_AT))
    page.mouse.click(*point(page, 350 if label_of(studio_page, 350) == piece else 290, 320))
    saved(page)
    assert piece not in studio_page.document.segments
    same_on_screen(studio_page)


def label_of(person: DrawnPage, x: int) -> int:
    return int(person.label_map[320, x])


def test_filling_what_is_protected_says_why_nothing_happens(studio_page: DrawnPage) -> None:
    page = studio_page.page
    choose(studio_page, ROAD_AT)
    studio_page.editing(lambda: page.keyboard.press("r"))
    choose(studio_page, CAR_AT)
    before = studio_page.label_map
    page.keyboard.press("w")
    page.mouse.click(*point(page, *ROAD_AT))
    page.get_by_test_id("notice").filter(has_text="protected").wait_for()
    assert np.array_equal(studio_page.label_map, before)
