"""Smart click in a real browser: what it changes is what the solver says, pixel by pixel, and every click is undone."""

from collections.abc import Callable

import numpy as np
import pytest

from core.refinement import Click, Prompts, Stroke
from core.types import Origin
from tests.e2e.canvas import point
from tests.e2e.clicking import (
    BESIDE_CAR,
    IN_CAR,
    click,
    imported,
    same_on_screen_with,
    say_yes,
    settle,
    smart,
    solved,
)
from tests.e2e.drawn_studio import DrawnPage
from tests.e2e.hand import CAR_AT, ROAD_AT, choose, drag, saved, take
from tests.e2e.studio import wait_until

pytestmark = pytest.mark.browser

MISSED, QUERY = (239, 140), 88  # a traffic light that is below a higher threshold
NewPage = Callable[..., DrawnPage]


def test_plus_minus_and_undo_on_a_segment_of_the_model(studio_page: DrawnPage) -> None:
    page = studio_page.page
    car = choose(studio_page, CAR_AT)
    smart(studio_page)
    before = studio_page.label_map
    click(studio_page, BESIDE_CAR)
    plus = studio_page.label_map
    expected = solved(studio_page, before, car, Prompts((Click(*BESIDE_CAR),)))
    assert expected[BESIDE_CAR[1], BESIDE_CAR[0]]
    assert np.array_equal(plus == car, expected)
    assert np.array_equal(plus[~expected & (before != car)], before[~expected & (before != car)])
    assert studio_page.document.segments[car].origin is Origin.CLICK
    click(studio_page, IN_CAR, button="right")
    minus = studio_page.label_map
    both = Prompts((Click(*BESIDE_CAR), Click(*IN_CAR, is_positive=False)))
    assert np.array_equal(minus == car, solved(studio_page, plus, car, both))
    assert minus[IN_CAR[1], IN_CAR[0]] != car
    same_on_screen_with(studio_page)
    for earlier in (plus, before):
        studio_page.editing(lambda: page.keyboard.press("Control+z"))
        assert np.array_equal(studio_page.label_map, earlier)
    assert not studio_page.document.segments[car].touched
    for later in (plus, minus):
        studio_page.editing(lambda: page.keyboard.press("Control+y"))
        assert np.array_equal(studio_page.label_map, later)


def test_shift_and_subtract_take_away_too(studio_page: DrawnPage) -> None:
    car = choose(studio_page, CAR_AT)
    smart(studio_page)
    studio_page.page.keyboard.down("Shift")
    click(studio_page, IN_CAR)
    studio_page.page.keyboard.up("Shift")
    assert studio_page.label_map[IN_CAR[1], IN_CAR[0]] != car
    studio_page.page.get_by_test_id("mode-subtract").click()
    click(studio_page, (360, 330))
    assert studio_page.label_map[330, 360] != car
    assert len(studio_page.picture.history.done) == 2


def test_a_painted_segment_is_refined(studio_page: DrawnPage) -> None:
    page = studio_page.page
    page.get_by_test_id("new-class").select_option(label="bicycle")
    take(page, "brush", 40)
    drag(page, [(100, 330), (150, 330)])
    saved(page)
    before = studio_page.label_map
    painted = max(studio_page.document.segments)
    smart(studio_page)
    click(studio_page, (70, 350))
    assert np.array_equal(
        studio_page.label_map == painted, solved(studio_page, before, painted, Prompts((Click(70, 350),)))
    )
    row = studio_page.document.segments[painted]
    assert (row.origin, row.category_id) == (Origin.CLICK, 33)
    same_on_screen_with(studio_page)


def test_an_imported_segment_is_refined(studio_page: DrawnPage) -> None:
    car = imported(studio_page)
    smart(studio_page)
    before = studio_page.label_map
    click(studio_page, (300, 300))  # inside: chosen, and nothing to change
    assert np.array_equal(studio_page.label_map, before)
    click(studio_page, (392, 320))
    prompts = Prompts((Click(300, 300), Click(392, 320)))
    assert np.array_equal(studio_page.label_map == car, solved(studio_page, before, car, prompts))
    row = studio_page.document.segments[car]
    assert (row.origin, row.source) == (Origin.CLICK, "coco.json")
    same_on_screen_with(studio_page)


