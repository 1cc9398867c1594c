"""What each panel of Explain tells is the core's numbers."""

import csv
import io
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.optimize import linear_sum_assignment

from app import explaining
from app.answers.fields import Fields
from app.open_picture import OpenPicture
from app.opening import Source
from app.panels.matching import found_matching
from core.document.store import PictureGoneError
from core.explain.assembly import STEPS
from core.explain.census import picture_census
from core.explain.comparison import class_ious, compare_results
from core.explain.doubt import doubt_maps
from core.explain.layers import follow_layers
from core.explain.pixel import pixel_claims
from core.explain.readings import readings_of
from core.inference import panoptic, semantic
from core.masks import decode
from core.messages import StudioError
from tests.app.explaining import ASKED, AT, OWNER, ModelPage, exported
from tests.app.mirror import inflated
from tests.app.pictures import HEIGHT, TAXONOMY, WIDTH
from tests.app.visitors import Page, toy_file, toy_pictures


@pytest.fixture(scope="module")
def model_page(tmp_path_factory: pytest.TempPathFactory) -> ModelPage:
    return ModelPage(tmp_path_factory.mktemp("models"))


@pytest.fixture
def page() -> Page:
    return Page(toy_pictures(), "session", "o" * 32)


def test_the_pixel_inspector_tells_the_claims(page: Page) -> None:
    x, y = AT
    reply, found = page.ask("explain", panel="pixel", x=x, y=y), pixel_claims(page.picture.prediction, x, y)
    assert [row["query"] for row in reply["queries"]] == found.order[:8]
    assert reply["winner"] == found.winner == 2
    assert reply["segment_id"] == int(page.picture.document.label_map[y, x])
    for row in reply["classes"]:
        index = TAXONOMY.class_index(row["category_id"])
        assert row["score"] == pytest.approx(float(found.class_scores[index]))
        assert sum(part["value"] for part in row["parts"]) + row["rest"] == pytest.approx(row["score"], abs=1e-5)


def test_the_pixel_inspector_follows_the_threshold_and_what_is_off(page: Page) -> None:
    x, y = AT
    page.edit(kind="switch", query=2, on=False)
    assert page.ask("explain", panel="pixel", x=x, y=y)["winner"] != 2
    page.edit(gesture="t", kind="thresholds", score=1.0, overlap=0.5)
    assert page.ask("explain", panel="pixel", x=x, y=y)["winner"] is None


