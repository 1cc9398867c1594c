"""A click is asked about while the button is still down, and the answer counts only where it still fits."""

from typing import TYPE_CHECKING, Literal

import numpy as np
import pytest

from core.refinement import Click, Prompts
from tests.e2e.canvas import point
from tests.e2e.clicking import BESIDE_CAR, IN_CAR, click, say_yes, smart, solved
from tests.e2e.drawn_studio import DrawnPage
from tests.e2e.hand import CAR_AT, choose
from tests.e2e.studio import asks, wait_until

if TYPE_CHECKING:
    from playwright.sync_api import Request

pytestmark = pytest.mark.browser


class Questions:
    """Counts what a page asks about clicks."""

    def __init__(self, person: DrawnPage) -> None:
        self.page, self.asked = person.page, 0
        self.page.on("request", self._count)

    def _count(self, request: "Request") -> None:
        self.asked += asks("refine")(request)

    def press(self, at: tuple[int, int], button: Literal["left", "right"] = "left") -> None:
        """Moves there, and holds the button down until the question is on its way."""
        before = self.asked
        self.page.mouse.move(*point(self.page, *at))
        self.page.mouse.down(button=button)
        wait_until(self.page, lambda: self.asked > before)


def test_a_click_is_asked_about_once_and_before_the_button_is_up(studio_page: DrawnPage) -> None:
    car = choose(studio_page, CAR_AT)
    smart(studio_page)
    studio_page.page.wait_for_timeout(1000)  # what clicks are solved with is made
    before, questions = studio_page.label_map, Questions(studio_page)
    questions.press(BESIDE_CAR)
    studio_page.page.wait_for_timeout(1000)
    assert np.array_equal(studio_page.label_map, before), "asking changes nothing"
    studio_page.page.mouse.up()
    say_yes(studio_page)
    assert np.array_equal(
        studio_page.label_map == car, solved(studio_page, before, car, Prompts((Click(*BESIDE_CAR),)))
    )
    assert questions.asked == 1


def test_an_answer_about_an_older_version_is_dropped(studio_page: DrawnPage) -> None:
    page, car = studio_page.page, choose(studio_page, CAR_AT)
    smart(studio_page)
    before = studio_page.label_map
    click(studio_page, BESIDE_CAR)
    assert not np.array_equal(studio_page.label_map, before)
    questions = Questions(studio_page)
    questions.press(IN_CAR, "right")
    studio_page.editing(lambda: page.keyboard.press("Control+z"))
    assert np.array_equal(studio_page.label_map, before)
    page.mouse.up(button="right")
    say_yes(studio_page)
    assert questions.asked == 2
    expected = solved(studio_page, before, car, Prompts((Click(*IN_CAR, is_positive=False),)))
    assert not expected[IN_CAR[1], IN_CAR[0]]
    assert np.array_equal(studio_page.label_map == car, expected)


def test_a_press_that_becomes_a_stroke_is_answered_as_one(studio_page: DrawnPage) -> None:
    page, car = studio_page.page, choose(studio_page, CAR_AT)
    smart(studio_page)
    questions = Questions(studio_page)
    questions.press(BESIDE_CAR)
    page.mouse.move(*point(page, BESIDE_CAR[0] + 30, BESIDE_CAR[1]), steps=5)
    page.mouse.up()
    say_yes(studio_page)
    assert questions.asked == 2
    (entry,) = studio_page.picture.history.done
    assert len(entry.edit.clicks) > 1
    assert studio_page.label_map[BESIDE_CAR[1], BESIDE_CAR[0] + 15] == car
