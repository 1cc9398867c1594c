"""What travels after an edit: a page that applies every delta shows what one that opens the picture now shows."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.resample import mask_probs
from core.document import pack_mask
from core.messages import StudioError
from tests.app.pictures import HEIGHT, WIDTH, toy_prediction
from tests.app.visitors import Page, new_protocol, toy_pictures


@pytest.fixture
def page() -> Page:
    return Page(toy_pictures(), "session", "cookie:olive")


def paint(page: Page, box: tuple[int, int, int, int], **target: object) -> dict:
    x0, y0, x1, y1 = box
    return page.edit(pack_mask(np.ones((y1 - y0, x1 - x0), bool)), "s", kind="paint", box_xyxy=list(box), **target)


def require_true_marks(page: Page) -> None:
    """Boxes, areas and name points by looking at every pixel."""
    state = page.state
    assert {row["segment_id"] for row in state["segments"]} == set(np.unique(state["labels"]).tolist()) - {0}
    for row in state["segments"]:
        ys, xs = np.nonzero(state["labels"] == row["segment_id"])
        assert row["area"] == len(ys)
        assert row["box_xyxy"] == [xs.min(), ys.min(), xs.max() + 1, ys.max() + 1]
        assert state["labels"][row["anchor_xy"][1], row["anchor_xy"][0]] == row["segment_id"]


def without_anchors(state: dict) -> dict:
    """What has to be the same after a restart: names may stand elsewhere in their segments."""
    rows = [{key: value for key, value in row.items() if key != "anchor_xy"} for row in state["segments"]]
    return state | {"segments": rows, "labels": state["labels"].tolist()}


BOXES = st.tuples(
    st.integers(0, WIDTH - 1), st.integers(0, HEIGHT - 1), st.integers(1, WIDTH), st.integers(1, HEIGHT)
).map(lambda b: (b[0], b[1], min(WIDTH, b[0] + b[2]), min(HEIGHT, b[1] + b[3])))
SEGMENTS = st.integers(1, 6)
MOVES = st.one_of(
    st.tuples(
        st.just("paint"), BOXES, st.one_of(SEGMENTS.map(lambda s: {"segment_id": s}), st.just({"segment_id": 0}))
    ),
    st.tuples(st.just("paint"), BOXES, st.sampled_from([7, 20]).map(lambda c: {"category_id": c})),
    st.tuples(st.just("subtract"), BOXES, SEGMENTS),
    st.tuples(
        st.just("edit"),
        st.one_of(
            st.builds(lambda s: {"kind": "relabel", "segment_id": s, "category_id": 9}, SEGMENTS),
            st.builds(
                lambda s, f: {"kind": "delete", "segment_id": s, "fill": f}, SEGMENTS, st.sampled_from(["next", "void"])
            ),
            st.builds(lambda s, p: {"kind": "grow", "segment_id": s, "pixels": p}, SEGMENTS, st.integers(-6, 6)),
            st.builds(lambda a, b: {"kind": "merge", "segment_ids": [a, b]}, SEGMENTS, SEGMENTS),
            st.builds(lambda s, on: {"kind": "lock", "segment_id": s, "locked": on}, SEGMENTS, st.booleans()),
            st.builds(lambda s: {"kind": "review", "segment_id": s, "reviewed": True}, SEGMENTS),
            st.builds(lambda q: {"kind": "promote", "query": q, "over": True}, st.integers(0, 5)),
            st.builds(lambda q, on: {"kind": "switch", "query": q, "on": on}, st.integers(0, 5), st.booleans()),
            st.builds(
                lambda n: {"kind": "set_category", "category_id": 7, "name": n, "is_thing": True, "color": [1, 2, 3]},
                st.sampled_from("ab"),
            ),
            st.just({"kind": "fill_void"}),
            st.just({"kind": "thresholds", "score": 0.55, "overlap": 0.3}),
        ),
    ),
    st.tuples(st.sampled_from(["undo", "redo"])),
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(moves=st.lists(MOVES, max_size=12))
def test_deltas_add_up_and_are_kept(moves: list) -> None:
    page = Page(toy_pictures(), "session", "cookie:olive")
    for number, (name, *rest) in enumerate(moves):
        if name == "paint":
            paint(page, rest[0], **rest[1])
        elif name == "subtract":
            x0, y0, x1, y1 = rest[0]
            mask = pack_mask(np.ones((y1 - y0, x1 - x0), bool))
            page.edit(mask, kind="subtract", box_xyxy=list(rest[0]), segment_id=rest[1])
        elif name == "edit":
            page.edit(gesture=str(number), **rest[0])
        else:
            page.move(name)
    require_true_marks(page)
    before, page.mirror = page.mirror, None
    page.protocol = new_protocol(toy_pictures())  # a server that was started anew
    require_true_marks(page)
    assert before is None or without_anchors(before.state) == without_anchors(page.state)


def test_a_stroke_sends_its_own_box_only(page: Page) -> None:
    before = page.state["labels"].copy()
    reply = paint(page, (10, 12, 20, 16), category_id=7)
    assert reply["box_xyxy"] == [10, 12, 20, 16]
    assert {"fates", "thresholds", "off", "taxonomy"}.isdisjoint(reply)
    assert reply["saved"]
    after = page.state["labels"]
    expected = before.copy()
    expected[12:16, 10:20] = after[12, 10]
    assert (after == expected).all()
    assert reply["gone"] == []


@pytest.mark.parametrize("restarted", [False, True], ids=["the same server", "one started anew"])
def test_a_repeated_edit_is_done_once(page: Page, restarted: bool) -> None:
    first = page.edit(kind="switch", query=2, on=False)
    moved = page.edit(kind="delete", segment_id=1, fill="void")
    known = page.state
    if restarted:
        page.protocol = new_protocol(toy_pictures())
    for edit_id, version, reply in (("edit-0", 0, first), ("edit-1", 1, moved), ("edit-1", 2, moved)):
        again = page.ask("edit", version=version, edit_id=edit_id, edit={"kind": "switch", "query": 3, "on": False})
        assert again["ok"]
        if restarted:
            assert (again["base"], again["version"], "labels" in again) == (2, 2, False)
        else:
            assert again == reply
    assert page.ask("open")["state"]["version"] == known["version"] == 2
    undone = page.move("undo")
    assert undone["ok"]
    assert page.ask("undo", version=3, edit_id="edit-2")["version"] == 3


@pytest.mark.parametrize("restarted", [False, True], ids=["the same server", "one started anew"])
def test_a_new_segment_is_named_also_to_who_asks_again(page: Page, restarted: bool) -> None:
    page.edit(kind="delete", segment_id=2, fill="void")
    reply = paint(page, (0, 0, 30, 30), category_id=7)
    assert reply["made"] == [2]
    assert max(row["segment_id"] for row in reply["segments"]) > 2
    if restarted:
        page.protocol = new_protocol(toy_pictures())
    edit = {"kind": "paint", "box_xyxy": [0, 0, 30, 30], "category_id": 7}
    assert page.ask("edit", b"", version=1, edit_id="edit-1", edit=edit)["made"] == [2]


@pytest.mark.parametrize(
    ("key", "kept"),
    [("disk_full", True), ("most_stored", True), ("store_busy", True), ("store_failed", True), ("no_segment", False)],
)
def test_what_could_not_be_written_down_is_told_from_what_is_refused(
    page: Page, monkeypatch: pytest.MonkeyPatch, key: str, kept: bool
) -> None:
    def refuse(*_: object) -> int:
        raise StudioError(f"error.{key}", folder="/data", limit="20", reason="why", segment_id=1)

    monkeypatch.setattr(type(page.picture.store), "append", refuse)
    assert page.edit(kind="switch", query=2, on=False).get("unwritten", False) is kept


def test_a_fault_of_our_own_is_one_sentence(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    def break_down(*_: object) -> int:
        raise RuntimeError("what a person must not read")

    monkeypatch.setattr(type(page.picture.store), "append", break_down)
    answer = page.edit(kind="switch", query=2, on=False)
    assert (answer["ok"], "RuntimeError" in answer["error"], "must not" in answer["error"]) == (False, True, False)


def test_what_cannot_be_kept_is_not_done(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    before = page.state

    def full(*_: object) -> int:
        raise StudioError("error.disk_full", folder="/data")

    with monkeypatch.context() as patched:
        patched.setattr(type(page.picture.store), "append", full)
        answer = page.edit(kind="switch", query=2, on=False)
        assert (answer["ok"], answer["unwritten"]) == (False, True)
        assert "disk" in answer["error"]
    assert page.state["version"] == before["version"]
    assert page.state["undo"] is None
    assert page.edit(kind="switch", query=2, on=False)["ok"]


def test_two_servers_on_one_store_do_not_part(page: Page) -> None:
    other = new_protocol(toy_pictures())
    here = page.protocol
    assert page.state["version"] == 0
    page.protocol = other
    assert page.edit(kind="delete", segment_id=1, fill="void")["ok"]
    page.protocol = here
    answer = page.ask("edit", version=0, edit_id="late", edit={"kind": "promote", "query": 5})
    assert (answer["ok"], answer["stale"]) == (False, True)
    assert page.state["version"] == 1


BAD = [
    {"kind": "paint", "box_xyxy": [0, 0, 8, 8]},
    {"kind": "paint", "box_xyxy": [0, 0, 8, 8], "category_id": 7, "runs": [0, 63]},
    {"kind": "paint", "box_xyxy": [0, 0, 8, 8], "category_id": 7, "runs": [0, 65]},
    {"kind": "paint", "box_xyxy": [0, 0, 8, 8], "category_id": 7, "runs": [-1, 65]},
    {"kind": "paint", "box_xyxy": [0, 0, 8, 8], "category_id": 7, "runs": []},
    {"kind": "paint", "box_xyxy": [0, 0, 65536, 65536], "category_id": 7, "runs": [0] + [2**31 - 1] * 2 + [2]},
    {"kind": "paint", "box_xyxy": [0, 0, WIDTH + 8, 1], "category_id": 7},
    {"kind": "paint", "box_xyxy": [8, 0, 8, 8], "category_id": 7},
    {"kind": "paint", "box_xyxy": [0, 0, 8], "category_id": 7},
    {"kind": "paint", "box_xyxy": [-1, 0, 7, 8], "category_id": 7},
    {"kind": "paint", "box_xyxy": [0, 0, 8, 16], "category_id": 7},
    {"kind": "paint", "box_xyxy": [0, 0, 8, 8], "category_id": 999},
    {"kind": "paint", "box_xyxy": [0, 0, 8, 8], "segment_id": 999},
    {"kind": "subtract", "box_xyxy": [0, 0, 8, 8], "segment_id": 0},
    {"kind": "fill_at", "x": WIDTH, "y": 0, "category_id": 7},
    {"kind": "merge", "segment_ids": []},
    {"kind": "merge", "segment_ids": "12"},
    {"kind": "split_line", "segment_id": 1, "points_xy": [[0, 0]]},
    {"kind": "split_line", "segment_id": 1, "points_xy": [[0, 0], [1, "x"]]},
    {"kind": "split_line", "segment_id": 1, "points_xy": [[0, 0], [1e9, 0]]},
    {"kind": "grow", "segment_id": 1, "pixels": 10**9},
    {"kind": "smooth", "segment_id": 1, "radius": -1},
    {"kind": "set_category", "name": "", "is_thing": True, "color": [1, 2, 3]},
    {"kind": "set_category", "name": "a", "is_thing": True, "color": [1, 2]},
    {"kind": "set_category", "name": "a", "is_thing": True, "color": [1, 2, 256]},
    {"kind": "remove_category", "category_id": 7},
    {"kind": "lock", "segment_id": 1, "locked": "yes"},
]


@pytest.mark.parametrize("edit", BAD, ids=lambda edit: edit["kind"])
@pytest.mark.parametrize("file", [pack_mask(np.ones((8, 8), bool)), b"junk", pack_mask(np.ones((4096, 4096), bool))])
def test_nonsense_changes_nothing(page: Page, edit: dict, file: bytes) -> None:
    answer = page.ask("edit", file, version=0, edit_id="bad", edit=edit)
    assert answer["ok"] is False
    assert answer["error"].endswith((".", "!"))
    assert page.state["version"] == 0


def test_runs_say_the_same_as_a_file(page: Page) -> None:
    disc = np.hypot(*np.indices((9, 12)) - np.array([[[4]], [[5]]])) < 4.5
    edges = np.flatnonzero(np.diff(disc.ravel())) + 1
    runs = np.diff([0, *edges, disc.size]).tolist()
    before = page.state["labels"].copy()
    assert page.edit(kind="paint", box_xyxy=[3, 2, 15, 11], segment_id=2, runs=runs)["ok"]
    expected = before.copy()
    expected[2:11, 3:15][disc] = 2
    assert np.array_equal(page.state["labels"], expected)
    assert page.picture.history.undoable.mask == pack_mask(disc)


def test_alternatives_are_the_queries_by_their_claim(page: Page) -> None:
    prediction = toy_prediction()
    probs = mask_probs(prediction, slice(None), (HEIGHT, WIDTH))
    for x, y in ((0, 0), (44, 36), (63, 47), (12, 25)):
        rows = page.ask("alternatives", x=x, y=y)["alternatives"]
        claims = prediction.scores.numpy() * probs[:, y, x]
        expected = [query for query in np.argsort(-claims, kind="stable").tolist() if claims[query] >= 0.02]
        assert [row["query"] for row in rows] == expected
        for row in rows:
            assert row["probability"] == pytest.approx(probs[row["query"], y, x], abs=1e-5)
    assert not page.ask("alternatives", x=WIDTH, y=0)["ok"]


def test_an_open_page_hears_of_a_new_name(page: Page) -> None:
    assert page.ask("rename", picture=page.document, to="better.png")["ok"]
    assert page.ask("open")["name"] == "better.png"
    assert page.ask("remove", picture=page.document)["ok"]
    assert page.ask("open")["gone"]
