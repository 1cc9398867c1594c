"""A whole evaluation on drawn data sets; the block ``exhaustive`` is worked out by hand."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from core.evaluation.comparison import Predicted
from core.evaluation.report import THOROUGH, evaluate
from core.formats.panoptic_dataset import DatasetPicture, PanopticDataset, read_panoptic_dataset
from core.masks import area, box_xyxy, encode
from core.types import Instance, InstanceResult
from tests.annotated import CAR, PERSON, ROAD, SKY, TAXONOMY, segments, write_dataset
from tests.drawing import label_map

KEYS = ["pq", "sq", "rq", "pq_things", "sq_things", "rq_things", "pq_stuff", "sq_stuff", "rq_stuff"]
KEYS += ["miou", "fwiou", "pixel_accuracy"]
OUTLINES = ["boundary_iou", *(f"boundary_{key}" for key in KEYS[:9])]
PRECISION = ["ap", "ap50", "ap75", "ap_small", "ap_medium", "ap_large", "ar"]
BLOCK = [*KEYS, *OUTLINES, *PRECISION, "oracle", "by_size", "per_class"]

ROAD_ONLY = label_map("77777777", "77777777")
ROAD_AND_CAR = label_map("77777711", "77777711")


def always(drawn: NDArray[np.int32], categories: dict[int, int]) -> Callable[[DatasetPicture], Predicted]:
    classes = np.full(drawn.shape, -1, dtype=np.int32)
    for segment_id, category_id in categories.items():
        classes[drawn == segment_id] = TAXONOMY.class_index(category_id)
    masks = {i: encode(drawn == i) for i in categories}
    found = [
        Instance(query, categories[i], 0.9, area(mask), box_xyxy(mask), mask)
        for query, (i, mask) in enumerate(masks.items())
        if TAXONOMY.category(categories[i]).is_thing
    ]
    instances = InstanceResult(drawn.shape, tuple(found))
    return lambda picture: Predicted(drawn, segments(drawn, categories), classes, instances, list(masks.values()))


def drawn_set(folder: Path, exempt: list[int]) -> PanopticDataset:
    """Two pictures of nothing but road; the second one's source did not label ``exempt``."""
    pictures = [(ROAD_ONLY, {7: ROAD}), (ROAD_ONLY, {7: ROAD})]
    return read_panoptic_dataset(write_dataset(folder, pictures, not_exhaustive=[[], exempt]), "val")


def test_truth_scores_full_marks(tmp_path: Path) -> None:
    dataset = read_panoptic_dataset(write_dataset(tmp_path, [(ROAD_AND_CAR, {7: ROAD, 1: CAR})]), "val")
    figures = evaluate(always(ROAD_AND_CAR, {7: ROAD, 1: CAR}), dataset, measures=THOROUGH).to_json()
    assert list(figures) == [*BLOCK, "exhaustive", "pictures", "detections"]
    assert list(figures["exhaustive"]) == BLOCK
    assert {key: figures[key] for key in [*KEYS, *OUTLINES]} == dict.fromkeys([*KEYS, *OUTLINES], 1.0)
    assert [figures[key] for key in PRECISION] == pytest.approx([1.0, 1.0, 1.0, 1.0, None, None, 1.0])
    assert [figures["oracle"][key] for key in ("pq", "recall_50", "recall_75")] == [1.0] * 3
    assert [row["pq"] for row in figures["by_size"]] == [1.0, None, None]
    assert figures["exhaustive"] == {key: figures[key] for key in BLOCK}
    assert (figures["pictures"], figures["detections"]) == (1, 100)


def test_a_quick_look_leaves_the_rest_unmeasured(tmp_path: Path) -> None:
    dataset = read_panoptic_dataset(write_dataset(tmp_path, [(ROAD_AND_CAR, {7: ROAD, 1: CAR})]), "val")
    perfect = always(ROAD_AND_CAR, {7: ROAD, 1: CAR})
    report = evaluate(lambda picture: replace(perfect(picture), query_masks=None), dataset)
    figures = report.to_json()
    assert [figures[key] for key in KEYS] == [1.0] * len(KEYS)
    assert [figures[key] for key in [*OUTLINES, *PRECISION]] == [None] * len([*OUTLINES, *PRECISION])
    assert figures["oracle"]["pq"] is None
    assert "AP" not in report.table()


def test_an_exempt_class_is_no_false_positive_where_its_source_did_not_label_it(tmp_path: Path) -> None:
    report = evaluate(always(ROAD_AND_CAR, {7: ROAD, 1: CAR}), drawn_set(tmp_path, [CAR]))
    figures = report.to_json()
    car, road = TAXONOMY.class_index(CAR), TAXONOMY.class_index(ROAD)
    assert [figures["per_class"][car][key] for key in ("tp", "fp", "fn", "pq", "iou")] == [0, 2, 0, 0.0, 0.0]
    exhaustive = figures["exhaustive"]
    assert [exhaustive["per_class"][car][key] for key in ("tp", "fp", "fn", "pq", "iou")] == [0, 1, 0, 0.0, 0.0]
    assert [block["per_class"][car]["ap"] for block in (figures, exhaustive)] == [None, None], "there is no true car"
    assert exhaustive["per_class"][road]["pq"] == exhaustive["per_class"][road]["iou"] == 12 / 16
    assert exhaustive["pixel_accuracy"] == 24 / 32


