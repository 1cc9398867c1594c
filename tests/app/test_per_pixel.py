"""A per-pixel model in the app: one map for each class, and no number that only queries have."""

import base64
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from app.answers.fields import Fields
from app.model_work import WORK
from app.models import Models
from app.open_picture import OpenPicture
from app.opening import Opening, Source
from app.owners import acting_as
from app.refining import Refining
from app.samples import find_sample
from app.sessions import OpenPictures
from core.images import Limits
from tests.app.checkpoints import save_small
from tests.app.pictures import TAXONOMY
from tests.app.visitors import new_protocol, toy_store

OWNER = "user:olive"


@pytest.fixture(scope="module", params=["per_pixel", "per_pixel_plus"])
def store_and_document(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = save_small(tmp_path_factory.mktemp("models") / "baseline", "Baseline", formulation=request.param)
    opening = Opening(Models(str(folder), "cpu"), toy_store(), Limits())
    pictures, sample = OpenPictures(opening.restore), find_sample("pavilion").path
    return pictures, pictures.add(opening.open(Source(sample.name, sample.read_bytes()), OWNER, "baseline"))


@pytest.fixture
def picture(store_and_document: Any) -> OpenPicture:
    store, document = store_and_document
    with store.borrow(OWNER, document) as picture:
        return picture


@pytest.fixture
def work(store_and_document: Any) -> Any:
    """Asks for what takes its turn."""
    store, document = store_and_document
    refining = Refining(store._restore.__self__.models, store)

    def worked(name: str, **fields: object) -> dict[str, Any]:
        with refining.borrow(OWNER, document) as (picture, refiner):
            return WORK[name](picture, refiner, Fields(fields))

    return worked


@pytest.fixture
def ask(store_and_document: Any) -> Any:
    store, document = store_and_document
    protocol = new_protocol(store)

    def asked(name: str, **fields: object) -> dict[str, Any]:
        with acting_as(OWNER):
            return protocol({"name": name, "document": document} | fields, None, "session")

    return asked


def test_the_page_is_told_what_it_is(ask: Any) -> None:
    assert ask("open")["model"]["per_pixel"] is True


def test_the_menu_marks_a_folder_that_the_server_was_started_with(tmp_path: Path) -> None:
    models = Models(str(save_small(tmp_path / "baseline", formulation="per_pixel")), "cpu")
    assert models.entry("baseline").is_per_pixel


def test_every_class_has_one_map_and_every_pixel_one_class(ask: Any, picture: OpenPicture) -> None:
    rows = ask("queries")["rows"]
    assert [row["category_id"] for row in rows] == [category.category_id for category in TAXONOMY.categories]
    height, width = picture.image.shape[:2]
    assert sum(row["area"] for row in rows) == pytest.approx(height * width, abs=len(rows))
    assert {row["no_object"] for row in rows} == {0.0}


def test_the_result_is_the_semantic_map(ask: Any, picture: OpenPicture) -> None:
    classes = np.frombuffer(zlib.decompress(base64.b64decode(ask("semantic")["classes"])), np.uint8)
    categories = np.array([category.category_id for category in TAXONOMY.categories])[classes]
    label_map = picture.document.label_map
    found = np.zeros_like(label_map)
    for segment_id, segment in picture.document.segments.items():
        found[label_map == segment_id] = segment.category_id
    assert (found.ravel() == categories).all()


def test_heat_is_the_probability_of_the_class(ask: Any) -> None:
    maps = [ask("query", query=number) for number in range(len(TAXONOMY))]
    heat = [np.frombuffer(zlib.decompress(base64.b64decode(answer["heat"])), np.uint8) for answer in maps]
    total = np.sum(heat, axis=0, dtype=float)
    assert np.median(np.abs(total - 255)) <= 8, "the classes' probabilities add up to 1"
    assert total.max() <= 255 + 2, "and to less where logarithms are interpolated"


def test_clicks_need_no_queries(ask: Any, work: Any, picture: OpenPicture) -> None:
    document = picture.document
    segment_id = next(iter(document.segments))
    y, x = np.argwhere(document.label_map != segment_id)[0]
    clicks = [{"x": int(x), "y": int(y), "positive": True}]
    reply = work("refine", segment_id=segment_id, prompts={"clicks": clicks, "strokes": []})
    assert reply["box_xyxy"]
    assert "shortlist" not in reply, "only a new segment needs a class"
    reply = work("refine", prompts={"clicks": clicks, "strokes": []})
    assert {row["category_id"] for row in reply["shortlist"]} <= {c.category_id for c in TAXONOMY.categories}
    assert work("alike", segment_id=segment_id)["candidates"] == []
    assert (np.frombuffer(zlib.decompress(base64.b64decode(ask("best_queries")["queries"])), np.uint16) > 0).all()
    assert {row["segment_id"] for row in ask("doubtful")["rows"]} == set(document.segments)
