"""The browser's raster rules against an independent computation, pixel by pixel."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from tests.e2e import rasters
from tests.e2e.rasters import Mask, Size

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

BROWSER = Path(__file__).resolve().parents[2] / "assets" / "browser"
HALF = 128  # of a mask probability in 0..255
SIZES: tuple[Size, ...] = ((40, 57), (1, 64), (64, 1), (1, 1))
COVER = """([rule, values, height, width]) => {
  const mask = Array.from({ length: height }, () => "0".repeat(width).split(""));
  const run = (y, x0, x1) => { for (let x = x0; x < x1; x += 1) mask[y][x] = "1"; };
  const rules = {
    brush: ({ points, diameter }) => points.forEach((point, i) => (
      lineRuns(points[Math.max(0, i - 1)], point, diameter, { height, width }, run))),
    polygon: ({ points }) => polygonRuns(points, { height, width }, run),
    rectangle: ({ points: [a, b] }) => rectangleRuns(a, b, { height, width }, run),
    fill: ({ labels, at }) => fillRuns(Uint16Array.from(labels), at, { height, width }, run),
  };
  rules[rule](values);
  return mask.map((row) => row.join(""));
}"""

PART = """([values, height, width, at]) => {
  const heatGrid = Uint8Array.from(values);
  const detail = { heatGrid, heat_height: height, heat_width: width };
  return Array.from(new QueryParts().at(detail, { height: 2 * height, width: 2 * width }, at).heatGrid);
}"""


@pytest.fixture(scope="module")
def rules(chromium: "Browser") -> "Iterator[Page]":
    page = chromium.new_page()
    page.add_script_tag(path=BROWSER / "view.js")  # clamp
    page.add_script_tag(path=BROWSER / "tools" / "raster.js")
    page.add_script_tag(content=f"const HALF = {HALF}")
    page.add_script_tag(path=BROWSER / "tools" / "query_parts.js")
    yield page
    page.close()


def covered(rules: "Page", rule: str, image_hw: Size, **values: Any) -> Mask:
    rows = rules.evaluate(COVER, [rule, values, *image_hw])
    return np.array([[pixel == "1" for pixel in row] for row in rows])


def some_points(random: np.random.Generator, count: int, image_hw: Size) -> list[tuple[int, int]]:
    """Points in and around the picture."""
    height, width = image_hw
    points = zip(random.integers(-9, width + 9, count), random.integers(-9, height + 9, count), strict=True)
    return [(int(x), int(y)) for x, y in points]


@pytest.mark.parametrize("image_hw", SIZES)
@pytest.mark.parametrize("diameter", [1, 2, 3, 4, 7, 16, 33])
def test_brush(rules: "Page", image_hw: Size, diameter: int) -> None:
    random = np.random.default_rng(diameter)
    for count in (1, 2, 2, 5):
        points = some_points(random, count, image_hw)
        expected = rasters.brush(points, diameter, image_hw)
        assert np.array_equal(covered(rules, "brush", image_hw, points=points, diameter=diameter), expected)


def test_brush_draws_what_a_hand_would_draw(rules: "Page") -> None:
    dot = covered(rules, "brush", (5, 5), points=[(2, 2)], diameter=3)
    line = covered(rules, "brush", (3, 5), points=[(1, 1), (3, 1)], diameter=1)
    assert dot.tolist() == rasters.rectangle((1, 1), (4, 4), (5, 5)).tolist()
    assert line.tolist() == rasters.rectangle((1, 1), (4, 2), (3, 5)).tolist()


@pytest.mark.parametrize("image_hw", SIZES)
@pytest.mark.parametrize("corners", [1, 2, 3, 4, 9, 30])
def test_polygon(rules: "Page", image_hw: Size, corners: int) -> None:
    random = np.random.default_rng(corners)
    for _ in range(4):
        points = some_points(random, corners, image_hw)
        assert np.array_equal(covered(rules, "polygon", image_hw, points=points), rasters.polygon(points, image_hw))


def test_neighbouring_polygons_share_no_pixel_and_leave_none_out(rules: "Page") -> None:
    size = 30, 30
    middle, rim = (13, 17), [(0, 0), (30, 0), (30, 30), (0, 30)]
    fans = [
        covered(rules, "polygon", size, points=[middle, rim[i], rim[(i + 1) % 4]]).astype(int) for i in range(len(rim))
    ]
    assert (np.sum(fans, axis=0) == 1).all()


@pytest.mark.parametrize("image_hw", SIZES)
def test_rectangle(rules: "Page", image_hw: Size) -> None:
    random = np.random.default_rng(4)
    for _ in range(8):
        points = some_points(random, 2, image_hw)
        expected = rasters.rectangle(points[0], points[1], image_hw)
        assert np.array_equal(covered(rules, "rectangle", image_hw, points=points), expected)
        square = [points[0], (points[1][0], points[0][1]), points[1], (points[0][0], points[1][1])]
        assert np.array_equal(rasters.polygon(square, image_hw), expected)


@pytest.mark.parametrize("image_hw", SIZES)
@pytest.mark.parametrize("kinds", [1, 2, 3])
def test_fill(rules: "Page", image_hw: Size, kinds: int) -> None:
    random = np.random.default_rng(kinds)
    labels = random.integers(0, kinds, image_hw)
    at = int(random.integers(image_hw[1])), int(random.integers(image_hw[0]))
    expected = rasters.fill(labels, at)
    assert np.array_equal(covered(rules, "fill", image_hw, labels=labels.ravel().tolist(), at=at), expected)


@pytest.mark.parametrize("image_hw", SIZES)
def test_the_part_of_a_query_under_the_cursor(rules: "Page", image_hw: Size) -> None:
    random = np.random.default_rng(9)
    values = random.integers(0, 256, image_hw)
    holds = values >= HALF
    for _ in range(6):
        x, y = int(random.integers(image_hw[1])), int(random.integers(image_hw[0]))
        at = {"x": 2 * x + int(random.integers(2)), "y": 2 * y + int(random.integers(2))}  # a cell is 2 x 2 pixels
        shown = np.reshape(rules.evaluate(PART, [values.ravel().tolist(), *image_hw, at]), image_hw)
        part = rasters.fill(holds, (x, y)) if holds[y, x] else holds
        assert np.array_equal(shown >= HALF, part)
        assert np.array_equal(shown[~holds], values[~holds])
