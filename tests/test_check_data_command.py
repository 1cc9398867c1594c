"""``launch.py check-data`` for real: the table, the JSON, the pictures and the exit code."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from app import cli
from app.check_pages import color_labels
from tests.annotated import CAR, ROAD, SKY, save_id_png, write_dataset
from tests.drawing import label_map
from tests.layouts import save_grey

DRAWN = label_map("1122", "1332")
CATEGORIES = {1: SKY, 2: CAR, 3: ROAD}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_dataset(tmp_path / "set", [(DRAWN, CATEGORIES)], split="train")


def check_data(*words: Path | str) -> int:
    return cli.main(["check-data", *map(str, words)])


def test_a_sound_set_is_no_error(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert check_data(folder) == 0
    printed = capsys.readouterr()
    assert "train: 1 pictures, COCO panoptic" in printed.out
    assert "a category has no segment" in printed.out
    assert "1/1" in printed.err, "a progress bar"


def test_errors_are_told_written_and_drawn(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    save_id_png(folder / "annotations/panoptic_train/0.png", label_map("1122", "1342"))
    report, pages = tmp_path / "report.json", tmp_path / "new" / "pages"
    assert check_data(folder, "--json", report, "--pages", pages) == 1
    assert "a PNG has ids that the JSON does not list" in capsys.readouterr().out
    written = json.loads(report.read_text(encoding="utf-8"))
    assert written["errors"] == 3, "the id, and the area and the box of the segment that it took a pixel from"
    assert {"kind": "id_not_in_json", "where": "0.png", "segment_ids": [4]}.items() <= written["findings"][0].items()
    (page,) = pages.iterdir()
    assert page.name == "01_0.png"
    assert Image.open(page).size == (1100, 650)


def test_what_cannot_be_shown_is_said_on_the_page(folder: Path, tmp_path: Path) -> None:
    (folder / "train/0.png").write_bytes(b"no picture")
    (folder / "annotations/panoptic_train/0.png").unlink()
    assert check_data(folder, "--pages", tmp_path / "pages") == 1
    assert len(list((tmp_path / "pages").iterdir())) == 1


def test_names_are_no_formulas(folder: Path, tmp_path: Path) -> None:
    name = "$\\frac{$ \u4e2d.png"
    path = folder / "annotations/panoptic_train.json"
    data = json.loads(path.read_text(encoding="utf-8"))
    data["images"][0]["file_name"] = name
    path.write_text(json.dumps(data), encoding="utf-8")
    save_grey(folder / "train" / name, (9, 9), 0)
    assert check_data(folder, "--pages", tmp_path / "pages") == 1
    assert len(list((tmp_path / "pages").iterdir())) == 1


def test_wrong_segments_are_lit_and_the_others_dim() -> None:
    plain, lit = color_labels(DRAWN, set()), color_labels(DRAWN, {3})
    assert lit[1, 1].tolist() == [255, 64, 160]
    assert (lit[0] <= plain[0] / 2).all()
    assert len(np.unique(plain.reshape(-1, 3), axis=0)) == 3


@pytest.mark.parametrize("words", [["nothing"], ["."], ["set", "--split", "test"]])
def test_what_is_no_data_set_is_one_sentence(
    words: list[str], folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(folder.parent)
    assert check_data(*words) == 2
    assert len(capsys.readouterr().err.strip().splitlines()[-1:]) == 1


def test_a_report_that_cannot_be_written_is_one_sentence(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("in the way")
    assert check_data(folder, "--json", tmp_path / "file" / "report.json") == 2
    said = capsys.readouterr()
    assert "could not be written" in said.err
    assert not said.out
    assert check_data(folder, "--json", tmp_path / "new" / "report.json") == 0
    assert (tmp_path / "new" / "report.json").is_file()
