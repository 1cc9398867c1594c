"""Each tool in a real browser against the picture that Python holds, and against independently computed rasters."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.e2e import rasters
from tests.e2e.canvas import canvas_pixels, native_pixels, point, zoom_to
from tests.e2e.drawn_studio import DrawnPage
from tests.e2e.rasters import Mask, Point

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

CAR_AT, ROAD_AT, SKY_AT = (320, 300), (320, 440), (60, 15)
NewPage = Callable[..., DrawnPage]


def label_at(person: DrawnPage, at: Point) -> int:
    return int(person.document.label_map[at[1], at[0]])


def choose(person: DrawnPage, at: Point) -> int:
    """Clicks a segment with the select tool; its id."""
    person.page.get_by_test_id("tool-select").click()
    person.page.mouse.click(*point(person.page, *at))
    person.page.locator(f"tr[data-segment='{label_at(person, at)}'][aria-current]").wait_for(state="attached")
    return label_at(person, at)


def take(page: "Page", tool: str, size: int | None = None) -> None:
    page.get_by_test_id(f"tool-{tool}").click()
    if size is not None:
        slider = page.get_by_test_id("brush-size")
        slider.evaluate(
            "(node, size) => { node.value = Math.log(size) / Math.log(400); node.dispatchEvent(new Event('input')); }",
            size,
        )
        assert slider.evaluate("node => node.parentElement.textContent") == str(size)


def drag(page: "Page", points: Sequence[Point]) -> None:
    """Presses at the middle of the first pixel and moves from middle to middle."""
    page.mouse.move(*point(page, *points[0]))
    page.mouse.down()
    for place in points[1:]:
        page.mouse.move(*point(page, *place))
    page.mouse.up()


def corner(page: "Page", at: Point) -> tuple[float, float]:
    """Where a pixel's upper left corner is in the window."""
    return point(page, at[0] - 0.5, at[1] - 0.5)


def drag_corners(page: "Page", corners: Sequence[Point]) -> None:
    page.mouse.move(*corner(page, corners[0]))
    page.mouse.down()
    for place in corners[1:]:
        page.mouse.move(*corner(page, place))
    page.mouse.up()


def saved(page: "Page") -> None:
    page.locator("[data-testid=saved][data-mood=saved]").wait_for()


def shown_labels(person: DrawnPage) -> NDArray[np.int64]:
    """The label under each pixel of the canvas that shows the picture, read from its colours; -1 beside it."""
    page = person.page
    page.keyboard.press("Escape")
    pixels = canvas_pixels(page)[..., :3].astype(np.int64)
    colors: dict[str, list[int]] = page.evaluate(
        "() => Object.fromEntries([...document.querySelectorAll('tr[data-segment]')].map((row) => ["
        "row.dataset.segment, getComputedStyle(row.querySelector('.dot')).getPropertyValue('--dot')"
        ".match(/\\d+/g).map(Number)]))"
    )
    label_of = {(r << 16) | (g << 8) | b: int(label) for label, (r, g, b) in colors.items()} | {0: 0}
    keys = (pixels[..., 0] << 16) | (pixels[..., 1] << 8) | pixels[..., 2]
    known, places = np.unique(keys, return_inverse=True)
    return np.array([label_of.get(int(key), -2) for key in known])[places].reshape(keys.shape)


def same_on_screen(person: DrawnPage) -> None:
    """Every canvas pixel has the colour of the label that Python holds for the native pixel below it."""
    page = person.page
    for name in ("show-outlines", "show-names"):
        if page.get_by_test_id(name).get_attribute("aria-pressed") == "true":
            page.get_by_test_id(name).click()
    page.get_by_test_id("opacity").focus()
    page.keyboard.press("End")
    labels = person.label_map
    native = native_pixels(page, labels.shape)
    shown = shown_labels(person)
    inside = native >= 0
    assert np.array_equal(shown[inside], labels.ravel()[native[inside]])


STROKE = [(300, 400), (340, 410), (330, 440)]


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
    page.wait_for_timeout(300)
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
        page.wait_for_timeout(30)


def lasso(page: "Page", corners: Sequence[Point]) -> None:
    take(page, "lasso")
    drag_corners(page, corners)


def rectangle(page: "Page", corners: Sequence[Point]) -> None:
    take(page, "rectangle")
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


def covered(before: NDArray[np.int32]) -> Mask:
    return rasters.brush(STROKE, 15, before.shape)


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


def test_strokes_go_on_with_a_segment_that_has_no_id_yet(studio_page: DrawnPage) -> None:
    page = studio_page.page
    page.keyboard.press("Escape")
    before = studio_page.label_map
    page.get_by_test_id("new-class").select_option(label="person")
    take(page, "brush", 15)
    page.get_by_test_id("mode-new").click()
    second = [(200, 100), (260, 100)]
    drag(page, STROKE)
    drag(page, second)  # before the server has named the segment
    saved(page)
    made = max(studio_page.document.segments)
    covers = covered(before) | rasters.brush(second, 15, before.shape)
    assert np.array_equal(studio_page.label_map, np.where(covers, made, before))
    assert studio_page.document.segments[made].category_id == 24
    assert page.locator(f"tr[data-segment='{made}'][aria-current]").count() == 1
    same_on_screen(studio_page)


