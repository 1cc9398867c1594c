"""A mouse and a finger that do the same things, each in its own way, at places of the window."""

from collections.abc import Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Locator, Page

Place = tuple[float, float]


class Pointer(Protocol):
    """What a person points with."""

    def tap(self, place: Place) -> None:
        """Down and up at one place."""

    def drag(self, places: Sequence[Place]) -> None:
        """Down at the first place, through the others, up at the last."""

    def press(self, button: "Locator") -> None:
        """A button of the page."""

    def subtracting(self) -> AbstractContextManager[None]:
        """What is drawn inside leaves the chosen segment."""


class Mouse:
    """With keys beside it: Alt takes away."""

    def __init__(self, page: "Page") -> None:
        self._page = page

    def tap(self, place: Place) -> None:
        self._page.mouse.click(*place)

    def drag(self, places: Sequence[Place]) -> None:
        self._page.mouse.move(*places[0])
        self._page.mouse.down()
        for place in places[1:]:
            self._page.mouse.move(*place)
        self._page.mouse.up()

    def press(self, button: "Locator") -> None:
        button.click()

    @contextmanager
    def subtracting(self) -> "Iterator[None]":
        self._page.keyboard.down("Alt")
        yield
        self._page.keyboard.up("Alt")


class Finger:
    """Real touches; what keys would do, buttons do."""

    def __init__(self, page: "Page") -> None:
        self._page = page
        self._session = page.context.new_cdp_session(page)

    def tap(self, place: Place) -> None:
        self._touch("touchStart", place)
        self._touch("touchEnd")

    def drag(self, places: Sequence[Place]) -> None:
        self._touch("touchStart", places[0])
        for place in places[1:]:
            self._touch("touchMove", place)
        self._touch("touchEnd")

    def press(self, button: "Locator") -> None:
        button.tap()

    @contextmanager
    def subtracting(self) -> "Iterator[None]":
        self.press(self._page.get_by_test_id("mode-subtract"))
        yield
        self.press(self._page.get_by_test_id("mode-add"))

    def _touch(self, kind: str, *places: Place) -> None:
        points = [{"x": x, "y": y, "id": finger} for finger, (x, y) in enumerate(places)]
        self._session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})


POINTERS: dict[str, type[Mouse] | type[Finger]] = {"mouse": Mouse, "finger": Finger}
