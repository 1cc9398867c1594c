"""Work for pages: what is computed for whom, what is refused, and the memory that it keeps."""

import base64
import threading
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from app.answers.fields import Fields
from app.answers.prompt_fields import MOST_CLICKS
from app.answers.shortlist import shortlist
from app.encoding import mask_fields
from app.model_work import WORK, ModelWork
from app.news import tell
from app.open_picture import OpenPicture
from app.owners import acting_as
from app.refining import Refining
from app.sessions import OpenPictures
from app.turns import Turns
from core.document import Document, Paint, apply, pack_mask, unpack_mask
from core.document.packing import pack_runs
from core.document.store import PictureGoneError
from core.inference import panoptic
from core.messages import text
from core.refinement import Click, Prompts, Refiner
from core.types import Origin
from tests.app.coroutines import finished
from tests.app.pictures import WIDTH
from tests.app.visitors import Page, open_toy, toy_opening, toy_pictures
from tests.e2e.drawn_models import street_prediction
from tests.e2e.drawn_street import street

OWNER = "user:olive"
CAR_XY, ROAD_XY = (12, 28), (30, 44)  # on the toy picture


class Asking:
    """A page that asks for work about its own picture."""

    def __init__(self, pictures: OpenPictures | None = None) -> None:
        self.pictures = pictures or toy_pictures()
        self.page = Page(self.pictures, "session", OWNER)
        self.work = ModelWork(Refining(toy_opening().models, self.pictures))

    def ask(self, name: str, user: str | None = "olive", **fields: Any) -> dict[str, Any]:
        with acting_as(user and f"user:{user}"):
            return finished(self.work({"name": name, "document": self.page.document} | fields))

    def refine(self, *clicks: tuple[int, int, bool], **fields: Any) -> dict[str, Any]:
        rows = [{"x": x, "y": y, "positive": positive} for x, y, positive in clicks]
        prompts = {"clicks": rows, "strokes": [], "box_xyxy": None}
        return self.ask("refine", **({"prompts": prompts, "segment_id": None} | fields))

    @property
    def picture(self) -> OpenPicture:
        return self.page.picture

    def segment_at(self, xy: tuple[int, int]) -> int:
        return int(self.picture.document.label_map[xy[1], xy[0]])


@pytest.fixture
def asking() -> Asking:
    return Asking()


def shape(reply: dict[str, Any]) -> tuple[tuple[slice, slice], np.ndarray]:
    x0, y0, x1, y1 = reply["box_xyxy"]
    runs = reply["runs"]
    mask = np.repeat(np.arange(len(runs)) % 2 == 1, runs).reshape(y1 - y0, x1 - x0)
    return (slice(y0, y1), slice(x0, x1)), mask


def test_an_answer_is_the_solved_shape_where_it_differs(asking: Asking) -> None:
    road = asking.segment_at(ROAD_XY)
    x, y = CAR_XY
    reply = asking.refine((x, y, True), segment_id=road)
    label_map = asking.picture.document.label_map
    features = asking.picture.features
    assert features is not None
    refiner = Refiner(asking.picture.prediction, features, asking.picture.image)
    found = refiner.solve(Prompts((Click(x, y),)), label_map=label_map, segment_id=road)
    expected = label_map == road
    expected[found.box[1] : found.box[3], found.box[0] : found.box[2]] = found.mask
    window, mask = shape(reply)
    after = label_map == road
    after[window] = mask
    assert np.array_equal(after, expected)
    differs = np.argwhere(after != (label_map == road))
    assert [*differs.min(axis=0)[::-1], *(differs.max(axis=0) + 1)[::-1]] == reply["box_xyxy"]
    assert after[y, x]


def test_nothing_changes_before_the_edit_and_the_edit_is_what_was_shown(asking: Asking) -> None:
    before = asking.page.state
    reply = asking.refine((*CAR_XY, True), segment_id=asking.segment_at(ROAD_XY))
    assert asking.page.state["version"] == before["version"]
    window, mask = shape(reply)
    road = asking.segment_at(ROAD_XY)
    done = asking.page.edit(
        kind="refine",
        runs=reply["runs"],
        segment_id=road,
        box_xyxy=reply["box_xyxy"],
        clicks=[{"x": CAR_XY[0], "y": CAR_XY[1], "positive": True}],
    )
    assert (done["ok"], done["saved"]) == (True, True)
    document = asking.picture.document
    assert np.array_equal(document.label_map[window] == road, mask)
    assert document.segments[road].origin is Origin.CLICK
    asking.page.move("undo")
    assert np.array_equal(asking.page.state["labels"], before["labels"])


