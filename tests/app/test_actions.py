"""The queued event on a small model with random weights: what opens, what is refused, and that nothing is lost."""

import gc
import weakref
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import gradio as gr
import numpy as np
import pytest
import torch

from app.actions import PictureActions
from app.models import Models
from app.opening import Opening
from app.owners import Owners
from app.samples import FOLDER, sample_pictures
from app.sessions import OpenPictures, Visitor
from core.document import Action, SetThresholds, Step
from core.document.changes import change
from core.document.store import Store
from core.images import Limits
from tests.app.checkpoints import SMALL, TINY, put_in_cache, save_published, save_small

OWNER, TICKET = "user:olive", "ticket-1"
VISITOR = Visitor("session", OWNER)


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Models:
    return Models(str(save_small(tmp_path_factory.mktemp("checkpoints") / "small")), "cpu")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Empty at first: what a visitor already has decides what opens."""
    store = Store(tmp_path / "data")
    yield store
    store.close()


@pytest.fixture
def actions(models: Models, store: Store) -> PictureActions:
    return actions_with(models, store)


def actions_with(models: Models, store: Store) -> PictureActions:
    opening = Opening(models, store, Limits())
    return PictureActions(OpenPictures(opening.restore), opening, Owners(Path("/nowhere")))


def request_of(user: str | None) -> Any:
    """What Gradio keeps of a logged-in user's request."""
    app = SimpleNamespace(auth=True, cookie_id="1", tokens={"token": user})
    return SimpleNamespace(session_hash="session", app=app, cookies={"access-token-1": "token"})


def answered(
    actions: PictureActions, model: object = "small", user: str | None = "olive", **data: object
) -> tuple[dict[str, Any], Any]:
    event = gr.EventData(None, {"model": model, "ticket": TICKET} | data)
    return actions.choose(event, request_of(user))


def opened(actions: PictureActions, model: object = "small", **data: object) -> dict[str, Any]:
    return answered(actions, model, **data)[0]


def skipped(update: Any) -> bool:
    return isinstance(update, dict) and update.get("__type__") == "update" and "value" not in update


def test_a_sample_becomes_a_document_of_its_visitor(actions: PictureActions) -> None:
    value, visitor = answered(actions, sample="pavilion")
    assert (value["ticket"], visitor) == (TICKET, VISITOR)
    with actions.pictures.borrow(OWNER, value["document"]) as picture:
        assert picture.name == "pavilion.jpg"
        assert picture.image.shape == (427, 640, 3)
        assert picture.document.label_map.shape == (427, 640)
        assert (picture.card.name, picture.card.title, picture.card.domain) == ("small", "Small", "noise")


@pytest.mark.parametrize(
    "data",
    [
        {"sample": "../LICENSES.md"},
        {"sample": None},
        {"pending": "p" * 22},
        {"document": "d" * 22},
        {"document": "../.."},
        {"sample": "pavilion", "user": None},
        {"sample": "pavilion", "model": None},
        {"sample": "pavilion", "model": "huge"},
        {"sample": "pavilion", "model": "../../etc"},
        {"sample": "pavilion", "model": "facebook/maskformer-swin-tiny-coco"},
    ],
)
def test_nonsense_is_one_sentence(
    actions: PictureActions, data: dict[str, object], monkeypatch: pytest.MonkeyPatch, tmp_path_factory: Any
) -> None:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path_factory.mktemp("cache")))
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")  # a model that is not here is not fetched on the way
    value, visitor = answered(actions, **data)
    assert set(value) == {"ticket", "error", "nonce"}
    assert value["error"].endswith(".")
    assert "127.0.0.1" not in value["error"]
    assert skipped(visitor)


@pytest.mark.parametrize("data", [None, [], {}])
def test_an_event_without_its_data_is_one_sentence(actions: PictureActions, data: object) -> None:
    value, *_ = actions.choose(gr.EventData(None, data), request_of("olive"))
    assert value["error"].endswith(".")


def test_a_fault_of_our_own_is_one_sentence(actions: PictureActions, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Opening, "open", lambda *_: 1 / 0)
    assert "ZeroDivisionError" in opened(actions, sample="pavilion")["error"]


def test_too_little_memory_is_one_sentence(actions: PictureActions, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Opening, "open", lambda *_: torch.empty(1 << 55))
    assert "memory" in opened(actions, sample="pavilion")["error"]


def test_a_bad_upload_leaves_the_earlier_picture_open(actions: PictureActions) -> None:
    document = opened(actions, sample="pavilion")["document"]
    pending = actions.pictures.park(VISITOR, "notes.jpg", b"no picture")
    assert "notes.jpg" in opened(actions, pending=pending)["error"]
    with actions.pictures.borrow(OWNER, document) as picture:
        assert picture.name == "pavilion.jpg"


def test_a_model_alone_is_looked_up(actions: PictureActions) -> None:
    value, visitor = answered(actions, "street")
    assert value == {"ticket": TICKET, "model": "street"}
    assert skipped(visitor)


