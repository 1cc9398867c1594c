"""The model menu's messages: rows, a download from a hub on this machine, and all that is refused."""

import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.answers.models import ModelDesk
from app.downloads import Downloads
from app.models import Models
from core.checkpoints import hub
from tests.app.checkpoints import SMALL, TINY, save_published
from tests.app.visitors import Page, toy_pictures
from tests.core.checkpoints.hub_server import FakeHub, running

PAUSE = threading.Event()


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeHub]:
    """A hub that holds one small checkpoint under a published name; the cache is empty."""
    folder = save_published(tmp_path / "served")
    for name in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", "HF_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "cache"))
    with running() as server:
        server.files[TINY] = {path.name: path.read_bytes() for path in folder.iterdir()}
        monkeypatch.setenv("HF_ENDPOINT", server.url)
        yield server


@pytest.fixture
def desk(server: FakeHub) -> ModelDesk:
    return ModelDesk(Models(None, "cpu"), Downloads(True, hub.fetch))


@pytest.fixture
def page(desk: ModelDesk) -> Page:
    return Page(toy_pictures(), "session", "o" * 32, desk)


def stage(page: Page, model: str, until: str) -> dict:
    """Polls as the page does, until the download says so."""
    for _ in range(3000):
        answer = page.ask("fetching", model=model)
        if answer["stage"] == until:
            return answer
        PAUSE.wait(0.01)
    raise AssertionError(answer)


def states(page: Page) -> dict[str, str]:
    return {row["name"]: row["state"] for row in page.ask("models")["rows"]}


def test_rows_tell_all_that_the_menu_shows(page: Page) -> None:
    answer = page.ask("models")
    json.dumps(answer)
    assert answer["downloads"] is True
    row = next(row for row in answer["rows"] if row["name"] == TINY)
    assert (row["data"], row["task"], row["figure"], row["state"]) == (
        "COCO panoptic",
        "panoptic",
        "PQ 47.7",
        "downloadable",
    )
    assert row["license"]
    assert row["megabytes"] > 0
    assert {row["state"] for row in answer["rows"]} == {"bundled", "downloadable", "by_hand"}
    assert any(row["per_pixel"] for row in answer["rows"])


def test_a_published_model_comes_and_loads(page: Page, desk: ModelDesk) -> None:
    assert page.ask("fetching", model=TINY)["stage"] == "none"
    assert page.ask("fetch", model=TINY)["ok"]
    answer = stage(page, TINY, "done")
    assert answer["arrived"] == answer["size"] > 0
    assert states(page)[TINY] == "cached"
    assert desk.models.card(TINY).title == "MaskFormer Swin-T"
    assert len(desk.models.predictor(TINY).checkpoint.taxonomy) == 4
    assert page.ask("fetch", model=TINY)["stage"] == "done", "what is here is not fetched again"


def test_giving_up_stops_the_transfer_and_keeps_what_came(page: Page, server: FakeHub) -> None:
    hold, sent = threading.Event(), threading.Event()
    server.while_sending = lambda: (sent.set(), hold.wait(30))
    page.ask("fetch", model=TINY)
    assert sent.wait(30)
    assert page.ask("leave", model=TINY) == {"ok": True}
    server.while_sending = lambda: PAUSE.wait(0.02)  # the transfer reports ten times a second
    hold.set()
    stage(page, TINY, "stopped")
    assert states(page)[TINY] == "downloadable"
    server.while_sending = lambda: None
    page.ask("fetch", model=TINY)
    stage(page, TINY, "done")


def test_a_failed_download_is_one_sentence(page: Page) -> None:
    page.ask("fetch", model=SMALL)
    answer = stage(page, SMALL, "failed")
    assert SMALL in answer["sentence"]
    assert states(page)[SMALL] == "downloadable"


def test_a_file_to_be_converted_by_hand_is_not_fetched(page: Page, server: FakeHub) -> None:
    name = next(row["name"] for row in page.ask("models")["rows"] if row["state"] == "by_hand")
    page.ask("fetch", model=name)
    assert "http" in stage(page, name, "failed")["sentence"]
    assert server.requests == []


@pytest.mark.parametrize("name", ["fetch", "fetching", "leave"])
@pytest.mark.parametrize("model", [None, "", 3, "../../etc", "http://127.0.0.1/x", "someone/unlisted", "x" * 121])
def test_only_what_the_menu_has_can_be_asked_for(page: Page, server: FakeHub, name: str, model: object) -> None:
    answer = page.ask(name, model=model)
    assert (answer["ok"], answer["error"].endswith(".")) == (False, True)
    assert server.requests == []


def test_a_shared_server_downloads_nothing(server: FakeHub, desk: ModelDesk) -> None:
    page = Page(toy_pictures(), "session", "o" * 32, ModelDesk(desk.models, Downloads(False, hub.fetch)))
    assert page.ask("models")["downloads"] is False
    assert "--downloads" in page.ask("fetch", model=TINY)["error"]
    assert server.requests == []