def test_the_edit_is_replayed_from_the_store_without_the_model(asking: Asking) -> None:
    reply = asking.refine((*CAR_XY, True), segment_id=asking.segment_at(ROAD_XY))
    asking.page.edit(
        kind="refine",
        runs=reply["runs"],
        segment_id=asking.segment_at(ROAD_XY),
        box_xyxy=reply["box_xyxy"],
        clicks=[{"x": 1, "y": 2, "positive": False}],
    )
    stored = asking.picture.store.load(OWNER, asking.page.document)
    assert np.array_equal(stored.history.document.label_map, asking.picture.document.label_map)
    assert stored.history.done[-1].edit.clicks == (Click(1, 2, False),)


def test_a_click_that_contradicts_nothing_changes_nothing(asking: Asking) -> None:
    assert "box_xyxy" not in asking.refine((*CAR_XY, True), segment_id=asking.segment_at(CAR_XY))


def test_much_of_what_a_person_decided_about_is_asked_first(asking: Asking) -> None:
    around = pack_mask(np.ones((20, 28), dtype=bool))
    asking.page.edit(around, kind="paint", box_xyxy=[0, 18, 28, 38], category_id=7)
    reply = asking.refine((*CAR_XY, True))
    assert reply["ask"]["why"] == "takes"
    assert reply["ask"]["share"] > 0.25


def test_a_locked_segment_is_not_refined_and_gives_no_pixel(asking: Asking) -> None:
    car, road = asking.segment_at(CAR_XY), asking.segment_at(ROAD_XY)
    asking.page.edit(kind="lock", segment_id=car, locked=True)
    assert asking.refine((*CAR_XY, False), segment_id=car)["ok"] is False
    reply = asking.refine((*CAR_XY, True), segment_id=road)
    held = asking.picture.document.label_map == car
    if "box_xyxy" in reply:
        window, mask = shape(reply)
        assert not (mask & held[window]).any()


@pytest.mark.parametrize("user", ["mallory", None])
@pytest.mark.parametrize("name", WORK)
def test_nobody_else_can_ask(asking: Asking, name: str, user: str | None) -> None:
    answer = asking.ask(name, user=user, segment_id=1)
    assert answer["ok"] is False
    assert user is None or answer["error"] == str(PictureGoneError())


NONSENSE: list[dict[str, Any]] = [
    {"name": "delete"},
    {"document": "short"},
    {"segment_id": 0},
    {"segment_id": 999},
    {"segment_id": "1"},
    {"prompts": None},
    {"prompts": {"clicks": [], "strokes": [], "box_xyxy": None}},
    {"prompts": {"clicks": [{"x": -1, "y": 0, "positive": True}], "strokes": []}},
    {"prompts": {"clicks": [{"x": WIDTH, "y": 0, "positive": True}], "strokes": []}},
    {"prompts": {"clicks": [{"x": 1.5, "y": 0, "positive": True}], "strokes": []}},
    {"prompts": {"clicks": [{"x": 1, "y": 0, "positive": 1}], "strokes": []}},
    {"prompts": {"clicks": [{"x": 1, "y": 1, "positive": True}] * (MOST_CLICKS + 1), "strokes": []}},
    {"prompts": {"clicks": [], "strokes": [], "box_xyxy": [5, 5, 5, 9]}},
    {"prompts": {"clicks": [], "strokes": [], "box_xyxy": [0, 0, WIDTH + 1, 9]}},
    {"prompts": {"clicks": [], "strokes": [{"points_xy": [[0, 0], ["x", 1]], "width": 1, "positive": True}]}},
    {"prompts": {"clicks": [], "strokes": [{"points_xy": [[0, 0], [1, 1]], "width": 1e9, "positive": True}]}},
]


@pytest.mark.parametrize("wrong", NONSENSE, ids=str)
def test_nonsense_is_refused_in_a_sentence(asking: Asking, wrong: dict[str, Any]) -> None:
    fields = {"prompts": {"clicks": [{"x": 1, "y": 1, "positive": True}], "strokes": []}, "segment_id": None}
    answer = asking.ask(**({"name": "refine"} | fields | wrong))
    assert answer["ok"] is False
    assert "{" not in answer["error"]


