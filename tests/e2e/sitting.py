"""One sitting at a picture with every tool: each step is held against what it must have made, pixel by pixel."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt, label

from tests.e2e import rasters
from tests.e2e.canvas import point
from tests.e2e.drawn_studio import DrawnPage
from tests.e2e.hand import corner, label_at, saved, take
from tests.e2e.pointing import Pointer
from tests.e2e.rasters import Mask, Point

Rule = Callable[[list[Point], rasters.Size], Mask]
REACH = 400  # no step draws farther from the middle: rasters are computed in this window only


def smallest_free(label_map: NDArray[np.integer]) -> int:
    """The id that a new segment gets."""
    return min(set(range(1, 300)) - set(np.unique(label_map).tolist()))


class Sitting:
    """A person with a pointer, at work about a middle; lengths are multiples of ``unit`` native pixels."""

    def __init__(self, person: DrawnPage, pointer: Pointer, middle: Point, unit: int) -> None:
        self.person, self.pointer, self.middle, self.unit = person, pointer, middle, unit
        self.page = person.page
        self.flat = person.document.size_hw[0] == 1

    def at(self, x: int, y: int) -> Point:
        """A pixel, or the corner of one, so many units from the middle; in a flat picture all are in its only row."""
        cx, cy = self.middle
        return cx + x * self.unit, min(max(y, 0), 1) if self.flat else cy + y * self.unit

    def pixel(self, x: int, y: int) -> Point:
        return self.at(x, 0 if self.flat else y)

    def covered(self, rule: Rule, points: list[Point]) -> Mask:
        """A rule's raster, computed in a window about the middle."""
        height, width = self.person.document.size_hw
        x0, y0 = (max(0, centre - REACH) for centre in self.middle)
        x1, y1 = min(width, self.middle[0] + REACH), min(height, self.middle[1] + REACH)
        mask = np.zeros((height, width), bool)
        mask[y0:y1, x0:x1] = rule([(x - x0, y - y0) for x, y in points], (y1 - y0, x1 - x0))
        return mask

    def require(self, expected: NDArray[np.integer]) -> None:
        """Everything is saved, and Python holds just that."""
        saved(self.page)
        found = self.person.label_map
        wrong = [(int(x), int(y), int(found[y, x]), int(expected[y, x])) for y, x in np.argwhere(found != expected)[:5]]
        assert not wrong, f"{(found != expected).sum()} pixels, of them (x, y, is, should be) {wrong}"

    def choose(self, at: Point) -> int:
        take(self.page, "select")
        self.pointer.tap(point(self.page, *at))
        chosen = label_at(self.person, at)
        self.page.locator(f"tr[data-segment='{chosen}'][aria-current]").wait_for(state="attached")
        return chosen

    def stroke(self, tool: str, size: int, points: list[Point]) -> Mask:
        take(self.page, tool, size)
        self.pointer.drag([point(self.page, *place) for place in points])
        return self.covered(lambda places, hw: rasters.brush(places, size, hw), points)

    def outline(self, tool: str, corners: list[Point]) -> Mask:
        """Lasso and rectangle are dragged, a polygon is clicked and closed with Enter."""
        take(self.page, tool)
        places = [corner(self.page, place) for place in corners]
        if tool == "polygon":
            for place in places:
                self.pointer.tap(place)
            self.page.keyboard.press("Enter")
        else:
            self.pointer.drag(places)
        if tool == "rectangle":
            return self.covered(lambda places, hw: rasters.rectangle(places[0], places[1], hw), corners)
        return self.covered(rasters.polygon, corners)

    # the steps, in their order

    def base(self) -> None:
        """Where the model saw nothing, a stroke without a choice opens a segment to work on."""
        before = self.person.label_map
        if before[self.pixel(0, 0)[::-1]]:
            return
        mask = self.stroke("brush", 3 * self.unit, [self.pixel(-45, 0), self.pixel(45, 0)])
        self.require(np.where(mask, smallest_free(before), before))

    def brush(self) -> None:
        chosen, before = self.choose(self.pixel(0, 0)), self.person.label_map
        mask = self.stroke("brush", 5 * self.unit, [self.pixel(-30, -15), self.pixel(10, -5), self.pixel(20, 15)])
        self.require(np.where(mask, chosen, before))

    def subtract(self) -> None:
        chosen, before = self.choose(self.pixel(0, 0)), self.person.label_map
        with self.pointer.subtracting():
            mask = self.stroke("brush", 3 * self.unit, [self.pixel(-25, 8), self.pixel(-5, 8), self.pixel(5, -8)])
        self.require(np.where(mask & (before == chosen), 0, before))

    def only_void(self) -> None:
        chosen, before = self.choose(self.pixel(20, 15)), self.person.label_map
        self.page.keyboard.press("x")
        mask = self.stroke("brush", 7 * self.unit, [self.pixel(-25, 8), self.pixel(-15, 8)])
        self.page.keyboard.press("x")
        self.require(np.where(mask & (before == 0), chosen, before))

    def erase(self) -> None:
        before = self.person.label_map
        mask = self.stroke("eraser", 6 * self.unit, [self.pixel(-10, 10), self.pixel(15, 12)])
        self.require(np.where(mask, 0, before))

    def new_rectangle(self) -> None:
        before = self.person.label_map
        take(self.page, "rectangle")
        self.pointer.press(self.page.get_by_test_id("mode-new"))
        mask = self.outline("rectangle", [self.at(-35, 0), self.at(-12, 1 if self.flat else 18)])
        saved(self.page)
        self.made = smallest_free(before)
        self.require(np.where(mask, self.made, before))

    def lasso(self) -> None:
        self.choose(self.pixel(-30, 5))
        before = self.person.label_map
        mask = self.outline("lasso", [self.at(-34, 0), self.at(-4, 0), self.at(-8, 10), self.at(-20, 20)])
        self.require(np.where(mask, self.made, before))

    def polygon(self) -> None:
        self.choose(self.pixel(-30, 5))
        before = self.person.label_map
        corners = [self.at(14, 0), self.at(38, 0), self.at(32, 17)]  # the mini-map lies beyond
        mask = self.outline("polygon", corners if self.flat else [*corners, self.at(24, 8), self.at(15, 16)])
        self.require(np.where(mask, self.made, before))

    def fill(self) -> None:
        self.choose(self.pixel(-30, 5))
        before = self.person.label_map
        take(self.page, "eraser", 2 * self.unit)
        self.pointer.drag([point(self.page, *self.pixel(30, 1)), point(self.page, *self.pixel(33, 1))])
        saved(self.page)
        erased = self.person.label_map
        mask = rasters.fill(erased, self.pixel(31, 1))
        assert (erased != before).any()
        take(self.page, "fill")
        self.pointer.tap(point(self.page, *self.pixel(31, 1)))
        self.require(np.where(mask, self.made, erased))

    def protect(self) -> None:
        """A stroke across a protected segment leaves it alone."""
        self.choose(self.pixel(-30, 5))
        self.page.keyboard.press("r")
        saved(self.page)
        assert self.person.document.segments[self.made].locked
        chosen, before = self.choose(self.pixel(20, -15)), self.person.label_map
        mask = self.stroke("brush", 4 * self.unit, [self.pixel(-38, 5), self.pixel(38, 5)])
        self.require(np.where(mask & (before != self.made), chosen, before))
        self.choose(self.pixel(-30, 5))
        self.page.keyboard.press("r")
        saved(self.page)

    def cut_and_merge(self) -> None:
        """Each piece lies on its side of the line, and joins the other again."""
        self.choose(self.pixel(-30, 5))
        before, line = self.person.label_map, self.at(-24, 0)[0]
        self.page.keyboard.press("Shift+X")
        ends = [(line, self.middle[1] + y * self.unit) for y in (-3, 23)]
        self.pointer.drag([corner(self.page, end) for end in ends])
        saved(self.page)
        cut = self.person.label_map
        left, right = label_at(self.person, self.pixel(-30, 5)), label_at(self.person, self.pixel(-18, 5))
        assert left != right
        assert np.array_equal(cut[before != self.made], before[before != self.made])
        parts, _ = label(before == self.made)
        crossed, columns = parts == parts[self.pixel(-30, 5)[::-1]], np.arange(before.shape[1])
        for piece, beyond in ((left, columns > line), (right, columns < line)):
            assert not ((cut == piece) & beyond & crossed).any()
        self.choose(self.pixel(-30, 5) if left == self.made else self.pixel(-18, 5))
        self.page.keyboard.press("Shift+W")
        for piece in sorted(set(np.unique(cut[before == self.made]).tolist()) - {self.made}):
            y, x = np.argwhere(cut == piece)[len(np.argwhere(cut == piece)) // 2]
            self.pointer.tap(point(self.page, int(x), int(y)))
            saved(self.page)
        self.require(before)

    def grow(self) -> None:
        self.choose(self.pixel(-30, 5))
        before = self.person.label_map
        self.page.keyboard.press("Shift+G")
        grown = distance_transform_edt(before != self.made) <= 2
        self.require(np.where(grown, self.made, before))

    def delete(self) -> None:
        self.choose(self.pixel(-30, 5))
        before = self.person.label_map
        self.page.get_by_test_id("stage").focus()
        self.page.keyboard.press("Shift+Delete")
        self.require(np.where(before == self.made, 0, before))

    STEPS = (
        *(base, brush, subtract, only_void, erase, new_rectangle, lasso, polygon, fill, protect, cut_and_merge),
        *(grow, delete),
    )
