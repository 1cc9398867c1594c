"""The picture's window in a real browser, held against the document in Python: what it paints, and how it moves."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from app.palette import segment_color
from tests.e2e.canvas import canvas_pixels, native_pixels, point, scale, zoom_to
from tests.e2e.drawn_studio import DrawnPage
from tests.e2e.studio import wait_until

pytestmark = pytest.mark.browser


@pytest.fixture
def plain(studio_page: DrawnPage) -> DrawnPage:
    """Without outlines and names, opaque."""
    return undressed(studio_page)


def undressed(person: DrawnPage) -> DrawnPage:
    page = person.page
    page.get_by_test_id("show-outlines").click()
    page.get_by_test_id("opacity").focus()
    page.keyboard.press("End")
    return person


def colors(person: DrawnPage) -> NDArray[np.uint8]:
    """(labels, 4) RGBA of every label, opaque."""
    table = np.zeros((int(person.label_map.max()) + 1, 4), np.uint8)
    for segment_id, segment in person.document.segments.items():
        table[segment_id] = (*segment_color(segment, person.document.taxonomy), 255)
    return table


def require_exact(person: DrawnPage) -> NDArray[np.int64]:
    """Every canvas pixel has the colour of the label under its middle; answers the native pixels shown."""
    shown = native_pixels(person.page, person.label_map.shape)
    pixels = canvas_pixels(person.page)
    assert np.array_equal(pixels[shown >= 0], colors(person)[person.label_map.ravel()[shown[shown >= 0]]])
    assert not pixels[shown < 0].any()
    return np.unique(shown[shown >= 0])


@pytest.mark.parametrize("wanted", [0.25, 1, 8])
def test_the_canvas_shows_what_python_holds(plain: DrawnPage, wanted: float) -> None:
    zoom_to(plain.page, wanted, 311, 287)
    assert scale(plain.page) == pytest.approx(wanted)
    seen = require_exact(plain)
    assert wanted != 1 or len(seen) >= 640 * 480 * 0.9


@pytest.mark.parametrize("size_hw", [(1, 640), (640, 1), (3, 2)], ids=str)
def test_small_pictures_are_shown_to_the_pixel(
    new_studio_page: Callable[..., DrawnPage], size_hw: tuple[int, int]
) -> None:
    person = new_studio_page(theme="dark")
    person.open_drawn(*size_hw)
    seen = require_exact(undressed(person))
    assert scale(person.page) < 1 or len(seen) == size_hw[0] * size_hw[1]


@pytest.mark.slow
@pytest.mark.parametrize("wanted", [0.25, 1, 8])
def test_a_large_picture_is_shown_to_the_pixel(new_studio_page: Callable[..., DrawnPage], wanted: float) -> None:
    person = new_studio_page(device_scale_factor=2)
    person.open_drawn(3000, 4000, "street.jpg")
    undressed(person)
    zoom_to(person.page, wanted, 2011, 1987)
    require_exact(person)


def test_the_wheel_zooms_at_the_cursor(studio_page: DrawnPage) -> None:
    page = studio_page.page
    before = point(page, 325, 320)
    page.mouse.move(*before)
    page.mouse.wheel(0, -400)
    page.wait_for_function("document.querySelector('[data-testid=stage]').dataset.zoomed === 'true'")
    assert scale(page) > 2
    assert point(page, 325, 320) == pytest.approx(before, abs=2)
    place = re.findall(r"\d+", page.get_by_test_id("place").inner_text())
    assert [int(word) for word in place] == pytest.approx([325, 320], abs=1)  # the wheel tells whole window pixels


def test_one_to_one_and_fit(studio_page: DrawnPage) -> None:
    page = studio_page.page
    fitting = scale(page)
    page.get_by_test_id("zoom-exact").click()
    page.get_by_test_id("zoom").get_by_text("100%").wait_for()
    assert scale(page) == 1
    page.get_by_test_id("zoom-fit").click()
    page.get_by_test_id("zoom").get_by_text(f"{fitting:.0%}").wait_for()
    assert scale(page) == fitting


@pytest.mark.parametrize("hand", ["middle", "space", "plain"])
def test_a_drag_moves_the_picture_and_chooses_nothing(studio_page: DrawnPage, hand: str) -> None:
    page = studio_page.page
    zoom_to(page, 4, 325, 320)
    start = point(page, 325, 320)
    page.get_by_test_id("stage").focus()
    page.mouse.move(*start)
    if hand == "space":
        page.keyboard.down(" ")
    page.mouse.down(button="middle" if hand == "middle" else "left")
    page.mouse.move(start[0] - 30, start[1] - 17)
    page.mouse.move(start[0] - 60, start[1] - 34)
    page.mouse.up(button="middle" if hand == "middle" else "left")
    page.keyboard.up(" ")
    assert point(page, 325, 320) == pytest.approx((start[0] - 60, start[1] - 34), abs=1)
    assert page.get_by_test_id("inspector-title").count() == 0


def test_two_fingers_zoom_and_move(new_studio_page: Callable[..., DrawnPage]) -> None:
    person = new_studio_page(390, 844, has_touch=True)
    person.open_drawn()
    page = person.page
    before, (x, y) = scale(page), point(page, 320, 240)
    fingers = page.context.new_cdp_session(page)
    touch(fingers, "touchStart", (x - 30, y), (x + 30, y))
    for share in (1.2, 1.5, 2.0):
        touch(fingers, "touchMove", (x - 30 * share, y), (x + 30 * share, y))
    touch(fingers, "touchEnd")
    assert scale(page) == pytest.approx(2 * before, rel=0.02)
    assert point(page, 320, 240) == pytest.approx((x, y), abs=3)
    assert page.get_by_test_id("inspector-title").count() == 0
    page.touchscreen.tap(*point(page, 325, 320))
    page.get_by_test_id("inspector-title").get_by_text("car").wait_for()


def touch(session: Any, kind: str, *places: tuple[float, float]) -> None:
    points = [{"x": x, "y": y, "id": finger} for finger, (x, y) in enumerate(places)]
    session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})


def test_the_small_map_shows_while_zoomed_and_moves_the_window(studio_page: DrawnPage) -> None:
    page = studio_page.page
    minimap = page.get_by_test_id("minimap")
    assert minimap.is_hidden()
    zoom_to(page, 8, 325, 320)
    minimap.wait_for()
    box = minimap.locator("canvas").bounding_box()
    page.mouse.click(box["x"] + box["width"] * 0.25, box["y"] + box["height"] * 0.25)
    stage = page.get_by_test_id("stage").bounding_box()
    x, y = point(page, 160, 120)
    assert (x, y) == pytest.approx((stage["x"] + stage["width"] / 2, stage["y"] + stage["height"] / 2), abs=40)


def test_others_can_be_hidden(plain: DrawnPage) -> None:
    page = plain.page
    page.mouse.click(*point(page, 325, 320))
    page.get_by_test_id("show-alone").click()
    chosen = int(plain.label_map[320, 325])
    shown = native_pixels(page, plain.label_map.shape)
    painted = canvas_pixels(page)[..., 3] > 0
    assert np.array_equal(painted[shown >= 0], plain.label_map.ravel()[shown[shown >= 0]] == chosen)


def test_brightness_and_contrast_change_the_picture_alone(plain: DrawnPage) -> None:
    page = plain.page
    before = canvas_pixels(page)
    page.get_by_test_id("look").click()
    page.get_by_test_id("brightness").focus()
    page.keyboard.press("End")
    assert np.array_equal(canvas_pixels(page), before)
    assert page.locator(".plane > img").evaluate("node => node.style.filter") == "brightness(2.4) contrast(1)"
    page.get_by_test_id("look-reset").click()
    page.wait_for_function("document.querySelector('.plane > img').style.filter === ''")
    page.keyboard.press("Escape")
    assert page.get_by_test_id("brightness").is_hidden()


@pytest.fixture
def late_details(studio_page: DrawnPage) -> Iterator[list[Any]]:
    """Questions about a query wait here until the test lets them go."""
    held: list[Any] = []

    def hold(route: Any) -> None:
        if '"name":"query"' in (route.request.post_data or ""):
            held.append(route)
        else:
            route.continue_()

    studio_page.page.route("**/component_server/**", hold)
    yield held
    studio_page.page.unroute_all(behavior="ignoreErrors")


def test_a_late_answer_takes_neither_focus_nor_words(studio_page: DrawnPage, late_details: list[Any]) -> None:
    page = studio_page.page
    largest = max(studio_page.document.segments.values(), key=lambda segment: segment.area).segment_id
    page.get_by_test_id(f"segment-{largest}").click()
    page.keyboard.press("c")
    search = page.get_by_test_id("category-search")
    page.keyboard.type("bicy")
    page.keyboard.press("ArrowDown")
    wait_until(page, lambda: bool(late_details))
    while late_details:
        late_details.pop().continue_()
    page.get_by_test_id("shortlist").get_by_role("button").nth(3).wait_for()
    assert search.evaluate("node => node === document.activeElement")
    assert search.input_value() == "bicy"
    studio_page.editing(lambda: page.keyboard.press("Enter"))
    assert studio_page.document.taxonomy.category(studio_page.document.segments[largest].category_id).name == "bicycle"
