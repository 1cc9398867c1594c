"""Each model is in memory once, for as long as somebody needs it; nobody waits for a model he did not ask for."""

import gc
import threading
import weakref
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from app.models import Models
from app.sessions import model_bytes
from core.checkpoints import Checkpoint, load_checkpoint
from core.checkpoints.zoo import State
from core.messages import StudioError
from tests.app.checkpoints import LARGE, SMALL, TINY, put_in_cache, save_published, save_small
from tests.app.visitors import open_toy, toy_pictures
from tests.core.checkpoints.detectron2_reference import PER_PIXEL, drawn, stored


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Models:
    """A folder named at the start, two models in the cache, the bundled and the published ones."""
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "cache"))
    for name in (TINY, SMALL):
        put_in_cache(name, save_published(tmp_path / name))
    return Models(str(save_small(tmp_path / "first", "Named at the start")), "cpu")


def test_the_menu_says_where_each_model_is(models: Models) -> None:
    states = {entry.name: entry.state for entry in models.entries()}
    assert next(iter(states)) == "first"
    assert states["street"] is State.BUNDLED
    assert states[TINY] is states[SMALL] is State.CACHED
    assert states[LARGE] is State.DOWNLOADABLE


def test_a_card_is_titled_as_in_the_menu(models: Models) -> None:
    card = models.card(TINY)
    assert (card.name, card.title, card.domain, card.text) == (
        TINY,
        models.entry(TINY).title,
        "COCO panoptic",
        "A card.",
    )
    assert models.card("first").title == "Named at the start"


@pytest.mark.parametrize("name", ["huge", "", "..", "facebook/nothing", LARGE])
def test_what_is_not_here_is_one_sentence(models: Models, name: str) -> None:
    with pytest.raises(StudioError):
        models.predictor(name)


def test_an_unknown_preferred_model_offers_near_names() -> None:
    with pytest.raises(StudioError, match="stret"):
        Models("stret", "cpu")


def test_a_file_of_the_papers_zoo_may_stand_first(tmp_path: Path) -> None:
    weights, _ = drawn(replace(PER_PIXEL, classes=150), torch.zeros(1, 3, 64, 64))
    models = Models(str(stored(tmp_path, weights, "baseline.pkl")), "cpu")
    row = models.entries()[0]
    assert (row.state, row.is_per_pixel) == (State.CACHED, True)
    assert models.card(models.first).name == row.name == models.first
    assert len(models.predictor(models.first).checkpoint.taxonomy) == 150


def test_a_model_is_loaded_once_and_goes_with_its_last_user(models: Models) -> None:
    predictor = models.predictor(TINY)
    assert models.predictor(TINY) is predictor
    gone = weakref.ref(predictor)
    del predictor
    gc.collect()
    assert gone() is None


@pytest.mark.parametrize("most_kept", [None, 1000])
def test_the_first_model_stays_unless_it_is_large(
    most_kept: int | None, models: Models, monkeypatch: pytest.MonkeyPatch
) -> None:
    if most_kept:
        monkeypatch.setattr("app.models.MOST_KEPT", most_kept)
    stays = weakref.ref(models.predictor("first"))
    gc.collect()
    assert (stays() is None) == (most_kept is not None)


def test_two_who_want_the_same_model_load_it_once(models: Models) -> None:
    found = []
    threads = [threading.Thread(target=lambda: found.append(models.predictor(TINY))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert len(found) == 4
    assert len(set(map(id, found))) == 1


def test_who_has_a_model_does_not_wait_for_another(models: Models, monkeypatch: pytest.MonkeyPatch) -> None:
    held = models.predictor(SMALL)
    begun, go_on = threading.Event(), threading.Event()

    def slow(source: str) -> Checkpoint:
        begun.set()
        go_on.wait(60)
        return load_checkpoint(source)

    monkeypatch.setattr("app.models.load_checkpoint", slow)
    loading = threading.Thread(target=models.predictor, args=(TINY,))
    loading.start()
    assert begun.wait(60)
    assert models.predictor(SMALL) is held
    go_on.set()
    loading.join(timeout=60)


def test_only_a_visitors_newest_picture_holds_its_model(models: Models) -> None:
    store = toy_pictures()
    pictures = [open_toy("owner") for _ in range(2)]
    for picture, name in zip(pictures, (TINY, SMALL), strict=True):
        picture.predictor = models.predictor(name)
        store.add(picture)
    assert [picture.predictor is None for picture in pictures] == [True, False]


def test_models_of_many_visitors_stay_within_their_budget(models: Models) -> None:
    size = model_bytes(models.predictor(TINY))
    store = toy_pictures(model_budget=2 * size)
    pictures = [open_toy(f"owner {n}") for n in range(4)]
    for picture, name in zip(pictures, (TINY, TINY, SMALL, "first"), strict=True):
        picture.predictor = models.predictor(name)
        store.add(picture)
    assert [picture.predictor is None for picture in pictures] == [True, True, False, False]