def test_a_model_has_a_card(actions: PictureActions) -> None:
    assert actions.card(gr.EventData(None, {"model": "small"})) == "A card."
    assert actions.card(gr.EventData(None, {"model": "street"})).startswith("# street")


@pytest.mark.parametrize("data", [None, {}, {"model": "huge"}, {"model": "../../etc"}, {"model": 3}])
def test_what_is_no_model_changes_no_card(actions: PictureActions, data: object) -> None:
    assert skipped(actions.card(gr.EventData(None, data)))


@pytest.fixture
def published(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Another model that is here."""
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "cache"))
    put_in_cache(TINY, save_published(tmp_path / "published"))
    return TINY


def test_a_sample_that_nobody_touched_opens_again(actions: PictureActions, published: str) -> None:
    first = opened(actions, sample="pavilion")["document"]
    other = opened(actions, sample="beguinage_street")["document"]
    assert opened(actions, sample="pavilion")["document"] == first
    assert opened(actions, published, sample="pavilion")["document"] not in (first, other)
    assert opened(actions, sample="pavilion", user="oliver")["document"] != first
    assert len(actions.opening.store.pictures(OWNER)) == 3


def test_a_sample_that_was_edited_stays_as_it_is_beside_a_fresh_one(actions: PictureActions) -> None:
    first = opened(actions, sample="pavilion")["document"]
    with actions.pictures.borrow(OWNER, first) as picture:
        edit = SetThresholds(0.1, 0.1)
        picture.take(Step(Action.APPLY, edit, None, change(picture.document, edit, picture.prediction)), "one")
    second = opened(actions, sample="pavilion")["document"]
    assert second != first
    assert opened(actions, sample="pavilion")["document"] == second


def test_a_model_and_back_leaves_one_picture_of_each(actions: PictureActions, published: str) -> None:
    first = opened(actions, sample="pavilion")["document"]
    second = opened(actions, published, document=first)["document"]
    assert opened(actions, document=second)["document"] == first
    assert opened(actions, published, document=first)["document"] == second


def test_a_picture_that_is_sent_twice_is_there_twice(actions: PictureActions) -> None:
    content = (FOLDER / "pavilion.jpg").read_bytes()
    first, second = (
        opened(actions, pending=actions.pictures.park(VISITOR, "pavilion.jpg", content))["document"] for _ in range(2)
    )
    assert first != second


def test_another_model_takes_the_same_picture(actions: PictureActions, published: str) -> None:
    first = opened(actions, sample="pavilion")["document"]
    second = opened(actions, published, document=first)["document"]
    assert second != first
    with actions.pictures.borrow(OWNER, first) as before, actions.pictures.borrow(OWNER, second) as after:
        assert np.array_equal(before.image, after.image)
        assert before.name == after.name


@pytest.mark.parametrize("user", ["oliver", "Olive", "olive ", None])
def test_only_its_owner_opens_a_picture_again(actions: PictureActions, user: str | None) -> None:
    first = opened(actions, sample="pavilion")["document"]
    assert "document" not in opened(actions, document=first, user=user)
    assert "document" not in opened(actions, stored=first, user=user)
    assert opened(actions, stored=first)["document"] == first


def test_a_stored_picture_comes_back_without_what_is_in_memory(models: Models, store: Store) -> None:
    document = opened(actions_with(models, store), sample="pavilion")["document"]
    later = actions_with(models, store)
    assert opened(later, "street", stored=document) == {
        "ticket": TICKET,
        "document": document,
        "model": "small",
    }
    with later.pictures.borrow(OWNER, document) as picture:
        assert (picture.name, picture.image.shape) == ("pavilion.jpg", (427, 640, 3))


def test_switching_frees_the_old_model_and_a_failure_keeps_it(
    tmp_path: Any, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "cache"))
    put_in_cache(TINY, save_published(tmp_path / "second"))
    broken = put_in_cache(SMALL, save_published(tmp_path / "broken"))
    (broken / "model.safetensors").write_bytes(b"half")
    models = Models(str(save_small(tmp_path / "first")), "cpu")
    actions = actions_with(models, store)

    document = opened(actions, TINY, sample="pavilion")["document"]
    network = weakref.ref(models.predictor(TINY).checkpoint.model)
    assert "model.safetensors" in opened(actions, SMALL, document=document)["error"]
    gc.collect()
    assert network() is not None

    opened(actions, "first", document=document)
    gc.collect()
    assert network() is None


def test_samples_stand_where_their_list_says() -> None:
    listed = {sample.file for sample in sample_pictures().values()}
    assert listed == {path.name for path in FOLDER.iterdir() if path.suffix in (".jpg", ".png", ".webp")}
    terms = (FOLDER / "LICENSES.md").read_text(encoding="utf-8")
    assert all(f"`{name}`" in terms for name in listed)
