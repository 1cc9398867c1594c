"""Every tool with mouse and finger, at several zooms, on large, small and flat pictures, light and dark."""

from collections.abc import Callable

import numpy as np
import pytest

from tests.e2e.canvas import scale, zoom_to
from tests.e2e.drawn_studio import DrawnPage
from tests.e2e.hand import same_on_screen, saved
from tests.e2e.pointing import POINTERS
from tests.e2e.sitting import Sitting

pytestmark = [pytest.mark.browser, pytest.mark.slow]

UNITS = {0.25: 4, 1: 2, 8: 1}  # native pixels a unit of the steps: all of them lie in sight


@pytest.mark.parametrize("pointer", POINTERS)
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("zoom", UNITS)
@pytest.mark.parametrize("size_hw", [(480, 640), (3000, 4000), (1, 640)], ids=lambda hw: f"{hw[1]}x{hw[0]}")
def test_every_step_is_exact_and_taken_back(
    new_studio_page: Callable[..., DrawnPage], size_hw: tuple[int, int], zoom: float, theme: str, pointer: str
) -> None:
    person = new_studio_page(theme=theme, has_touch=pointer == "finger")
    page = person.page
    person.open_drawn(*size_hw, name="street.jpg" if size_hw[0] > 1000 else "street.png")
    middle = size_hw[1] // 2, size_hw[0] // 2
    zoom_to(page, zoom, *middle)
    assert scale(page) == pytest.approx(zoom)
    sitting = Sitting(person, POINTERS[pointer](page), middle, UNITS[zoom])
    first, rows = person.label_map, dict(person.document.segments)
    for step in Sitting.STEPS:
        step(sitting)
    same_on_screen(person)
    final, final_rows = person.label_map, dict(person.document.segments)
    steps = len(person.picture.history.done)
    assert steps >= len(Sitting.STEPS)
    page.get_by_test_id("stage").focus()
    for _ in range(steps):
        page.keyboard.press("Control+z")
    saved(page)
    assert np.array_equal(person.label_map, first)
    assert dict(person.document.segments) == rows
    assert page.get_by_test_id("undo").is_disabled()
    same_on_screen(person)
    page.get_by_test_id("stage").focus()
    for _ in range(steps):
        page.keyboard.press("Control+y")
    saved(page)
    assert np.array_equal(person.label_map, final)
    assert dict(person.document.segments) == final_rows
    same_on_screen(person)