def test_a_stroke_is_answered(asking: Asking) -> None:
    stroke = {"points_xy": [[40, 30], [52, 40]], "width": 2.0, "positive": True}
    assert "box_xyxy" in asking.ask("refine", prompts={"clicks": [], "strokes": [stroke]})


def test_a_fault_of_our_own_is_told_and_logged(
    asking: Asking, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def breaks(*_: object) -> dict[str, Any]:
        raise RuntimeError("secret detail")

    monkeypatch.setitem(WORK, "refine", breaks)
    answer = asking.ask("refine")
    assert answer["ok"] is False
    assert "secret" not in answer["error"]
    assert "secret" in caplog.text


def test_what_is_told_meanwhile_comes_with_the_answer(asking: Asking, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(WORK, "refine", lambda *_: tell("The memory was full.") or {})
    assert asking.ask("refine") == {"ok": True, "news": ["The memory was full."]}
    assert asking.ask("prepare") == {"ok": True}


def test_a_fault_is_logged_though_nobody_waits_any_more(
    asking: Asking, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    over = threading.Event()

    def breaks(*_: object) -> dict[str, Any]:
        over.wait(5)
        raise TimeoutError("late detail")

    monkeypatch.setitem(WORK, "refine", breaks)
    asking.work = ModelWork(asking.work.refining, turns=Turns(patience=0.05))
    assert asking.ask("refine")["error"] == text("error.work_slow")
    over.set()
    asking.work.turns._threads.shutdown()
    assert "late detail" in caplog.text


def test_features_are_made_once_and_count_in_the_pictures_bytes(asking: Asking) -> None:
    before = asking.picture.nbytes
    assert asking.picture.features is None
    assert asking.ask("prepare") == {"ok": True}
    made = asking.picture.features
    assert made is not None
    assert asking.picture.nbytes == before + made.nbytes
    asking.refine((*CAR_XY, True))
    assert asking.picture.features is made


def test_a_picture_from_the_disk_makes_them_again(asking: Asking) -> None:
    first = asking.refine((*CAR_XY, True))
    asking.pictures.forget(OWNER, asking.page.document)
    assert asking.refine((*CAR_XY, True)) == first


def test_features_go_before_pictures_when_memory_is_short() -> None:
    size = open_toy(OWNER).nbytes
    asking = Asking(toy_pictures(byte_budget=2 * size + 100))
    asking.ask("prepare")
    older = asking.picture
    assert older.features is not None
    newer = open_toy(OWNER, "other.png")
    asking.pictures.add(newer)
    assert older.features is None
    with asking.pictures.borrow(OWNER, asking.page.document) as again:
        assert again is older


def test_a_model_that_was_let_go_is_loaded_again_for_a_click(asking: Asking) -> None:
    asking.picture.predictor = None
    assert asking.refine((*CAR_XY, True))["ok"]


def test_what_is_alike_lies_on_nothing_that_is_decided(asking: Asking) -> None:
    car = asking.segment_at(CAR_XY)
    answer = asking.ask("alike", segment_id=car)
    document = asking.picture.document
    category = document.segments[car].category_id
    assert answer["category_id"] == category
    for row in answer["candidates"]:
        window, mask = shape(row)
        labels = np.unique(document.label_map[window][mask]).tolist()
        assert all(label == 0 or document.segments[label].category_id != category for label in labels)


@pytest.mark.parametrize("share", [0.0, 0.002, 0.5, 1.0])
def test_a_mask_comes_back_from_its_fields(share: float) -> None:
    mask = np.random.default_rng(3).random((300, 500)) < share
    fields = mask_fields(mask)
    if "runs" in fields:
        packed = pack_runs(fields["runs"], mask.shape)
    else:
        packed = base64.b64decode(fields["mask"])
        assert share == 0.5
    assert np.array_equal(unpack_mask(packed, mask.shape), mask)


def test_a_painted_segment_has_a_shortlist_of_what_it_looks_like() -> None:
    prediction = street_prediction((480, 640))
    document = Document.from_result(panoptic(prediction), prediction)
    names = {category.name: category.category_id for category in prediction.taxonomy.categories}
    for query, (name, mask) in street()[1].items():
        drawn = Paint((0, 0, 640, 480), pack_mask(mask), category_id=names["bicycle"])
        painted, _ = apply(document, drawn, prediction)
        picture: Any = SimpleNamespace(document=painted, prediction=prediction)
        made = max(painted.segments)
        rows = shortlist(picture, Fields({"segment_id": made}))["shortlist"]
        assert rows[0]["category_id"] == names[name], query
