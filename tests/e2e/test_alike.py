"""Find more like this: what is found, taken one by one or all at once, and undone."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from core.types import Origin
from tests.e2e.canvas import point
from tests.e2e.drawn_discs import CENTRES, disc_file, discs, discs_prediction
from tests.e2e.drawn_studio import DrawnPage, opened_pages, running_drawn_studio
from tests.e2e.hand import same_on_screen, saved
from tests.e2e.studio import Studio
from tests.e2e.test_access import nameless

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def disc_studio() -> Iterator[Studio]:
    with running_drawn_studio(discs_prediction) as studio:
        yield studio


@pytest.fixture
def person(chromium: Any, disc_studio: Studio) -> Iterator[DrawnPage]:
    """With the one disc chosen that the model found."""
    with opened_pages(chromium, disc_studio) as open_page:
        person = open_page()
        person.take_file({"name": "discs.png", "mimeType": "image/png", "buffer": disc_file()})
        person.page.mouse.click(*point(person.page, *CENTRES[0]))
        person.page.get_by_test_id("alike").wait_for()
        yield person


def labels_at_centres(person: DrawnPage) -> list[int]:
    labels = person.label_map
    return [int(labels[y, x]) for x, y in CENTRES]


def find(person: DrawnPage) -> None:
    person.page.get_by_test_id("stage").focus()
    person.page.keyboard.press("l")
    person.page.get_by_test_id("offer").wait_for()


def test_each_place_is_taken_by_itself_and_undone_by_itself(person: DrawnPage) -> None:
    page = person.page
    before, found = person.label_map, labels_at_centres(person)[0]
    find(person)
    assert "1 of 4" in page.get_by_test_id("offer-words").inner_text()
    person.editing(lambda: page.mouse.click(*point(page, *CENTRES[2])))
    made = labels_at_centres(person)[2]
    row = person.document.segments[made]
    assert (row.category_id, row.origin) == (person.document.segments[found].category_id, Origin.CLICK)
    mask = discs()[2]
    shared = ((person.label_map == made) & mask).sum()
    assert shared / ((person.label_map == made) | mask).sum() > 0.8
    assert "of 3" in page.get_by_test_id("offer-words").inner_text()
    page.keyboard.press("ArrowRight")
    person.editing(lambda: page.keyboard.press("Enter"))
    assert "of 2" in page.get_by_test_id("offer-words").inner_text()
    page.keyboard.press("Escape")
    page.get_by_test_id("offer").wait_for(state="hidden")
    assert len(set(labels_at_centres(person))) == 4
    for _ in range(2):
        person.editing(lambda: page.keyboard.press("Control+z"))
    assert np.array_equal(person.label_map, before)


def test_all_places_are_taken_at_once_and_undone_at_once(person: DrawnPage) -> None:
    page, before = person.page, person.label_map
    page.get_by_test_id("alike").click()
    page.get_by_test_id("offer-all").click()
    page.get_by_test_id("offer").wait_for(state="hidden")
    saved(page)
    assert len(set(labels_at_centres(person))) == 5
    assert len(person.picture.history.done) == 1
    same_on_screen(person)
    page.get_by_test_id("undo").click()
    saved(page)
    assert np.array_equal(person.label_map, before)


def test_the_offer_is_said_and_every_answer_has_a_name(person: DrawnPage) -> None:
    page = person.page
    find(person)
    assert nameless(page) == []
    assert page.get_by_test_id("offer-words").get_attribute("role") == "status"
    page.get_by_test_id("offer-all").focus()
    page.keyboard.press("Escape")
    assert page.get_by_test_id("stage").evaluate("node => node === document.activeElement")


def test_nothing_is_offered_where_nothing_is_alike(person: DrawnPage) -> None:
    page = person.page
    page.get_by_test_id("alike").click()
    page.get_by_test_id("offer-all").click()
    page.get_by_test_id("offer").wait_for(state="hidden")
    saved(page)
    page.get_by_test_id("stage").focus()
    page.keyboard.press("l")
    page.wait_for_function("() => document.querySelector('[data-testid=notice]').innerText.includes('looks like it')")
    assert not page.get_by_test_id("offer").is_visible()
