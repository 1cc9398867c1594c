"""The real server about drawn pictures: protocol, store and page as people get them, only the network is drawn.

A test of the page asks for one of the fixtures in ``conftest.py`` and compares what is on screen with the document
that Python holds::

    def test_a_stroke(studio_page: DrawnPage) -> None:
        studio_page.open_drawn(480, 640)
        ...
        assert (studio_page.label_map == expected).all()
"""

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from app.settings import Settings
from core.document import Document
from core.types import Size
from tests.e2e.drawn_models import DrawnModels, Predict, street_prediction
from tests.e2e.drawn_street import street
from tests.e2e.studio import SECONDS, Studio, StudioPage, running_studio

KNOWN_BROWSER = "try { localStorage.setItem('maskformer-studio.introduction', 'offered'); } catch {}"  # not about:blank


@contextmanager
def running_drawn_studio(predict: Predict = street_prediction, settings: Settings | None = None) -> Iterator[Studio]:
    """The app on a free port; ``predict`` says what is seen in a picture of a size."""
    settings = settings or Settings(device="cpu", open_browser=False)
    with running_studio(settings, DrawnModels(predict)) as studio:
        yield studio


class DrawnPage(StudioPage):
    """A person's page; what Python holds of the open picture stands beside it."""

    def open_drawn(self, height: int = 480, width: int = 640, name: str = "street.png") -> None:
        """Uploads the drawn street, stretched to a size, and waits until all of it is on screen."""
        self.take_file(upload((height, width), name))

    @property
    def document(self) -> Document:
        """What Python holds."""
        return self.picture.document

    @property
    def label_map(self) -> NDArray[np.int32]:
        """A copy of (H, W) labels that Python holds."""
        return np.array(self.document.label_map)


def upload(size_hw: Size, name: str) -> dict[str, Any]:
    """The drawn street as a file that a person chooses."""
    kind = "image/png" if name.endswith("png") else "image/jpeg"
    return {"name": name, "mimeType": kind, "buffer": drawn_file(size_hw, name)}


def drawn_file(size_hw: Size, name: str = "street.png") -> bytes:
    """The drawn street as a file of the kind that ``name`` ends with."""
    height, width = size_hw
    image = cv2.resize(street()[0], (width, height), interpolation=cv2.INTER_LINEAR)
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, format="PNG" if name.endswith("png") else "JPEG", compress_level=1)
    return buffer.getvalue()


@contextmanager
def opened_pages(chromium: Any, studio: Studio) -> Iterator[Callable[..., DrawnPage]]:
    """Opens pages, each in a browser context of its own; a complaint of the browser fails the test at the end.

    ``open_page(width, height, theme="light", **context)`` passes the rest on to Playwright (``has_touch=True``). These
    browsers have been here before: only with ``is_new`` they are offered the guided tour.
    """
    contexts: list[Any] = []
    complaints: list[str] = []

    def open_page(
        width: int = 1400, height: int = 1000, theme: str = "light", *, is_new: bool = False, **options: Any
    ) -> DrawnPage:
        viewport = {"width": width, "height": height}
        context = chromium.new_context(viewport=viewport, accept_downloads=True, color_scheme=theme, **options)
        contexts.append(context)
        if not is_new:
            context.add_init_script(KNOWN_BROWSER)
        page = context.new_page()
        page.set_default_timeout(60 * SECONDS)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        person = DrawnPage(page, studio)
        person.visit(f"?__theme={theme}")
        return person

    try:
        yield open_page
    finally:
        for context in contexts:
            context.close()
    assert not complaints
