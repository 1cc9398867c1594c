"""A whole evaluation on drawn data sets; the block ``exhaustive`` is worked out by hand."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from core.evaluation.report import Predicted, evaluate
from core.formats.panoptic_dataset import DatasetPicture, PanopticDataset, read_panoptic_dataset
from tests.annotated import CAR, PERSON, ROAD, SKY, TAXONOMY, segments, write_dataset
from tests.drawing import label_map

KEYS = ["pq", "sq", "rq", "pq_things", "sq_things", "rq_things", "pq_stuff", "sq_stuff", "rq_stuff"]
KEYS += ["miou", "pixel_accuracy", "per_class"]

ROAD_ONLY = label_map("77777777", "77777777")
ROAD_AND_CAR = label_map("77777711", "77777711")


def always(drawn: NDArray[np.int32], categories: dict[int, int]) -> Callable[[DatasetPicture], Predicted]:
    classes = np.full(drawn.shape, -1, dtype=np.int32)
    for segment_id, category_id in categories.items():
        classes[drawn == segment_id] = TAXONOMY.class_index(category_id)
    return lambda picture: (drawn, segments(drawn, categories), classes)


def drawn_set(folder: Path, exempt: list[int]) -> PanopticDataset:
    """Two pictures of nothing but road; the second one's source did not label ``exempt``."""
    pictures = [(ROAD_ONLY, {7: ROAD}), (ROAD_ONLY, {7: ROAD})]
    return read_panoptic_dataset(write_dataset(folder, pictures, not_exhaustive=[[], exempt]), "val")


def test_truth_scores_full_marks(tmp_path: Path) -> None:
    dataset = read_panoptic_dataset(write_dataset(tmp_path, [(ROAD_AND_CAR, {7: ROAD, 1: CAR})]), "val")
    figures = evaluate(always(ROAD_AND_CAR, {7: ROAD, 1: CAR}), dataset).to_json()
    assert list(figures) == [*KEYS, "exhaustive", "pictures"]
    assert list(figures["exhaustive"]) == KEYS
    assert [figures[key] for key in KEYS[:-1]] == [1.0] * 11
    assert {key: figures["exhaustive"][key] for key in KEYS} == {key: figures[key] for key in KEYS}
    assert figures["pictures"] == 1


def test_an_exempt_class_is_no_false_positive_where_its_source_did_not_label_it(tmp_path: Path) -> None:
    report = evaluate(always(ROAD_AND_CAR, {7: ROAD, 1: CAR}), drawn_set(tmp_path, [CAR]))
    figures = report.to_json()
    car, road = TAXONOMY.class_index(CAR), TAXONOMY.class_index(ROAD)
    assert [figures["per_class"][car][key] for key in ("tp", "fp", "fn", "pq", "iou")] == [0, 2, 0, 0.0, 0.0]
    exhaustive = figures["exhaustive"]
    assert [exhaustive["per_class"][car][key] for key in ("tp", "fp", "fn", "pq", "iou")] == [0, 1, 0, 0.0, 0.0]
    assert exhaustive["per_class"][road]["pq"] == exhaustive["per_class"][road]["iou"] == 12 / 16
    assert exhaustive["pixel_accuracy"] == 24 / 32


def test_true_pixels_of_an_exempt_class_are_left_out(tmp_path: Path) -> None:
    folder = write_dataset(tmp_path, [(ROAD_AND_CAR, {7: ROAD, 1: CAR})], not_exhaustive=[[CAR]])
    report = evaluate(always(ROAD_ONLY, {7: ROAD}), read_panoptic_dataset(folder, "val"))
    figures = report.to_json()
    assert (figures["pixel_accuracy"], figures["miou"], figures["pq"]) == (12 / 16, 12 / 32, 12 / 32)
    exhaustive = figures["exhaustive"]
    assert (exhaustive["pixel_accuracy"], exhaustive["miou"], exhaustive["pq"]) == (1.0, 1.0, 1.0)
    assert exhaustive["pq_things"] is None


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


def test_the_table_shows_percent_and_dashes(tmp_path: Path) -> None:
    report = evaluate(always(ROAD_AND_CAR, {7: ROAD, 1: CAR}), drawn_set(tmp_path, [CAR]))
    lines = report.table().splitlines()
    rows = {line.split()[0]: line.split()[1:] for line in lines[4:]}
    assert lines[0].startswith("2 pictures")
    assert rows["road"] == ["75.0", "75.0", "100.0", "75.0"] * 2
    assert rows["person"] == ["\u2013"] * 8
    assert rows["all"][:4] == ["37.5", "37.5", "50.0", "37.5"]
    assert rows["pixel"] == ["accuracy", "75.0", "75.0"]
    assert len({len(line) for line in lines if line.split()[0] in ("all", "car", "person", "road")}) == 1


@pytest.mark.data
@pytest.mark.parametrize("name", ["street", "nuclei"])
def test_real_truth_scores_full_marks(name: str, data_root: Path) -> None:
    whole = read_panoptic_dataset(data_root / name, "val")
    dataset = PanopticDataset(whole.name, whole.split, whole.taxonomy, whole.pictures[::15])

    def truth(picture: DatasetPicture) -> Predicted:
        return dataset.label_map(picture), picture.segments, dataset.class_map(picture)

    figures = evaluate(truth, dataset).to_json()
    for block in (figures, figures["exhaustive"]):
        assert [block[key] for key in ("pq", "sq", "rq", "miou", "pixel_accuracy")] == [1.0] * 5
