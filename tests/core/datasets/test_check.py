"""Every kind of fault, put into a sound data set one at a time: that one is found, and no other."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from core.datasets.check import check_dataset
from core.datasets.findings import SEVERITIES, Finding, Severity
from core.datasets.table import render_check
from core.messages import StudioError, catalogue
from tests.annotated import CAR, PERSON, ROAD, SKY, save_id_png, write_dataset
from tests.drawing import label_map, picture
from tests.layouts import (
    DOG_ID,
    PERSON_ID,
    instance_row,
    save_grey,
    save_values,
    write_cityscapes,
    write_instances,
    write_semantic,
)

DRAWN = label_map("1122", "1332")
CATEGORIES = {1: SKY, 2: CAR, 3: ROAD}
JSON_NAME = "annotations/panoptic_val.json"
INSTANCES_JSON = "annotations/instances_val2017.json"
MASK = picture("##..", "##..")
VALUES = np.array([[1, 1, 2], [0, 2, 3]])

FEW = {"empty_category", "rare_category"}  # in any set as small as these


def found_in(folder: Path) -> list[Finding]:
    return [finding for finding in check_dataset(folder).findings if finding.kind not in FEW]


def kinds_in(folder: Path) -> set[str]:
    return {finding.kind for finding in found_in(folder)}


def change_json(folder: Path, name: str, change: Callable[[dict[str, Any]], object]) -> None:
    data = json.loads((folder / name).read_text(encoding="utf-8"))
    change(data)
    (folder / name).write_text(json.dumps(data), encoding="utf-8")


def segments_info(data: dict[str, Any]) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = data["annotations"][0]["segments_info"]
    return rows


@pytest.fixture
def panoptic(tmp_path: Path) -> Path:
    folder = write_dataset(tmp_path / "set", [(DRAWN, CATEGORIES), (label_map("45", "55"), {4: CAR, 5: SKY})])
    save_grey(folder / "val" / "1.png", (2, 2), brightness=7)
    return folder


@pytest.fixture
def instances(tmp_path: Path) -> Path:
    rows = [instance_row(MASK, PERSON_ID), instance_row(~MASK, DOG_ID)]
    return write_instances(tmp_path / "coco", [((2, 4), rows), ((2, 4), [])])


JSON_FAULTS: dict[str, tuple[str, Callable[[dict[str, Any]], object]]] = {
    "image without width": ("bad_row", lambda d: d["images"][0].pop("width")),
    "image that is a number": ("bad_row", lambda d: d["images"].append(5)),
    "impossible size": ("bad_row", lambda d: d["images"][0].update(width=60_000, height=60_000)),
    "no list": ("bad_row", lambda d: d.update(categories={})),
    "segment without area": ("bad_row", lambda d: segments_info(d)[0].pop("area")),
    "category twice": ("duplicate_category", lambda d: d["categories"].append(d["categories"][0])),
    "image twice": ("duplicate_image_id", lambda d: d["images"].append(d["images"][0])),
    "annotation twice": ("duplicate_image_id", lambda d: d["annotations"].append(d["annotations"][0])),
    "file twice": ("duplicate_file", lambda d: d["images"].append(d["images"][0] | {"id": 9})),
    "annotation of nothing": (
        "unknown_picture",
        lambda d: d["annotations"].append(d["annotations"][0] | {"image_id": 9}),
    ),
    "no annotation": ("no_annotation", lambda d: d["annotations"].pop(0)),
    "path": ("bad_path", lambda d: d["images"][0].update(file_name="../val/0.png")),
    "missing": ("missing_picture", lambda d: d["images"][0].update(file_name="9.png")),
    "null character": ("missing_picture", lambda d: d["images"][0].update(file_name="\x00")),
    "missing map": ("missing_labels", lambda d: d["annotations"][0].update(file_name="9.png")),
    "category": ("unknown_category", lambda d: segments_info(d)[0].update(category_id=99)),
    "id": ("id_not_in_json", lambda d: segments_info(d).pop()),
    "other id": ("id_not_in_png", lambda d: segments_info(d).append(segments_info(d)[0] | {"id": 8})),
    "empty": ("empty_segment", lambda d: segments_info(d).append(segments_info(d)[0] | {"id": 8, "area": 0})),
    "id twice": ("duplicate_id", lambda d: segments_info(d).append(segments_info(d)[0])),
    "area": ("wrong_area", lambda d: segments_info(d)[0].update(area=2)),
    "box": ("wrong_box", lambda d: segments_info(d)[0].update(bbox=[0, 0, 2, 3])),
    "no box": ("wrong_box", lambda d: segments_info(d)[0].update(bbox="left")),
    "stuff": ("divided_stuff", lambda d: segments_info(d)[0].update(category_id=ROAD)),
}


@pytest.mark.parametrize("what", JSON_FAULTS)
def test_a_fault_in_the_json(what: str, panoptic: Path) -> None:
    kind, change = JSON_FAULTS[what]
    change_json(panoptic, JSON_NAME, change)
    consequences = {
        "image without width": {"unknown_picture"},
        "impossible size": {"unknown_picture"},
        "no list": {"unknown_category"},
        "missing": {"unused_file"},
        "null character": {"unused_file"},
        "missing map": {"unused_file"},
        "segment without area": {"id_not_in_json"},
        "no annotation": {"unused_file"},
        "path": {"unused_file"},
    }
    assert kinds_in(panoptic) - consequences.get(what, set()) - {"unused_file"} == {kind}


FILE_FAULTS: dict[str, tuple[str, Callable[[Path], object]]] = {
    "no json": ("unreadable_json", lambda f: (f / JSON_NAME).write_text("{")),
    "picture lost": ("missing_picture", lambda f: (f / "val/0.png").unlink()),
    "map lost": ("missing_labels", lambda f: (f / "annotations/panoptic_val/0.png").unlink()),
    "picture cut off": (
        "unreadable_picture",
        lambda f: (f / "val/0.png").write_bytes((f / "val/0.png").read_bytes()[:40]),
    ),
    "map is text": ("unreadable_labels", lambda f: (f / "annotations/panoptic_val/0.png").write_text("1 1 2 2")),
    "map is grey": ("unreadable_labels", lambda f: save_values(f / "annotations/panoptic_val/0.png", DRAWN)),
    "another picture": ("picture_size", lambda f: save_grey(f / "val/0.png", (3, 4), 9)),
    "another map": ("labels_size", lambda f: save_id_png(f / "annotations/panoptic_val/0.png", DRAWN.repeat(2, 0))),
    "white": (
        "ignore_id",
        lambda f: save_id_png(f / "annotations/panoptic_val/0.png", np.where(DRAWN == 3, 0xFFFFFF, DRAWN)),
    ),
    "copy": ("same_picture", lambda f: shutil.copy(f / "val/1.png", f / "val/0.png")),
    "unused": ("unused_file", lambda f: save_grey(f / "val/9.png", (3, 4), 9)),
    "unused map": ("unused_file", lambda f: save_id_png(f / "annotations/panoptic_val/9.png", DRAWN)),
    "void": ("mostly_void", lambda f: save_id_png(f / "annotations/panoptic_val/0.png", DRAWN * 0)),
}


@pytest.mark.parametrize("what", FILE_FAULTS)
def test_a_fault_in_the_files(what: str, panoptic: Path) -> None:
    kind, change = FILE_FAULTS[what]
    change(panoptic)
    consequences = {
        "no json": {"no_pictures", "unused_file"},
        "another map": {"wrong_area", "wrong_box"},
        "white": {"id_not_in_png"},
        "copy": {"picture_size"},
        "void": {"id_not_in_png"},
    }
    assert kinds_in(panoptic) - consequences.get(what, set()) == {kind}


INSTANCE_FAULTS: dict[str, tuple[set[str], Callable[[list[dict[str, Any]]], object]]] = {
    "mask": ({"bad_mask"}, lambda rows: rows[0].update(segmentation=[[1, 2]])),
    "no mask": ({"box_only", "overlap"}, lambda rows: rows[0].update(segmentation=[], bbox=[0, 0, 3, 2])),
    "no mask and no box": ({"bad_mask"}, lambda rows: (rows[0].pop("segmentation"), rows[0].pop("bbox"))),
    "empty": ({"empty_segment"}, lambda rows: rows[0].update(segmentation={"size": [2, 4], "counts": [8]})),
    "category": ({"unknown_category"}, lambda rows: rows[0].update(category_id=99)),
    "picture": ({"unknown_picture"}, lambda rows: rows[0].update(image_id=99)),
    "id twice": ({"duplicate_id"}, lambda rows: rows[0].update(id=rows[1]["id"])),
    "no id": ({"bad_row"}, lambda rows: rows[0].pop("id")),
    "hidden twin": (
        {"same_object", "hidden_segment", "overlap"},
        lambda rows: rows.append(rows[0] | {"id": 5}),
    ),
    "area": ({"far_area"}, lambda rows: rows[0].update(area=400)),
    "box": ({"far_box"}, lambda rows: rows[0].update(bbox=[0, 0, 9, 9])),
    "no box": ({"far_box"}, lambda rows: rows[0].update(bbox=None)),
    "no area": (set(), lambda rows: rows[0].pop("area")),
    "rounded measures": (set(), lambda rows: rows[0].update(area=3.41, bbox=[0.2, 0.1, 1.7, 1.8])),
}


@pytest.mark.parametrize("what", INSTANCE_FAULTS)
def test_a_fault_in_instances(what: str, instances: Path) -> None:
    kinds, change = INSTANCE_FAULTS[what]
    change_json(instances, INSTANCES_JSON, lambda d: change(d["annotations"]))
    assert kinds_in(instances) == kinds


def test_an_overlap_tells_how_much_is_covered(tmp_path: Path) -> None:
    rows = [instance_row(picture("####", "####"), PERSON_ID), instance_row(MASK, DOG_ID)]
    (finding,) = found_in(write_instances(tmp_path, [((2, 4), rows)]))
    assert (finding.kind, finding.detail, finding.severity) == ("overlap", "50.0%", Severity.WARNING)


SEMANTIC_FAULTS: dict[str, tuple[str, np.ndarray]] = {
    "unknown": ("unknown_value", np.array([[1, 1, 151], [0, 2, 3]])),
    "reduced before": ("shifted_values", np.array([[0, 1, 2], [255, 2, 3]])),
    "ignored": ("ignore_value", np.array([[1, 1, 2], [255, 2, 3]])),
    "void": ("mostly_void", np.zeros((2, 3), dtype=int)),
    "size": ("picture_size", np.ones((3, 3), dtype=int)),
}


@pytest.mark.parametrize("what", SEMANTIC_FAULTS)
def test_a_fault_in_semantic_labels(what: str, tmp_path: Path) -> None:
    kind, values = SEMANTIC_FAULTS[what]
    folder = write_semantic(tmp_path, {"a": VALUES, "b": VALUES})
    save_values(folder / "annotations/training/a.png", values)
    assert kinds_in(folder) == {kind}


def test_pairs_and_categories_of_semantic_folders(tmp_path: Path) -> None:
    folder = write_semantic(tmp_path, {"a": VALUES, "b": VALUES}, categories=[{"id": 0, "name": "ground"}, "tree"])
    (folder / "images/training/a.jpg").unlink()
    (folder / "annotations/training/b.png").unlink()
    assert kinds_in(folder) == {"missing_picture", "missing_labels", "unreadable_json", "no_pictures"}


def test_cityscapes_values(tmp_path: Path) -> None:
    sound = np.array([[7, 26000, 26001], [4, 24, 11]])
    folder = write_cityscapes(tmp_path, {"ulm_0_0": sound, "ulm_1_0": sound})
    assert kinds_in(folder) == set()
    counts = check_dataset(folder).splits[0].counts
    assert (counts[26].pictures, counts[26].segments, counts[26].pixels) == (2, 4, 4)
    save_values(folder / "gtFine/train/ulm/ulm_0_0_gtFine_instanceIds.png", sound + 40_000)
    assert kinds_in(folder) == {"unknown_value", "mostly_void"}


def test_splits_are_compared(panoptic: Path) -> None:
    write_dataset(panoptic, [(DRAWN, CATEGORIES)], split="train")
    change_json(panoptic, JSON_NAME, lambda d: d["categories"].pop(2))
    kinds = {(finding.kind, finding.where, finding.detail) for finding in found_in(panoptic)}
    assert kinds == {("in_two_splits", "0.png", "train/0.png"), ("other_categories", "val", "person")}
    assert [part.split for part in check_dataset(panoptic, "train").splits] == ["train"]
    with pytest.raises(StudioError, match="has no split test"):
        check_dataset(panoptic, "test")


def test_categories_that_hardly_occur(panoptic: Path) -> None:
    findings = {finding.where: (finding.kind, finding.detail) for finding in check_dataset(panoptic).findings}
    assert findings == {
        "car": ("rare_category", "2"),
        "sky": ("rare_category", "2"),
        "road": ("rare_category", "1"),
        "person": ("empty_category", ""),
    }
    assert PERSON not in check_dataset(panoptic).splits[0].counts


def test_counts_and_progress(panoptic: Path) -> None:
    told: list[tuple[int, int]] = []
    report = check_dataset(panoptic, progress=lambda done, total: told.append((done, total)))
    assert told == [(1, 2), (2, 2)]
    car = next(row for row in report.to_json()["splits"][0]["categories"] if row["id"] == CAR)
    assert car == {"id": CAR, "name": "car", "isthing": 1, "pictures": 2, "segments": 2, "pixels": 4}


def test_the_worst_pictures_come_first(panoptic: Path) -> None:
    change_json(panoptic, JSON_NAME, lambda d: segments_info(d)[0].update(area=2, bbox=[0, 0, 1, 1]))
    save_grey(panoptic / "val/1.png", (9, 9), 5)
    report = check_dataset(panoptic)
    assert [suspect.claim.name for suspect in report.worst(9)] == ["0.png", "1.png"]
    assert {f.kind for f in report.worst(1)[0].findings} == {"wrong_area", "wrong_box"}
    assert {i for f in report.worst(1)[0].findings for i in f.segment_ids} == {1}


def test_the_table_tells_all(panoptic: Path) -> None:
    save_grey(panoptic / "val/1.png", (9, 9), 5)
    table = render_check(check_dataset(panoptic))
    assert "a picture is not of the size that is stated" in table
    assert "val/1.png: 9 x 9, not 2 x 2" in table
    assert table.splitlines()[-1] == "Errors: 1. Warnings: 4."


def test_every_kind_has_a_title() -> None:
    assert {key for key in SEVERITIES if f"check.{key}" not in catalogue()} == set()


def test_a_palette_is_no_id_map(panoptic: Path) -> None:
    Image.new("P", (4, 2)).save(panoptic / "annotations/panoptic_val/0.png")
    assert kinds_in(panoptic) == {"unreadable_labels"}