def test_true_pixels_of_an_exempt_class_are_left_out(tmp_path: Path) -> None:
    folder = write_dataset(tmp_path, [(ROAD_AND_CAR, {7: ROAD, 1: CAR})], not_exhaustive=[[CAR]])
    dataset = read_panoptic_dataset(folder, "val")
    report = evaluate(always(ROAD_ONLY, {7: ROAD}), dataset, measures=THOROUGH)
    figures = report.to_json()
    assert (figures["pixel_accuracy"], figures["miou"], figures["pq"]) == (12 / 16, 12 / 32, 12 / 32)
    exhaustive = figures["exhaustive"]
    assert (exhaustive["pixel_accuracy"], exhaustive["miou"], exhaustive["pq"]) == (1.0, 1.0, 1.0)
    assert exhaustive["pq_things"] is None
    assert (figures["ap"], exhaustive["ap"]) == (0.0, None)
    assert (figures["oracle"]["segments"], exhaustive["oracle"]["segments"]) == (2, 1)
    assert (figures["boundary_pq"], exhaustive["boundary_pq"]) == (12 / 32, 1.0)


def test_a_class_is_scored_on_the_pictures_that_label_it(tmp_path: Path) -> None:
    pictures = [(ROAD_AND_CAR, {7: ROAD, 1: CAR}), (ROAD_AND_CAR, {7: ROAD, 1: SKY})]
    folder = write_dataset(tmp_path, pictures, not_exhaustive=[[], [CAR]])
    report = evaluate(always(ROAD_AND_CAR, {7: ROAD, 1: CAR}), read_panoptic_dataset(folder, "val"))
    rows = {row["category_id"]: row for row in report.to_json()["exhaustive"]["per_class"]}
    assert [rows[i]["pq"] for i in (CAR, ROAD, PERSON, SKY)] == [1.0, 1.0, None, 0.0]
    assert [rows[i]["iou"] for i in (CAR, ROAD, PERSON, SKY)] == [1.0, 1.0, None, 0.0]


def test_json_holds_fractions_and_nothing_but_json(tmp_path: Path) -> None:
    report = evaluate(always(ROAD_AND_CAR, {7: ROAD, 1: PERSON}), drawn_set(tmp_path, [CAR]))
    assert json.loads(json.dumps(report.to_json(), allow_nan=False)) == report.to_json()


def test_progress_is_told_after_each_picture(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    evaluate(always(ROAD_ONLY, {7: ROAD}), drawn_set(tmp_path, []), lambda done, count: told.append((done, count)))
    assert told == [(1, 2), (2, 2)]


def test_a_prediction_of_another_size_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="must be"):
        evaluate(always(ROAD_ONLY[:1], {7: ROAD}), drawn_set(tmp_path, []))


def test_the_table_tells_both_rules_apart_where_they_differ(tmp_path: Path) -> None:
    report = evaluate(always(ROAD_AND_CAR, {7: ROAD, 1: CAR}), drawn_set(tmp_path, [CAR]), measures=THOROUGH)
    lines = report.table().splitlines()
    rows: dict[str, list[str]] = {}
    for line in filter(None, lines):
        title, _, values = line.partition("  ")
        rows.setdefault(title, values.split())
    assert lines[0].startswith("2 pictures")
    assert "100" in lines[1]
    assert rows["PQ"] == ["37.5", "0.0", "75.0", "37.5", "0.0", "75.0"]
    assert rows["pixel accuracy"] == ["75.0", "75.0"]
    assert rows["best query: PQ"] == ["75.0", "\u2013", "75.0"] * 2
    assert rows["road"] == ["75.0", "75.0", "100.0", "75.0", "75.0"]
    assert rows["person"] == ["\u2013"] * 5


def test_the_table_tells_one_rule_where_they_agree(tmp_path: Path) -> None:
    table = evaluate(always(ROAD_ONLY, {7: ROAD}), drawn_set(tmp_path, [])).table()
    assert "COCO" not in table
    assert table.splitlines()[4].split() == ["PQ", "100.0", "\u2013", "100.0"]


@pytest.mark.data
@pytest.mark.parametrize("name", ["street", "nuclei"])
def test_real_truth_scores_full_marks(name: str, data_root: Path) -> None:
    whole = read_panoptic_dataset(data_root / name, "val")
    dataset = PanopticDataset(whole.name, whole.split, whole.taxonomy, whole.pictures[::15])

    def truth(picture: DatasetPicture) -> Predicted:
        return Predicted(dataset.label_map(picture), picture.segments, dataset.class_map(picture))

    figures = evaluate(truth, dataset).to_json()
    for block in (figures, figures["exhaustive"]):
        assert [block[key] for key in ("pq", "sq", "rq", "miou", "pixel_accuracy")] == [1.0] * 5
