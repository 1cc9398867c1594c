"""Every message: what it answers on a drawn picture, and that nonsense is refused with nothing changed."""

import base64
import io
import json
import zipfile

import numpy as np
import pytest
from PIL import Image

from app.answers.edits import StaleVersionError
from core.masks import decode, rle_from_string
from core.types import Fate
from tests.app.mirror import inflated
from tests.app.pictures import HEIGHT, TAXONOMY, WIDTH
from tests.app.visitors import LIMIT, Page, toy_pictures


@pytest.fixture
def page() -> Page:
    return Page(toy_pictures(), "session", "o" * 32)


def segment_of(state: dict, query: int) -> dict:
    return next(row for row in state["segments"] if query in row["queries"])


def test_open_gives_the_picture_and_the_state(page: Page) -> None:
    answer = page.ask("open")
    assert (answer["ok"], answer["height"], answer["width"], answer["name"]) == (True, HEIGHT, WIDTH, "toy.png")
    assert answer["model"] == {
        "name": "toy",
        "title": "Toy",
        "domain": "drawings",
        "license": "CC0",
        "per_pixel": False,
        "seeds": 0,
    }
    assert [row["category_id"] for row in answer["taxonomy"]] == [c.category_id for c in TAXONOMY.categories]
    shown = np.asarray(Image.open(io.BytesIO(base64.b64decode(answer["picture"]))))
    assert np.abs(shown.astype(int) - page.picture.image).mean() < 4
    json.dumps(answer)


def test_state_mirrors_the_document(page: Page) -> None:
    state = page.state
    document = page.picture.document
    assert (state["labels"] == document.label_map).all()
    assert {row["segment_id"]: row["area"] for row in state["segments"]} == {
        key: int((document.label_map == key).sum()) for key in document.segments
    }
    for row in state["segments"]:
        x, y = row["anchor_xy"]
        assert state["labels"][y, x] == row["segment_id"]
        ys, xs = np.nonzero(state["labels"] == row["segment_id"])
        assert row["box_xyxy"] == [xs.min(), ys.min(), xs.max() + 1, ys.max() + 1]
    assert [row["query"] for row in state["fates"]] == list(range(6))
    assert {row["fate"] for row in state["fates"]} <= set(Fate)
    assert (state["undo"], state["redo"], state["off"]) == (None, None, [])


def test_two_cars_have_two_colours_that_edits_elsewhere_leave(page: Page) -> None:
    before = page.state
    first, second = segment_of(before, 2), segment_of(before, 3)
    assert first["color"] != second["color"]
    assert page.edit(kind="delete", segment_id=first["segment_id"], fill="next")["ok"]
    assert segment_of(page.state, 3)["color"] == second["color"]


def test_queries_come_with_one_sprite(page: Page) -> None:
    answer = page.ask("queries")
    sheet = Image.open(io.BytesIO(base64.b64decode(answer["sprite"])))
    assert sheet.size == (answer["columns"] * answer["tile_width"], answer["tile_height"])
    assert [row["query"] for row in answer["rows"]] == list(range(6))
    assert answer["rows"][4]["no_object"] == pytest.approx(0.99)
    assert answer["rows"][2]["category_id"] == 7
    assert answer["rows"][2]["area"] == 4 * 5 * 16


def test_embeddings_come_as_a_picture_of_the_grid(page: Page) -> None:
    answer = page.ask("embeddings")
    prediction = page.picture.prediction
    assert answer["channels"] == len(prediction.pixel_embeddings)
    assert (answer["height"], answer["width"]) == prediction.geometry.inner_hw
    shown = Image.open(io.BytesIO(base64.b64decode(answer["picture"])))
    assert shown.size == (answer["width"], answer["height"])


def test_query_tells_its_distribution_neighbours_and_heat(page: Page) -> None:
    answer = page.ask("query", query=2)
    assert answer["distribution"][0] == {"category_id": 7, "probability": pytest.approx(0.98)}
    assert sum(row["probability"] for row in answer["distribution"]) == pytest.approx(1)
    assert {row["category_id"] for row in answer["distribution"]} == {7, 9, 20, 21, None}
    assert sorted(row["query"] for row in answer["neighbours"]) == [0, 1, 3, 4, 5]
    heat = inflated(answer["heat"], "u1", (answer["heat_height"], answer["heat_width"]))
    assert (heat[24:32, 8:20] > 250).all()
    assert (heat[:12] < 5).all()


def test_semantic_and_instances(page: Page) -> None:
    semantic = page.ask("semantic")
    classes = inflated(semantic["classes"], "u1", (HEIGHT, WIDTH))
    assert classes[2, 2] == 2
    assert classes[-1, -1] == 3
    assert sum(row["area"] for row in semantic["legend"]) == HEIGHT * WIDTH
    best = page.ask("instances")["instances"][0]
    mask = decode(rle_from_string(best["counts"], (HEIGHT, WIDTH)))
    assert (best["category_id"], best["query"], best["area"]) == (7, 2, int(mask.sum()))


