"""What a hand does with the tools, and whether the screen then shows what Python holds."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tests.e2e import rasters
from tests.e2e.canvas import canvas_pixels, native_pixels, point
from tests.e2e.drawn_studio import DrawnPage
from tests.e2e.rasters import Mask, Point

if TYPE_CHECKING:
    from playwright.sync_api import Page

CAR_AT, ROAD_AT = (320, 300), (320, 440)
STROKE = [(300, 400), (340, 410), (330, 440)]


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


def rectangle(page: "Page", corners: Sequence[Point]) -> None:
    take(page, "rectangle")
    drag_corners(page, corners)


def covered(before: NDArray[np.int32]) -> Mask:
    return rasters.brush(STROKE, 15, before.shape)


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