def test_undo_all_is_the_original_and_redo_all_the_final(studio_page: DrawnPage) -> None:
    page = studio_page.page
    first = studio_page.label_map
    choose(studio_page, CAR_AT)
    take(page, "brush", 15)
    drag(page, STROKE)
    rectangle(page, [(20, 20), (90, 90)])
    take(page, "eraser", 15)
    drag(page, [(400, 100), (500, 120)])
    saved(page)
    final = studio_page.label_map
    for _ in range(3):
        page.keyboard.press("Control+z")
    saved(page)
    assert np.array_equal(studio_page.label_map, first)
    same_on_screen(studio_page)
    for _ in range(3):
        page.keyboard.press("Control+y")
    saved(page)
    assert np.array_equal(studio_page.label_map, final)
    same_on_screen(studio_page)


def test_strokes_made_offline_are_kept_across_a_reload(studio_page: DrawnPage) -> None:
    page = studio_page.page
    car = choose(studio_page, CAR_AT)
    take(page, "brush", 15)
    before = studio_page.label_map
    page.context.route("**/component_server/**", lambda route: route.abort())
    drag(page, STROKE)
    second = [(60, 100), (120, 130)]
    drag(page, second)
    page.locator("[data-testid=saved][data-mood=waiting]").wait_for()
    assert np.array_equal(studio_page.label_map, before)
    page.context.unroute("**/component_server/**")
    saved(page)
    covers = covered(before) | rasters.brush(second, 15, before.shape)
    assert np.array_equal(studio_page.label_map, np.where(covers, car, before))
    same_on_screen(studio_page)


def test_a_lost_answer_does_not_make_an_edit_twice(studio_page: DrawnPage) -> None:
    page = studio_page.page
    choose(studio_page, CAR_AT)
    take(page, "brush", 15)
    steps = len(studio_page.picture.history.done)
    lost: list[Any] = []

    def lose_the_first_answer(route: Any) -> None:
        if lost:
            return route.continue_()
        lost.append(route.fetch())
        return route.abort()

    page.context.route("**/component_server/**", lose_the_first_answer)
    drag(page, STROKE)
    page.locator("[data-testid=saved][data-mood=waiting]").wait_for()
    saved(page)
    page.context.unroute("**/component_server/**")
    assert len(studio_page.picture.history.done) == steps + 1
    same_on_screen(studio_page)


def test_alt_and_the_wheel_walk_the_claims_and_enter_takes_one(studio_page: DrawnPage) -> None:
    page = studio_page.page
    page.mouse.move(*point(page, *CAR_AT))
    page.keyboard.down("Alt")
    page.mouse.wheel(0, 100)
    page.get_by_test_id("claims").wait_for()
    queries = page.locator(".claim").evaluate_all("rows => rows.map((row) => Number(row.dataset.query))")
    assert queries[0] == 60
    assert 33 in queries  # overlapped: a second opinion about the car
    for _ in range(queries.index(33)):
        page.mouse.wheel(0, 100)
    page.keyboard.up("Alt")
    assert page.locator(".claim[aria-selected=true]").get_attribute("data-query") == "33"
    page.keyboard.press("Enter")
    page.wait_for_function("() => !document.querySelector('.claims:not([hidden])')")
    saved(page)
    assert any(33 in segment.queries for segment in studio_page.document.segments.values())


def test_keys_can_be_changed_and_conflicts_are_told(studio_page: DrawnPage) -> None:
    page = studio_page.page
    page.get_by_test_id("keys").click()
    page.get_by_test_id("key-brush").click()
    page.keyboard.press("g")
    assert "polygon" in page.get_by_test_id("key-note").inner_text()
    page.get_by_test_id("key-brush").click()
    page.keyboard.press("p")
    page.keyboard.press("Escape")
    page.get_by_test_id("stage").focus()
    page.keyboard.press("p")
    assert page.get_by_test_id("stage").get_attribute("data-tool") == "brush"
    page.get_by_test_id("keys").click()
    page.get_by_test_id("keys-reset").click()
    assert "B" in page.get_by_test_id("key-brush").inner_text()


def test_tab_and_space_walk_the_doubtful_segments_and_escape_lets_go(studio_page: DrawnPage) -> None:
    page = studio_page.page
    stage = page.get_by_test_id("stage")
    stage.focus()
    page.keyboard.press("Tab")
    scores = {key: segment.score for key, segment in studio_page.document.segments.items()}
    doubtful = sorted(scores, key=lambda key: (scores[key], key))
    assert page.locator("tr[aria-current]").get_attribute("data-segment") == str(doubtful[0])
    page.keyboard.press(" ")
    saved(page)
    assert studio_page.document.segments[doubtful[0]].reviewed
    assert page.locator("tr[aria-current]").get_attribute("data-segment") == str(doubtful[1])
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    page.keyboard.press("Tab")
    assert not stage.evaluate("node => node === document.activeElement")


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
