"""Fixtures for the tests of the page: the server about drawn pictures, and people in front of it."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.e2e.drawn_studio import DrawnPage, opened_pages, running_drawn_studio
from tests.e2e.studio import Studio


@pytest.fixture(scope="session")
def drawn_studio() -> Iterator[Studio]:
    """One server for all tests: a picture that one opens is no other's."""
    with running_drawn_studio() as studio:
        yield studio


@pytest.fixture
def new_studio_page(chromium: Any, drawn_studio: Studio) -> Iterator[Callable[..., DrawnPage]]:
    """Opens start screens: ``new_studio_page(width, height, theme="dark", has_touch=True)``."""
    with opened_pages(chromium, drawn_studio) as open_page:
        yield open_page


@pytest.fixture
def studio_page(new_studio_page: Callable[..., DrawnPage]) -> DrawnPage:
    """A page open on the drawn street, 640 x 480."""
    page = new_studio_page()
    page.open_drawn()
    return page
