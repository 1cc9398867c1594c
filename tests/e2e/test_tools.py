"""Each tool in a real browser against the picture that Python holds, and against independently computed rasters."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pytest

from tests.e2e import rasters
from tests.e2e.canvas import point, zoom_to
from tests.e2e.drawn_studio import DrawnPage
from tests.e2e.hand import (
    CAR_AT,
    ROAD_AT,
    STROKE,
    choose,
    corner,
    drag,
    drag_corners,
    rectangle,
    same_on_screen,
    saved,
    take,
)
from tests.e2e.rasters import Point

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

SKY_AT = (60, 15)
LONGER_THAN_A_TAP = 300  # milliseconds
NewPage = Callable[..., DrawnPage]


@pytest.mark.parametrize("zoom", [None, 0.25, 1, 8])
def test_a_brush_stroke_is_its_raster(studio_page: DrawnPage, zoom: float | None) -> None:
    page = studio_page.page
    car = choose(studio_page, CAR_AT)
    if zoom:
        zoom_to(page, zoom, 320, 420)
    take(page, "brush", 15)
    before = studio_page.label_map
    stroke = STROKE if zoom != 8 else [(305, 405), (335, 412), (322, 430)]
    drag(page, stroke)
    saved(page)
    expected = np.where(rasters.brush(stroke, 15, before.shape), car, before)
    assert np.array_equal(studio_page.label_map, expected)
    same_on_screen(studio_page)


@pytest.mark.parametrize("size", [1, 2, 3, 40])
def test_brush_sizes(studio_page: DrawnPage, size: int) -> None:
    car = choose(studio_page, CAR_AT)
    take(studio_page.page, "brush", size)
    before = studio_page.label_map
    drag(studio_page.page, STROKE)
    saved(studio_page.page)
    expected = np.where(rasters.brush(STROKE, size, before.shape), car, before)
    assert np.array_equal(studio_page.label_map, expected)


def test_the_eraser_makes_void_while_its_key_is_held(studio_page: DrawnPage) -> None:
    page = studio_page.page
    choose(studio_page, CAR_AT)
    take(page, "brush", 15)
    before = studio_page.label_map
    page.mouse.move(*point(page, *CAR_AT))
    page.keyboard.down("e")
    assert page.get_by_test_id("stage").get_attribute("data-tool") == "eraser"
    drag(page, STROKE)
    page.wait_for_timeout(LONGER_THAN_A_TAP)
    page.keyboard.up("e")
    assert page.get_by_test_id("stage").get_attribute("data-tool") == "brush"
    saved(page)
    expected = np.where(rasters.brush(STROKE, 15, before.shape), 0, before)
    assert np.array_equal(studio_page.label_map, expected)


TRIANGLE = [(250, 380), (400, 390), (310, 470)]


def click_polygon(page: "Page", corners: Sequence[Point]) -> None:
    take(page, "polygon")
    for place in corners:
        page.mouse.click(*corner(page, place))


def lasso(page: "Page", corners: Sequence[Point]) -> None:
    take(page, "lasso")
    drag_corners(page, corners)


OUTLINES: dict[str, tuple[Callable[["Page", Sequence[Point]], None], list[Point]]] = {
    "lasso": (lasso, TRIANGLE),
    "rectangle": (rectangle, [(250, 380), (401, 455)]),
    "polygon": (click_polygon, [(250, 380), (400, 385), (330, 420), (395, 470), (260, 460)]),
}


@pytest.mark.parametrize("zoom", [0.25, 1])
@pytest.mark.parametrize("tool", OUTLINES)
def test_an_outline_is_its_raster(studio_page: DrawnPage, tool: str, zoom: float) -> None:
    page = studio_page.page
    car = choose(studio_page, CAR_AT)
    zoom_to(page, zoom, 320, 420)
    before = studio_page.label_map
    draw, corners = OUTLINES[tool]
    draw(page, corners)
    if tool == "polygon":
        page.keyboard.press("Enter")
    saved(page)
    covers = (
        rasters.rectangle(corners[0], corners[1], before.shape)
        if tool == "rectangle"
        else rasters.polygon(corners, before.shape)
    )
    assert np.array_equal(studio_page.label_map, np.where(covers, car, before))
    same_on_screen(studio_page)


def test_a_polygon_takes_corners_back_and_can_be_dropped(studio_page: DrawnPage) -> None:
    page = studio_page.page
    car = choose(studio_page, CAR_AT)
    before = studio_page.label_map
    click_polygon(page, TRIANGLE)
    page.keyboard.press("Escape")
    page.keyboard.press("Enter")
    click_polygon(page, [*TRIANGLE, (100, 100)])
    page.keyboard.press("Backspace")
    page.mouse.click(*corner(page, TRIANGLE[0]))
    saved(page)
    covers = rasters.polygon(TRIANGLE, before.shape)
    assert np.array_equal(studio_page.label_map, np.where(covers, car, before))


def test_fill_takes_the_region_of_one_label(studio_page: DrawnPage) -> None:
    page = studio_page.page
    car = choose(studio_page, CAR_AT)
    before = studio_page.label_map
    take(page, "fill")
    page.mouse.click(*point(page, *SKY_AT))
    saved(page)
    assert np.array_equal(studio_page.label_map, np.where(rasters.fill(before, SKY_AT), car, before))
    same_on_screen(studio_page)


def test_subtract_takes_from_the_chosen_segment_alone(studio_page: DrawnPage) -> None:
    page = studio_page.page
    road = choose(studio_page, ROAD_AT)
    take(page, "brush", 15)
    before = studio_page.label_map
    page.keyboard.down("Alt")
    drag(page, [(320, 320), *STROKE])
    page.keyboard.up("Alt")
    saved(page)
    covers = rasters.brush([(320, 320), *STROKE], 15, before.shape) & (before == road)
    assert np.array_equal(studio_page.label_map, np.where(covers, 0, before))


def test_protected_segments_keep_their_pixels(studio_page: DrawnPage) -> None:
    page = studio_page.page
    road = choose(studio_page, ROAD_AT)
    page.keyboard.press("r")
    saved(page)
    assert studio_page.document.segments[road].locked
    before = studio_page.label_map
    take(page, "brush", 15)
    drag(page, STROKE)  # onto the protected one: refused
    choose(studio_page, CAR_AT)
    take(page, "brush", 15)
    drag(page, STROKE)
    saved(page)
    assert np.array_equal(studio_page.label_map, before)


def test_only_void_leaves_other_segments_alone(studio_page: DrawnPage) -> None:
    page = studio_page.page
    car = choose(studio_page, CAR_AT)
    take(page, "eraser", 5)
    drag(page, STROKE)
    saved(page)
    before = studio_page.label_map
    take(page, "brush", 40)
    page.keyboard.press("x")
    drag(page, STROKE)
    saved(page)
    covers = rasters.brush(STROKE, 40, before.shape) & (before == 0)
    assert np.array_equal(studio_page.label_map, np.where(covers, car, before))


def test_a_finger_paints(new_studio_page: NewPage) -> None:
    person = new_studio_page(390, 844, theme="dark", has_touch=True)
    person.open_drawn()
    page = person.page
    before = person.label_map
    page.get_by_test_id("tool-brush").tap()
    at = (200, 150)
    person.editing(lambda: page.touchscreen.tap(*point(page, *at)))
    changed = person.label_map != before
    assert changed[at[1], at[0]]
    made = max(person.document.segments)
    assert np.array_equal(changed, person.label_map == made)


@pytest.mark.slow
@pytest.mark.parametrize(("height", "width"), [(3000, 4000), (1, 640)])
def test_extreme_pictures_are_painted_exactly(new_studio_page: NewPage, height: int, width: int) -> None:
    person = new_studio_page(theme="dark")
    person.open_drawn(height, width)
    page = person.page
    before = person.label_map
    take(page, "brush", 24)
    stroke = [(width // 2, height // 2), (width // 2 + 40, height // 2)]
    zoom_to(page, 1, *stroke[0])
    drag(page, stroke)
    saved(page)
    made = max(person.document.segments)
    assert np.array_equal(person.label_map, np.where(rasters.brush(stroke, 24, before.shape), made, before))
    same_on_screen(person)
