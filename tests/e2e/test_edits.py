"""Edits on their way from the page to the store, and the ways to them without a mouse."""

from typing import Any

import numpy as np
import pytest

from tests.e2e import rasters
from tests.e2e.canvas import point
from tests.e2e.drawn_studio import DrawnPage
from tests.e2e.hand import CAR_AT, ROAD_AT, STROKE, choose, covered, drag, rectangle, same_on_screen, saved, take

pytestmark = pytest.mark.browser


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


def test_a_new_segment_takes_a_freed_id_and_the_next_stroke_finds_it(studio_page: DrawnPage) -> None:
    """A new segment gets the smallest free id: not the largest of those that the stroke changed."""
    page = studio_page.page
    choose(studio_page, ROAD_AT)
    studio_page.editing(page.get_by_test_id("delete-void").click)
    freed = min(set(range(1, 20)) - set(studio_page.document.segments))
    before = studio_page.label_map
    page.get_by_test_id("new-class").select_option(label="person")
    take(page, "brush", 15)
    page.get_by_test_id("mode-new").click()
    first, second = [(300, 290), (340, 300)], [(200, 100), (260, 100)]
    drag(page, first)  # over the car, whose id is larger
    drag(page, second)
    saved(page)
    covers = rasters.brush(first, 15, before.shape) | rasters.brush(second, 15, before.shape)
    assert np.array_equal(studio_page.label_map, np.where(covers, freed, before))
    same_on_screen(studio_page)


def test_a_new_segment_that_finds_no_room_is_opened_by_the_next_stroke(studio_page: DrawnPage) -> None:
    page = studio_page.page
    choose(studio_page, CAR_AT)
    studio_page.editing(page.get_by_test_id("mark-locked").click)
    before = studio_page.label_map
    known = set(studio_page.document.segments)
    take(page, "brush", 5)
    page.get_by_test_id("mode-new").click()
    page.context.route("**/component_server/**", lambda route: route.abort())
    drag(page, [CAR_AT, (325, 302)])  # on the protected car alone
    drag(page, STROKE)
    page.locator("[data-testid=saved][data-mood=waiting]").wait_for()
    page.context.unroute("**/component_server/**")
    saved(page)
    [made] = set(studio_page.document.segments) - known
    covers = rasters.brush(STROKE, 5, before.shape)
    assert np.array_equal(studio_page.label_map, np.where(covers, made, before))
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


def test_strokes_made_offline_are_sent_once_the_server_is_back(studio_page: DrawnPage) -> None:
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


def test_strokes_made_offline_are_kept_across_a_reload(studio_page: DrawnPage) -> None:
    page, left, document_id = studio_page.page, studio_page.picture, studio_page.document_id
    page.on("dialog", lambda dialog: dialog.accept())  # there are edits that only this browser has
    car = choose(studio_page, CAR_AT)
    take(page, "brush", 15)
    before = studio_page.label_map
    page.context.route("**/component_server/**", lambda route: route.abort())
    drag(page, STROKE)
    page.locator("[data-testid=saved][data-mood=waiting]").wait_for()
    page.goto("about:blank")
    assert np.array_equal(left.document.label_map, before)
    page.context.unroute("**/component_server/**")
    studio_page.visit()
    studio_page.opening(page.get_by_test_id(f"album-open-{document_id}").first.click)
    saved(page)
    assert np.array_equal(studio_page.label_map, np.where(covered(before), car, before))
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