def test_the_winner_is_told_whatever_claims_more(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    x, y = AT
    page.edit(kind="switch", query=2, on=False)
    monkeypatch.setattr("app.panels.pixel.MOST_QUERIES", 1)
    reply = page.ask("explain", panel="pixel", x=x, y=y)
    assert pixel_claims(page.picture.prediction, x, y).order[0] == 2
    assert [row["query"] for row in reply["queries"]] == [reply["winner"]] != [2]


def test_the_pixels_sheet_holds_every_contribution(page: Page) -> None:
    x, y = AT
    rows = list(csv.DictReader(io.StringIO(exported(page, "pixel", "csv").decode())))
    found = pixel_claims(page.picture.prediction, x, y)
    table = np.array([[float(row[f"adds to {category.name}"]) for category in TAXONOMY.categories] for row in rows])
    order = [int(row["query"]) for row in rows]
    np.testing.assert_allclose(table, found.contributions[order], rtol=1e-6)
    np.testing.assert_allclose(table.sum(axis=0), found.class_scores, atol=1e-5)


def test_layers_are_the_trail_over_the_picture(model_page: ModelPage) -> None:
    picture = model_page.picture
    reply = model_page.ask("explain", panel="layers", query=2)
    trail = follow_layers(picture.predictor, picture.image, picture.prediction)
    last = reply["layers"][-1]
    assert last["score"] == pytest.approx(float(picture.prediction.scores[2]), abs=1e-5)
    assert (last["iou"], len(reply["layers"]), reply["settled"]) == (1.0, len(trail), int(trail.settled[2]))
    masks = inflated(reply["masks"], "u1", (len(trail), reply["mask_height"], reply["mask_width"]))
    heat = model_page.ask("query", query=2)
    shown = inflated(heat["heat"], "u1", (heat["heat_height"], heat["heat_width"]))
    step = shown.shape[0] / masks.shape[1]
    rows, columns = (((np.arange(side) + 0.5) * step).astype(int) for side in masks.shape[1:])
    assert np.abs(masks[-1].astype(int) - shown[rows][:, columns]).max() <= 40
    attention = inflated(
        reply["attention"],
        "u1",
        (len(trail.attention), reply["heads"] + 1, reply["attention_height"], reply["attention_width"]),
    )
    assert (attention.max(axis=(2, 3)) == 255).all()
    assert sum(reply["settling"]) == reply["used"]


def test_what_was_explained_goes_before_pictures_do(tmp_path: Path) -> None:
    page = ModelPage(tmp_path)
    page.ask("explain", panel="layers", query=0)
    held = page.picture.explained.nbytes
    assert held > 0
    other = page.pictures._restore.__self__.open(Source("b.png", toy_file()), "user:b", "small")
    page.pictures.add(other)
    page.pictures._byte_budget = sum(picture.nbytes for picture in (page.picture, other)) - 1
    page.pictures.make_room()
    assert (page.picture.explained.trail, len(page.pictures._open)) == (None, 2)


def test_a_per_pixel_model_says_that_it_has_no_layers_of_queries(tmp_path: Path) -> None:
    page = ModelPage(tmp_path, "per_pixel")
    reply = page.ask("explain", panel="layers", query=0)
    assert (reply["ok"], "no queries" in reply["error"]) == (False, True)
    assert page.ask("explain", panel="pixel", x=3, y=3)["ok"]


def test_the_assembly_is_told_with_its_maps(page: Page) -> None:
    page.edit(kind="thresholds", score=0.7, overlap=0.5)
    reply, result = page.ask("explain", panel="assembly"), panoptic(page.picture.prediction, 0.7, 0.5)
    assert [row["step"] for row in reply["steps"]] == list(STEPS)
    assert reply["steps"][-1]["segments"] == len(result.segments)
    assert [row["fate"] for row in reply["queries"]] == [fate.fate for fate in result.fates]
    size = reply["map_height"], reply["map_width"]
    assert size == (4 * HEIGHT, 4 * WIDTH), "small pictures are drawn larger"
    labels = inflated(reply["labels"], "<u2", size)
    assert np.array_equal(labels, result.panoptic_map.repeat(4, axis=0).repeat(4, axis=1))
    owners = inflated(reply["owners"], "<u2", size)
    assert np.array_equal(owners == 0, labels == 0)
    heaps = inflated(reply["heaps"], "u1", (3, reply["heap_height"], reply["heap_width"], 4))
    assert heaps[..., 3].max() > 200


def test_the_assembly_is_the_models_whatever_was_corrected(page: Page) -> None:
    before = page.ask("explain", panel="assembly")
    page.edit(kind="relabel", segment_id=1, category_id=9)
    assert page.ask("explain", panel="assembly") == before
    page.edit(gesture="off", kind="switch", query=2, on=False)
    [row] = [row for row in page.ask("explain", panel="assembly")["queries"] if row["query"] == 2]
    assert (row["fate"], row["leaves_at"]) == ("off", "objects")


def test_the_matching_holds_queries_against_the_corrected_picture(page: Page) -> None:
    first = page.ask("explain", panel="matching")
    assert (first["is_corrected"], first["fp"], first["fn"], first["pq"]) == (False, 0, 0, 1.0)
    page.edit(kind="relabel", segment_id=segment_with(first, query=2), category_id=9)
    reply = page.ask("explain", panel="matching")
    assert (reply["is_corrected"], reply["fp"], reply["fn"]) == (True, 1, 1)
    [wrong] = [row for row in reply["truths"] if row["outcome"] == "fn"]
    assert (wrong["category_id"], wrong["query"], wrong["by_person"]) == (9, 2, True)
    assert [row["outcome"] for row in reply["predicted"] if row["queries"] == [2]] == ["fp"]
    found = found_matching(page.picture)
    shape = (3, len(reply["queries"]), len(reply["truths"]))
    costs = inflated(reply["costs"], "<f4", shape)
    for part, name in zip(costs, ("classes", "focal", "dice"), strict=True):
        np.testing.assert_array_equal(part, getattr(found.costs, name))
    weighted = np.einsum("i,iqt->qt", [reply["weights"][name] for name in ("classes", "focal", "dice")], costs)
    assert [row["query"] for row in reply["truths"]] == [found.query_of[place] for place in range(shape[2])]
    total = sum(weighted[row["query"], place] for place, row in enumerate(reply["truths"]))
    assert total == pytest.approx(weighted[linear_sum_assignment(weighted)].sum())
    assert {row["query"] for row in reply["queries"] if row["truth"] is not None} == set(found.queries.tolist())


def test_a_query_that_was_switched_off_is_scored_as_it_was(page: Page) -> None:
    page.edit(kind="switch", query=2, on=False)
    reply = page.ask("explain", panel="matching")
    assert (reply["is_corrected"], reply["fp"]) == (True, 1)
    assert [row["outcome"] for row in reply["predicted"] if row["queries"] == [2]] == ["fp"]
    result = panoptic(page.picture.prediction, *settings_of(page.picture))
    used = {query for segment in result.segments for query in segment.queries}
    assert {row["query"] for row in reply["queries"] if row["takes_part"]} == used


def segment_with(reply: dict[str, Any], query: int) -> int:
    return next(row["segment_id"] for row in reply["predicted"] if query in row["queries"])


def test_a_matching_without_truth_says_so(page: Page) -> None:
    page.edit(kind="thresholds", score=1.0, overlap=0.5)
    reply = page.ask("explain", panel="matching")
    assert (reply["ok"], "nothing to match" in reply["error"]) == (False, True)


def test_classes_of_a_persons_own_are_left_out_of_the_matching(page: Page) -> None:
    page.edit(kind="set_category", name="tram", is_thing=True, color=[1, 2, 3])
    tram = page.picture.document.taxonomy.categories[-1].category_id
    before = len(page.ask("explain", panel="matching")["truths"])
    page.edit(gesture="b", kind="relabel", segment_id=1, category_id=tram)
    reply = page.ask("explain", panel="matching")
    assert (reply["left_out"], len(reply["truths"])) == (["tram"], before - 1)


def test_the_three_views_are_told_with_what_sets_them_apart(page: Page) -> None:
    page.edit(kind="thresholds", score=0.5, overlap=0.5)
    reply, found = page.ask("explain", panel="views"), readings_of(page.picture.prediction, 0.5, 0.5)
    size = reply["map_height"], reply["map_width"]
    maps = {name: inflated(reply[name], "<u2", size)[::4, ::4] for name in ("semantic", "instance", "panoptic")}
    assert np.array_equal(maps["semantic"], found.class_map + 1)
    assert np.array_equal(maps["panoptic"], found.panoptic.panoptic_map)
    assert np.array_equal(maps["instance"] > 0, found.coverage > 0)
    surest = found.instances[0]
    assert (maps["instance"][decode(surest.mask)] == 1).all()
    assert np.array_equal(inflated(reply["overlap"], "u1", size)[::4, ::4], found.coverage > 1)
    assert reply["overlap_share"] == pytest.approx((found.coverage > 1).mean())
    assert 0 < reply["overlap_share"] < 1, "a person stands where a car is"
    assert reply["void_share"] == pytest.approx((found.panoptic.panoptic_map == 0).mean())


def test_doubt_is_told_over_the_picture_and_by_segment(page: Page) -> None:
    reply, maps = page.ask("explain", panel="doubt"), doubt_maps(page.picture.prediction)
    margin = inflated(reply["margin"], "u1", (reply["map_height"], reply["map_width"]))
    step = margin.shape[0] // 12
    assert np.abs(margin[step // 2 :: step, step // 2 :: step] / 255 - maps.margin.numpy()).max() < 0.2
    assert (reply["mean_margin"], reply["mean_entropy"]) == (maps.mean(maps.margin), maps.mean(maps.entropy))
    assert {row["segment_id"] for row in reply["segments"]} == set(page.picture.document.segments)
    grid = json.loads(exported(page, "doubt", "json"))
    np.testing.assert_allclose(grid["grid_entropy"], maps.entropy, atol=1e-6)


def test_another_model_is_compared_with_this_one(model_page: ModelPage) -> None:
    reply = model_page.ask("explain", panel="compare", model="street")
    picture, rival = model_page.picture, model_page.picture.explained.rival
    assert [side["title"] for side in reply["sides"]] == [picture.card.title, "Street scenes"]
    mine = panoptic(picture.prediction, *settings_of(picture))
    theirs = panoptic(rival.prediction)
    taxonomies = picture.document.taxonomy, rival.prediction.taxonomy
    found = compare_results(mine, taxonomies[0], theirs, taxonomies[1])
    size = reply["map_height"], reply["map_width"]
    kinds = inflated(reply["kinds"], "u1", size)
    assert np.array_equal(kinds[::4, ::4], found.kinds)
    assert reply["agreement"] == found.agreement
    rows = json.loads(exported(model_page, "compare", "json"))["disagreements"]
    assert sum(row["area"] for row in rows) == (found.kinds > 0).sum()
    classes = {row["name"]: row for row in reply["truth"]["classes"]}
    stat = class_ious(
        semantic(picture.prediction).class_map,
        picture.prediction.taxonomy,
        picture.document.label_map,
        dict(picture.document.segments),
        picture.document.taxonomy,
    )
    for index, category in enumerate(picture.document.taxonomy.categories):
        if category.name in classes:
            assert classes[category.name]["first"] == pytest.approx(stat.iou()[index])


def settings_of(picture: OpenPicture) -> tuple[float, float]:
    settings = picture.document.settings
    return settings.score_threshold, settings.overlap_threshold


def test_a_per_pixel_model_is_compared_too(tmp_path: Path) -> None:
    page = ModelPage(tmp_path, "per_pixel")
    reply = page.ask("explain", panel="compare", model="street")
    assert (reply["ok"], [side["per_pixel"] for side in reply["sides"]]) == (True, [True, False])
    segment = next(iter(page.picture.document.segments))
    known = {"version": page.picture.document.version, "edit_id": "e", "gesture": "g"}
    page.ask_once("edit", **known, edit={"kind": "review", "segment_id": segment, "reviewed": True})
    truth = page.ask("explain", panel="compare", model="street")["truth"]
    assert [row["first"] for row in truth["classes"]] == [1.0] * len(page.picture.document.segments)
    renamed = page.picture.document.segments[segment].category_id
    category = page.picture.document.taxonomy.category(renamed)
    edit = {
        "kind": "set_category",
        "category_id": renamed,
        "name": "another name",
        "is_thing": category.is_thing,
        "color": [1, 2, 3],
    }
    known = {"version": page.picture.document.version, "edit_id": "f", "gesture": "h"}
    assert page.ask_once("edit", **known, edit=edit)["ok"]
    again = page.ask("explain", panel="compare", model="street")
    assert [row["first"] for row in again["truth"]["classes"]] == [row["first"] for row in truth["classes"]]
    assert [row["second"] for row in again["truth"]["classes"]] == [row["second"] for row in truth["classes"]]
    assert again["agreement"] == reply["agreement"]


@pytest.mark.parametrize(("panel", "work"), [("layers", "follow_layers"), ("compare", "Rival")])
def test_nobody_waits_while_a_network_looks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, panel: str, work: str
) -> None:
    page, free = ModelPage(tmp_path), []
    looks = getattr(explaining, work)

    def look(*seen: Any) -> Any:
        with ThreadPoolExecutor(1) as other:
            free.append(other.submit(page.picture.lock.acquire, blocking=False).result())
            if free[-1]:
                other.submit(page.picture.lock.release).result()
        return looks(*seen)

    monkeypatch.setattr(explaining, work, look)
    assert page.ask("explain", panel=panel, **ASKED[panel])["ok"]
    assert free == [True]


def test_only_models_of_the_menu_are_compared(model_page: ModelPage) -> None:
    for name in ("../small", "facebook/maskformer-swin-tiny-coco", "no-such-model"):
        assert model_page.ask_once("explain", panel="compare", model=name)["unprepared"]
        with pytest.raises(StudioError):
            model_page.explaining.prepare(
                OWNER, Fields({"document": model_page.document, "panel": "compare", "model": name})
            )


def test_queries_are_counted_over_the_owners_pictures(tmp_path: Path) -> None:
    page = ModelPage(tmp_path, "per_pixel")
    opening = page.pictures._restore.__self__
    others = [opening.open(Source(name, toy_file()), OWNER, "small").document_id for name in ("b.png", "c.png")]
    asked = {"panel": "pictures", "pictures": [{"picture": other} for other in others]}
    assert page.ask_once("explain", **asked)["unprepared"]
    for other in others:
        fields = Fields({"document": page.document, "panel": "pictures", "picture": other})
        assert page.explaining.prepare(OWNER, fields) == {}
    reply = page.ask_once("explain", **asked)
    own = picture_census("toy.png", page.picture.prediction)
    assert reply["pictures"] == 3
    assert [row["fires"] for row in reply["queries"]] == [
        3 * any(firing.query == query for firing in own.firings) for query in range(len(reply["queries"]))
    ]
    assert [row["picture"] for row in reply["firings"]] == sorted(list(range(3)) * len(own.firings))
    facts = json.loads(exported(page, "pictures", "json", pictures=asked["pictures"]))
    assert {row["picture"] for row in facts["firings"]} == {"toy.png", "b.png", "c.png"}


def test_nobody_counts_anothers_pictures_or_those_of_another_model(tmp_path: Path) -> None:
    page = ModelPage(tmp_path, "per_pixel")
    opening = page.pictures._restore.__self__
    foreign = opening.open(Source("b.png", toy_file()), "user:mallory", "small").document_id
    known = {"document": page.document, "panel": "pictures"}
    with pytest.raises(PictureGoneError):
        page.explaining.prepare(OWNER, Fields(known | {"picture": foreign}))
    unlike = opening.open(Source("c.png", toy_file()), OWNER, "nuclei").document_id
    with pytest.raises(StudioError, match="another model"):
        page.explaining.prepare(OWNER, Fields(known | {"picture": unlike}))
