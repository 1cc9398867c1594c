"""What a person does with Explain, and what a test waits for."""

import base64
import json
from collections.abc import Callable
from typing import Any

from tests.e2e.studio import StudioPage

PHONE = 390


def open_panel(person: StudioPage, panel: str) -> Any:
    """Opens Explain where it is closed, and one panel of it; the panel once it is drawn."""
    page = person.page
    if not page.get_by_test_id("explain").is_visible():
        is_phone = page.viewport_size["width"] <= PHONE
        page.get_by_test_id("tab-explain" if is_phone else "explain-open").click()
    drawn_anew(person, panel, page.get_by_test_id(f"explain-tab-{panel}").click, least=1)
    return page.get_by_test_id(f"explain-{panel}")


def drawn_anew(person: StudioPage, panel: str, act: Callable[[], object], least: int | None = None) -> None:
    """Acts, and waits until the panel has been drawn again, or ``least`` times in all."""
    node = person.page.get_by_test_id(f"explain-{panel}")
    before = int(node.get_attribute("data-drawn")) if least is None else least - 1
    act()
    person.page.wait_for_function(
        "([panel, before]) => Number(document.querySelector(`[data-testid=explain-${panel}]`)?.dataset.drawn) > before",
        arg=[panel, before],
    )


def saved_file(page: Any, kind: str) -> bytes:
    """The panel's file of a kind, as the browser saves it."""
    with page.expect_download() as download:
        page.get_by_test_id(f"explain-save-{kind}").click()
    with open(download.value.path(), "rb") as file:
        return file.read()


def watch_questions(page: Any) -> list[str]:
    """The messages that the page sends from now on, by name."""
    asked: list[str] = []

    def note(request: Any) -> None:
        body = request.post_data or ""
        for name in ("explain_export", "explain"):
            if f'"name":"{name}"' in body or json.dumps({"name": name})[1:-1] in body:
                asked.append(name)
                return

    page.on("request", note)
    return asked


def hold_questions(page: Any, name: str = "explain") -> list[Any]:
    """The messages of a name that the page sends from now on: each waits until the test lets it go on."""
    held: list[Any] = []

    def hold(route: Any) -> None:
        body = (route.request.post_data_buffer or b"").replace(b" ", b"")
        is_meant = f'"name":"{name}"'.encode() in body.replace(b"\\", b"")
        held.append(route) if is_meant else route.continue_()

    page.context.route("**/component_server/**", hold)
    return held


def overflowing(page: Any) -> list[str]:
    """What sticks out of Explain to the right, or out of the window."""
    found: list[str] = page.get_by_test_id("explain").evaluate(
        """node => {
            const edge = Math.min(node.getBoundingClientRect().right, document.documentElement.clientWidth) + 1;
            const scrolls = (part) => part.closest('.explain-tabs, .explain-scroll');
            const sight = [...node.querySelectorAll('*')].filter((part) => part.checkVisibility() && !scrolls(part));
            return sight.filter((part) => part.getBoundingClientRect().right > edge).map((part) => part.className);
        }"""
    )
    return found


def is_png(content: bytes) -> bool:
    return content.startswith(base64.b64decode("iVBORw0KGgo="))
