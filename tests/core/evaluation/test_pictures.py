"""Every picture's row, the best and the worst, and the CSV sheets."""

import csv
from io import StringIO
from pathlib import Path

import numpy as np
import pytest

from core.evaluation.comparison import Predicted
from core.evaluation.pictures import PictureRow, worst_and_best
from core.evaluation.report import THOROUGH, Report, evaluate
from core.evaluation.sheets import sheets
from core.formats.panoptic_dataset import read_panoptic_dataset
from tests.annotated import CAR, ROAD, TAXONOMY, segments, write_dataset
from tests.drawing import label_map


def row(name: str, pq: float | None, pixel_accuracy: float | None = 1.0) -> PictureRow:
    return PictureRow(1, name, pq, pq, pq, 1, 0, 0, pq, pixel_accuracy)


def names(rows: tuple[PictureRow, ...]) -> str:
    return "".join(row.file_name for row in rows)


@pytest.mark.parametrize(
    ("count", "worst", "best"), [(1, "a", "e"), (2, "ab", "ed"), (3, "abc", "ed"), (9, "abc", "ed"), (0, "", "")]
)
def test_no_picture_is_both_good_and_bad(count: int, worst: str, best: str) -> None:
    rows = [row("d", 0.8), row("a", 0.1), row("c", 0.5), row("e", 0.9), row("b", 0.2), row("-", None)]
    assert tuple(map(names, worst_and_best(rows, count))) == (worst, best)


def test_equal_quality_stands_by_pixel_accuracy() -> None:
    rows = [row("b", 0.0, 0.9), row("a", 0.0, 0.1), row("c", 0.0, 0.95), row("z", 0.0, None)]
    assert tuple(map(names, worst_and_best(rows, 2))) == ("za", "cb")


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Report:
    """Two pictures of a road with a car; in the first the car is taken for road, in the second for void."""
    drawn = label_map("77777711", "77777711")
    folder = write_dataset(tmp_path_factory.mktemp("data"), [(drawn, {7: ROAD, 1: CAR})] * 2)
    dataset = read_panoptic_dataset(folder, "val")
    road, void = np.full_like(drawn, 7), np.where(drawn == 7, 7, 0)
    class_maps = {"0.png": np.full_like(drawn, TAXONOMY.class_index(ROAD)), "1.png": np.where(drawn == 7, 1, -1)}
    maps = {"0.png": road, "1.png": void}

    def predict(picture):
        name = picture.file_name
        return Predicted(maps[name], segments(maps[name], {7: ROAD}), class_maps[name])

    return evaluate(predict, dataset, measures=THOROUGH)


def test_every_picture_has_its_own_figures(report: Report) -> None:
    first, second = report.pictures
    assert (first.file_name, first.pq, first.tp, first.fp, first.fn) == ("0.png", 12 / 16 / 2, 1, 0, 1)
    assert (second.file_name, second.pq, second.pixel_accuracy) == ("1.png", 0.5, 12 / 16)


def test_sheets_say_what_the_report_says(report: Report) -> None:
    read = {name: list(csv.DictReader(StringIO(content))) for name, content in sheets(report).items()}
    assert [(r["file_name"], float(r["pq"])) for r in read["pictures.csv"]] == [("0.png", 0.375), ("1.png", 0.5)]
    road = next(r for r in read["classes.csv"] if (r["rule"], r["name"]) == ("coco", "road"))
    assert float(road["pq"]) == report.to_json()["per_class"][TAXONOMY.class_index(ROAD)]["pq"]
    assert (road["pq_large"], road["ap"], road["oracle_pq"]) == ("", "", "")
    car = next(r for r in read["confusion.csv"] if r["true"] == "car")
    assert car == {"true": "car", "(void)": "4", "car": "0", "road": "4", "person": "0", "sky": "0"}


def test_a_report_without_pictures_still_has_sheets(tmp_path: Path) -> None:
    dataset = read_panoptic_dataset(write_dataset(tmp_path, []), "val")
    empty = evaluate(lambda picture: pytest.fail("there is none"), dataset, measures=THOROUGH)
    assert sheets(empty)["pictures.csv"] == "\n"
    assert empty.table().startswith("0 pictures")
