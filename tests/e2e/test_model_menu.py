"""The model menu in a real browser, with a hub on this machine: download, switch, and nothing lost on the way."""

import gc
import threading
import weakref
from collections.abc import Iterator
from typing import Any

import pytest

from app.settings import Settings
from core.messages import text
from tests.app.checkpoints import SMALL, TINY, save_published, save_small
from tests.core.checkpoints.hub_server import FakeHub, running
from tests.e2e.studio import SECONDS, Studio, StudioPage, running_studio, wait_until

pytestmark = pytest.mark.browser
PAUSE = threading.Event()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FakeHub]:
    folder = save_published(tmp_path_factory.mktemp("hub") / "served")
    with running() as server, pytest.MonkeyPatch.context() as environment:
        server.files[TINY] = {path.name: path.read_bytes() for path in folder.iterdir()}
        server.files[TINY]["README.md"] = b"---\n---\n\nPublished.\n"
        for name in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", "HF_TOKEN"):
            environment.delenv(name, raising=False)
        environment.setenv("HF_HUB_CACHE", str(tmp_path_factory.mktemp("cache")))
        environment.setenv("HF_ENDPOINT", server.url)
        yield server


@pytest.fixture(scope="module")
def studio(server: FakeHub, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    """Starts with a per-pixel model, as somebody does who compares the paper's two formulations."""
    folder = save_small(tmp_path_factory.mktemp("models") / "baseline", "Baseline", formulation="per_pixel")
    with running_studio(Settings(model=str(folder), device="cpu", open_browser=False, downloads=True)) as running:
        yield running


@pytest.fixture
def person(chromium: Any, studio: Studio) -> Iterator[StudioPage]:
    context = chromium.new_context(viewport={"width": 1300, "height": 900}, accept_downloads=True)
    page = context.new_page()
    page.set_default_timeout(60 * SECONDS)
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    person = StudioPage(page, studio)
    person.visit()
    yield person
    context.close()
    assert not complaints


def choose(person: StudioPage, model: str) -> None:
    page = person.page
    page.get_by_test_id("model").click()
    page.get_by_test_id(f"model-{model}").click()


def test_download_watch_switch_and_keep_the_picture(person: StudioPage, server: FakeHub) -> None:
    page = person.page
    person.take_sample("pavilion")
    first = person.picture
    classes_stand_in_for_queries(page, len(first.prediction.taxonomy))

    failed = give_up_and_fail(person, server)
    assert SMALL in failed
    assert person.picture is first, "the old model stays"

    server.while_sending = lambda: None
    person.opening(lambda: page.get_by_test_id(f"model-{TINY}").click())
    second = person.picture
    assert (second.image == first.image).all()
    assert second.card.name == TINY
    page.get_by_text(text("app.model.card"), exact=True).click()
    card = page.locator("#studio-card")
    wait_until(page, lambda: "Published." in card.text_content())
    assert page.get_by_test_id("document-name").inner_text() == "pavilion.jpg"
    assert page.get_by_test_id("threshold-score").is_visible()
    assert page.get_by_test_id("per-pixel").is_hidden()

    network = weakref.ref(second.predictor.checkpoint.model) if second.predictor else None
    assert network is not None
    slider = page.get_by_test_id("threshold-score")
    person.editing(lambda: slider.press("PageDown"))
    person.opening(lambda: choose(person, "baseline"))
    assert person.picture is first, "nobody touched it, so it is not made again"
    wait_until(page, lambda: "A card." in card.text_content())
    gc.collect()
    assert network() is None, "the model that nobody uses is freed"


def classes_stand_in_for_queries(page: Any, count: int) -> None:
    assert page.get_by_test_id("per-pixel").is_visible()
    assert page.get_by_test_id("query-count").inner_text() == f"{count} classes"
    assert page.get_by_test_id("threshold-score").is_hidden()
    assert page.get_by_test_id("view-instances").is_hidden()
    page.get_by_test_id("query-2").click()
    assert page.get_by_test_id("inspector-title").inner_text() == "sky"
    assert page.get_by_test_id("switch").count() == page.get_by_test_id("promote").count() == 0


def give_up_and_fail(person: StudioPage, server: FakeHub) -> str:
    """Downloads with the keyboard, slowly, watches the bar, gives up; then asks for a model that is not there."""
    page = person.page
    server.while_sending = lambda: PAUSE.wait(0.02)
    page.keyboard.press("Escape")
    page.get_by_test_id("stage").focus()
    page.keyboard.press("m")
    page.get_by_test_id(f"model-{TINY}").wait_for()
    page.keyboard.type("swin-t coco")
    page.keyboard.press("Enter")
    page.locator("[data-testid=download][aria-valuenow]").wait_for()
    page.get_by_test_id("download-cancel").click()
    page.get_by_test_id("download").wait_for(state="hidden")
    page.get_by_test_id("model-search").fill("")
    page.get_by_test_id(f"model-{SMALL}").click()
    note = page.get_by_test_id("model-note")
    note.and_(page.locator("[data-kind=error]")).wait_for()
    return str(note.inner_text())
