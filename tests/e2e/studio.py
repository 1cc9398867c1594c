"""The real app on a free port, driven through a real browser."""

import socket
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from app.models import Models
from app.open_picture import OpenPicture
from app.page import build_demo
from app.server import launch
from app.services import Services
from app.settings import Settings

SECONDS = 1000  # Playwright counts milliseconds
BETWEEN_LOOKS, MOST_LOOKS = 0.1 * SECONDS, 600  # a busy machine is slow, a broken page never gets there


@dataclass
class Studio:
    """A running app and its services, so that a test can look at what the server holds."""

    url: str
    services: Services

    def picture(self, document_id: str) -> OpenPicture:
        return self.services.pictures._open[document_id]


@contextmanager
def running_studio(settings: Settings, models: Models | None = None) -> Iterator[Studio]:
    """Without a data folder in the settings it works in one of its own, which goes when it ends."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        settings = replace(settings, data_folder=settings.data_folder or Path(folder))
        services = Services.of(settings, models)
        demo = build_demo(settings, services)
        launch(demo, settings, server_port=free_port(), prevent_thread_lock=True, quiet=True)
        try:
            yield Studio(demo.local_url, services)
        finally:
            demo.close(verbose=False)
            services.album.store.close()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(page: Any, is_so: Callable[[], bool]) -> None:
    """Lets the browser work until something is so in Python."""
    for _ in range(MOST_LOOKS):
        if is_so():
            return
        page.wait_for_timeout(BETWEEN_LOOKS)
    raise AssertionError("it never came to be")


def asks(name: str) -> Callable[[Any], bool]:
    """Whether a request asks the server that."""
    return lambda request: f'"name":"{name}"' in (request.post_data or "")


class StudioPage:
    """What a person does on the page, in their words; every step waits until it is on screen."""

    def __init__(self, page: Any, studio: Studio) -> None:
        self.page = page
        self.studio = studio
        self.root = page.get_by_test_id("workbench")

    def visit(self, address: str = "") -> None:
        self.page.goto(self.studio.url + address)
        self.page.get_by_test_id("start").wait_for(timeout=60 * SECONDS)

    def take_sample(self, name: str) -> None:
        self.opening(lambda: self.page.get_by_test_id(f"sample-{name}").first.click())

    def take_file(self, path: Any) -> None:
        self.opening(lambda: self.choose_file(path))

    def choose_file(self, path: Any) -> None:
        self.page.get_by_test_id("file-input").first.set_input_files(path)

    def opening(self, act: Callable[[], None]) -> None:
        before = self.document_id
        act()
        self.page.wait_for_function(
            """before => {
                const {ready, queries} = document.querySelector('[data-testid=workbench]').dataset;
                return ready && ready !== before && queries === ready;
            }""",
            arg=before,
            timeout=60 * SECONDS,
        )

    def editing(self, act: Callable[[], None]) -> None:
        before = self.version
        act()
        self.page.wait_for_function(
            "before => document.querySelector('[data-testid=workbench]').dataset.version !== before",
            arg=before,
            timeout=60 * SECONDS,
        )

    @property
    def document_id(self) -> str | None:
        found: str | None = self.root.get_attribute("data-ready")
        return found

    @property
    def version(self) -> str | None:
        found: str | None = self.root.get_attribute("data-version")
        return found

    @property
    def picture(self) -> OpenPicture:
        assert self.document_id
        return self.studio.picture(self.document_id)