def test_edits_undo_and_redo(page: Page) -> None:
    car = segment_of(page.state, 2)["segment_id"]
    assert "person" in page.edit(kind="relabel", segment_id=car, category_id=9)["message"]
    relabelled = page.state
    assert segment_of(relabelled, 2)["category_id"] == 9
    page.edit(gesture="other", kind="delete", segment_id=car, fill="void")
    deleted = page.state
    assert car not in deleted["labels"]
    page.move("undo")
    assert (page.state["labels"] == relabelled["labels"]).all()
    assert page.state["redo"]
    page.move("redo")
    assert (page.state["labels"] == deleted["labels"]).all()


def test_one_gesture_is_one_step(page: Page) -> None:
    start = page.state
    for score in (0.9, 0.97, 0.975):
        page.edit(kind="thresholds", score=score, overlap=0.5)
    assert page.state["thresholds"] == {"score": 0.975, "overlap": 0.5}
    page.move("undo")
    assert page.state["thresholds"] == start["thresholds"]
    assert page.state["undo"] is None


def test_promote_and_switch(page: Page) -> None:
    page.edit(kind="promote", query=5)
    assert segment_of(page.state, 5)["origin"] == "promoted"
    page.edit(kind="switch", query=2, on=False)
    assert page.state["off"] == [2]
    assert page.state["fates"][2]["fate"] == "off"


def test_a_stale_version_changes_nothing(page: Page) -> None:
    page.edit(kind="switch", query=2, on=False)
    before = page.picture.document
    for name in ("edit", "undo", "redo"):
        answer = page.ask(name, version=0, edit_id="other", edit={"kind": "promote", "query": 5})
        assert answer == {"ok": False, "stale": True, "error": str(StaleVersionError())}
    assert page.picture.document is before


def test_export_equals_the_servers_map(page: Page) -> None:
    page.edit(kind="delete", segment_id=1, fill="void")
    answer = page.ask("export")
    with zipfile.ZipFile(io.BytesIO(base64.b64decode(answer["zip"]))) as archive:
        [png] = [name for name in archive.namelist() if name.endswith(".png")]
        ids = np.asarray(Image.open(io.BytesIO(archive.read(png)))).astype(int) @ [1, 256, 65536]
        panoptic = json.loads(archive.read("panoptic.json"))
    assert (ids == page.picture.document.label_map).all()
    assert {row["id"] for row in panoptic["annotations"][0]["segments_info"]} == set(page.picture.document.segments)
    assert answer["file_name"] == "toy_coco.zip"


BAD_EDITS = [
    None,
    "delete",
    {"kind": "explode"},
    {"kind": "relabel", "segment_id": 999, "category_id": 7},
    {"kind": "relabel", "segment_id": 1, "category_id": 8},
    {"kind": "relabel", "segment_id": 0, "category_id": 7},
    {"kind": "relabel", "segment_id": 1.0, "category_id": 7},
    {"kind": "delete", "segment_id": 1, "fill": "other"},
    {"kind": "delete", "segment_id": True, "fill": "next"},
    {"kind": "promote", "query": 6},
    {"kind": "promote", "query": -1},
    {"kind": "switch", "query": 0, "on": 1},
    {"kind": "thresholds", "score": 1.1, "overlap": 0.5},
    {"kind": "thresholds", "score": float("nan"), "overlap": 0.5},
]


@pytest.mark.parametrize("edit", BAD_EDITS)
def test_bad_edits_get_one_sentence(page: Page, edit: object) -> None:
    before = page.picture.document
    answer = page.ask("edit", version=before.version, edit_id="bad", edit=edit)
    assert answer["ok"] is False
    assert answer["error"].endswith(".")
    assert page.picture.document is before


@pytest.mark.parametrize(
    "fields",
    [
        {"name": "shutdown"},
        {"name": "__init__"},
        {"name": None},
        {"document": None},
        {"document": "../../etc/passwd"},
        {"name": "query", "query": 6},
        {"name": "query", "query": "0"},
        {"name": "undo", "edit_id": "e", "version": None},
        {"name": "undo", "edit_id": "e", "version": -1},
    ],
)
def test_bad_messages_get_one_sentence(page: Page, fields: dict) -> None:
    answer = page.ask(**({"name": "open"} | fields))
    assert (answer["ok"], answer["error"].endswith(".")) == (False, True)


def test_offers_are_bounded_and_named_safely(page: Page) -> None:
    assert page.ask("offer", file=b"x" * LIMIT, file_name="..\\..\\a/b/cat.png")["ok"]
    assert not page.ask("offer", file=b"x" * (LIMIT + 1), file_name="cat.png")["ok"]
    assert not page.ask("offer", file_name="cat.png")["ok"]
    assert not page.ask("offer", file=b"x", file_name="x" * 301)["ok"]
    assert page.ask("offer", file=b"x", file_name="")["ok"]