def test_a_locked_neighbour_is_left_alone(studio_page: DrawnPage) -> None:
    page = studio_page.page
    road = choose(studio_page, ROAD_AT)
    page.keyboard.press("r")
    saved(page)
    held = studio_page.label_map == road
    car = choose(studio_page, CAR_AT)
    smart(studio_page)
    click(studio_page, BESIDE_CAR)
    click(studio_page, (420, 320))
    assert np.array_equal(studio_page.label_map == road, held)
    assert studio_page.label_map[320, 420] == car
    choose(studio_page, ROAD_AT)
    smart(studio_page)
    click(studio_page, BESIDE_CAR, button="right")
    assert "protected" in page.get_by_test_id("notice").inner_text()
    assert np.array_equal(studio_page.label_map == road, held)


def test_a_click_on_what_was_missed_begins_a_segment_of_its_query(studio_page: DrawnPage) -> None:
    page = studio_page.page
    raise_threshold = "node => { node.value = 0.9; node.dispatchEvent(new Event('input')); }"
    studio_page.editing(lambda: page.get_by_test_id("threshold-score").evaluate(raise_threshold))
    saved(page)
    before = studio_page.label_map
    assert not any(QUERY in row.queries for row in studio_page.document.segments.values())
    smart(studio_page)
    page.mouse.move(*point(page, 60, 60))
    page.mouse.move(*point(page, *MISSED))
    page.wait_for_function("() => document.querySelector('[data-testid=hover]').innerText.includes('query 88')")
    click(studio_page, MISSED)
    made = max(studio_page.document.segments)
    row = studio_page.document.segments[made]
    assert (row.queries, row.origin) == ((QUERY,), Origin.CLICK)
    assert np.array_equal(studio_page.label_map == made, solved(studio_page, before, 0, Prompts((Click(*MISSED),))))
    choices = page.get_by_test_id("shortlist").locator("button")
    other = choices.nth(1).get_attribute("data-testid").removeprefix("relabel-")
    studio_page.editing(lambda: page.keyboard.press("2"))
    assert studio_page.document.segments[made].category_id == int(other)
    for _ in range(2):
        studio_page.editing(lambda: page.keyboard.press("Control+z"))
    assert np.array_equal(studio_page.label_map, before)


def test_new_begins_another_segment_on_top_of_one(studio_page: DrawnPage) -> None:
    page = studio_page.page
    choose(studio_page, ROAD_AT)
    smart(studio_page)
    page.keyboard.press("d")
    page.get_by_test_id("new-class").select_option(label="bicycle")
    click(studio_page, CAR_AT)
    made = max(studio_page.document.segments)
    assert studio_page.document.segments[made].category_id == 33
    assert studio_page.label_map[CAR_AT[1], CAR_AT[0]] == made


def test_a_stroke_and_a_box(studio_page: DrawnPage) -> None:
    page = studio_page.page
    car = choose(studio_page, CAR_AT)
    smart(studio_page)
    before = studio_page.label_map
    stroke = [(300, 365), (310, 366), (350, 370)]
    drag(page, stroke)
    say_yes(studio_page)
    steps = len(studio_page.picture.history.done)
    said = studio_page.picture.history.done[-1].edit.clicks
    assert steps == 1
    points = tuple((float(click.x), float(click.y)) for click in said)
    width = max(1.0, 3 / float(page.get_by_test_id("stage").get_attribute("data-scale")))
    expected = solved(studio_page, before, car, Prompts(strokes=(Stroke(points, width),)))
    assert np.array_equal(studio_page.label_map == car, expected)
    page.keyboard.press("Enter")
    page.keyboard.press("z")
    drag(page, [(225, 115), (252, 162)])
    say_yes(studio_page)
    made = max(studio_page.document.segments)
    shape = studio_page.label_map == made
    assert shape.any()
    assert not shape[:110].any()
    assert not shape[170:].any()


def test_a_finger_refines(new_studio_page: NewPage) -> None:
    person = new_studio_page(390, 844, theme="dark", has_touch=True)
    person.open_drawn()
    page = person.page
    page.get_by_test_id("tool-smart").tap()
    page.touchscreen.tap(*point(page, *CAR_AT))
    page.locator("tr[aria-current]").wait_for(state="attached")
    car = int(person.label_map[CAR_AT[1], CAR_AT[0]])
    page.get_by_test_id("mode-subtract").tap()
    page.touchscreen.tap(*point(page, *IN_CAR))
    settle(person)
    assert person.label_map[IN_CAR[1], IN_CAR[0]] != car


def test_a_segment_that_is_there_is_not_offered_as_a_new_one(studio_page: DrawnPage) -> None:
    page = studio_page.page
    words = page.get_by_test_id("hover")
    smart(studio_page)
    page.get_by_test_id("mode-new").click()
    page.mouse.move(*point(page, *IN_CAR))
    wait_until(page, lambda: "new segment" in words.inner_text())
    page.wait_for_timeout(300)  # the queries of all places may still be on their way
    assert "query" not in words.inner_text()
