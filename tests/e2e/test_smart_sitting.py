"""A sitting of smart click: its marks, its undo, its questions, and people who click at once."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from core.refinement import Click, Prompts
from tests.e2e.canvas import point
from tests.e2e.clicking import BESIDE_CAR, IN_CAR, click, marks, same_on_screen_with, say_yes, settle, smart, solved
from tests.e2e.drawn_studio import DrawnPage
from tests.e2e.hand import CAR_AT, choose, drag, saved, take
from tests.e2e.studio import wait_until

pytestmark = pytest.mark.browser

NewPage = Callable[..., DrawnPage]


def test_marks_stay_until_accepted_and_escape_takes_all_back(studio_page: DrawnPage) -> None:
    page = studio_page.page
    choose(studio_page, CAR_AT)
    smart(studio_page)
    before = studio_page.label_map
    click(studio_page, BESIDE_CAR)
    click(studio_page, IN_CAR, button="right")
    assert marks(page) > 0
    page.keyboard.press("Escape")
    wait_until(page, lambda: np.array_equal(studio_page.label_map, before))
    settle(studio_page)
    assert marks(page) == 0
    assert not studio_page.picture.history.done
    assert len(studio_page.picture.history.undone) == 2
    click(studio_page, BESIDE_CAR)
    after = studio_page.label_map
    page.keyboard.press(" ")
    page.locator("tr[aria-current]").wait_for(state="detached")
    assert marks(page) == 0
    assert np.array_equal(studio_page.label_map, after)


def asked_about_a_rectangle(person: DrawnPage) -> NDArray[np.int32]:
    """Paints a segment and begins another one on top of it; the labels (H, W) under the question that follows."""
    page = person.page
    page.get_by_test_id("new-class").select_option(label="bicycle")
    take(page, "rectangle")
    drag(page, [(60, 270), (120, 340)])
    saved(page)
    before = person.label_map
    smart(person)
    page.keyboard.press("d")
    page.mouse.click(*point(page, 90, 310))
    page.get_by_test_id("offer").wait_for()
    return before


def test_a_large_change_is_asked_about_first(studio_page: DrawnPage) -> None:
    page = studio_page.page
    before = asked_about_a_rectangle(studio_page)
    offer = page.get_by_test_id("offer")
    assert "%" in page.get_by_test_id("offer-words").inner_text()
    assert np.array_equal(studio_page.label_map, before)
    page.keyboard.press("Escape")
    offer.wait_for(state="hidden")
    assert np.array_equal(studio_page.label_map, before)
    page.keyboard.press("d")
    page.mouse.click(*point(page, 90, 310))
    offer.wait_for()
    studio_page.editing(page.get_by_test_id("offer-take").click)
    assert not np.array_equal(studio_page.label_map, before)
    same_on_screen_with(studio_page)


def test_a_question_can_be_refused_when_another_segment_is_chosen(studio_page: DrawnPage) -> None:
    page = studio_page.page
    before = asked_about_a_rectangle(studio_page)
    offer = page.get_by_test_id("offer")
    page.get_by_test_id(f"segment-{int(before[CAR_AT[1], CAR_AT[0]])}").click()
    page.get_by_test_id("offer-refuse").click()
    offer.wait_for(state="hidden")
    assert np.array_equal(studio_page.label_map, before)


def test_a_click_after_a_question_is_part_of_the_answer(studio_page: DrawnPage) -> None:
    page = studio_page.page
    car = choose(studio_page, CAR_AT)
    smart(studio_page)
    before = studio_page.label_map
    page.mouse.click(*point(page, *BESIDE_CAR))
    offer = page.get_by_test_id("offer")
    offer.wait_for()
    page.mouse.click(*point(page, *IN_CAR), button="right")
    say_yes(studio_page)
    assert not offer.is_visible()
    clicks = Click(*BESIDE_CAR), Click(*IN_CAR, is_positive=False)
    assert np.array_equal(studio_page.label_map == car, solved(studio_page, before, car, Prompts(clicks)))
    assert len(studio_page.picture.history.done) == 1


def test_two_quick_clicks_make_one_new_segment(studio_page: DrawnPage) -> None:
    page = studio_page.page
    smart(studio_page)
    known = set(studio_page.document.segments)
    page.keyboard.press("d")
    for at in ((330, 372), (336, 374)):
        page.mouse.click(*point(page, *at))
    say_yes(studio_page)
    say_yes(studio_page)
    assert len(set(studio_page.document.segments) - known) == 1


def test_a_click_after_a_stroke_is_the_later_word(studio_page: DrawnPage) -> None:
    page = studio_page.page
    choose(studio_page, CAR_AT)
    smart(studio_page)
    asked: list[str] = []
    page.on("request", lambda request: asked.append((request.post_data or "").replace(" ", "").replace("\\", "")))
    drag(page, [BESIDE_CAR, (350, 372)])
    say_yes(studio_page)
    click(studio_page, (340, 372), button="right")
    last = [body for body in asked if '"strokes":[{' in body][-1]
    assert '"clicks":[]' in last
    assert '"points_xy":[[340,372],[340,372]],"width":1,"positive":false' in last
    assert studio_page.label_map[372, 340] != studio_page.label_map[CAR_AT[1], CAR_AT[0]]


def test_clicks_faster_than_the_answers_are_each_undone_by_themselves(studio_page: DrawnPage) -> None:
    page = studio_page.page
    choose(studio_page, CAR_AT)
    smart(studio_page)
    before = studio_page.label_map
    for at in (IN_CAR, (340, 345)):
        page.mouse.click(*point(page, *at), button="right")
    say_yes(studio_page)
    assert len(studio_page.picture.history.done) == 2
    for _ in range(2):
        studio_page.editing(lambda: page.keyboard.press("Control+z"))
    assert np.array_equal(studio_page.label_map, before)


def test_two_people_click_at_once(new_studio_page: NewPage) -> None:
    people = [new_studio_page(), new_studio_page()]
    before = []
    for person in people:
        person.open_drawn()
        before.append((choose(person, CAR_AT), person.label_map))
        smart(person)
    places = [BESIDE_CAR, (420, 320)]
    for person, at in zip(people, places, strict=True):
        person.page.mouse.click(*point(person.page, *at))
    for person, at, (car, labels) in zip(people, places, before, strict=True):
        say_yes(person)
        wait_until(person.page, lambda person=person: len(person.picture.history.done) == 1)
        expected = solved(person, labels, car, Prompts((Click(*at),)))
        assert np.array_equal(person.label_map == car, expected)


def test_what_was_clicked_is_there_after_a_reload_and_is_refined_further(studio_page: DrawnPage) -> None:
    page, document_id = studio_page.page, studio_page.document_id
    car = choose(studio_page, CAR_AT)
    smart(studio_page)
    click(studio_page, BESIDE_CAR)
    after = studio_page.label_map
    studio_page.studio.services.pictures.forget(studio_page.picture.owner, str(document_id))
    studio_page.visit()
    studio_page.opening(page.get_by_test_id(f"album-open-{document_id}").first.click)
    assert np.array_equal(studio_page.label_map, after)
    choose(studio_page, CAR_AT)
    smart(studio_page)
    click(studio_page, IN_CAR, button="right")
    expected = solved(studio_page, after, car, Prompts((Click(*IN_CAR, is_positive=False),)))
    assert np.array_equal(studio_page.label_map == car, expected)


def test_a_click_taken_back_stays_away_after_another_edit(studio_page: DrawnPage) -> None:
    page = studio_page.page
    car = choose(studio_page, CAR_AT)
    smart(studio_page)
    click(studio_page, BESIDE_CAR)
    click(studio_page, IN_CAR, button="right")
    studio_page.editing(lambda: page.keyboard.press("Control+z"))
    shown = marks(page)
    studio_page.editing(lambda: page.keyboard.press("2"))
    assert marks(page) == shown
    click(studio_page, (345, 376))
    assert studio_page.label_map[IN_CAR[1], IN_CAR[0]] == car


def test_a_question_that_another_edit_overtook_is_answered_anew(studio_page: DrawnPage) -> None:
    page = studio_page.page
    car = choose(studio_page, CAR_AT)
    smart(studio_page)
    page.mouse.click(*point(page, *BESIDE_CAR))
    page.get_by_test_id("offer").wait_for()
    studio_page.editing(lambda: page.keyboard.press("Shift+G"))
    grown = studio_page.label_map
    page.get_by_test_id("offer-take").click()
    say_yes(studio_page)
    expected = solved(studio_page, grown, car, Prompts((Click(*BESIDE_CAR),)))
    assert np.array_equal(studio_page.label_map == car, expected)


def test_a_click_outside_a_box_leaves_it(studio_page: DrawnPage) -> None:
    page = studio_page.page
    take(page, "select")
    smart(studio_page)
    page.keyboard.press("z")
    drag(page, [(225, 115), (252, 140)])
    say_yes(studio_page)
    made = max(studio_page.document.segments)
    assert not (studio_page.label_map == made)[141:].any()
    click(studio_page, (238, 155))
    assert (studio_page.label_map == made)[141:].sum() > 20
