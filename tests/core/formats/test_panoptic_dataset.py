"""Reading COCO panoptic folders, whole and broken."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.formats.panoptic_dataset import VOID_CLASS, read_panoptic_dataset
from core.messages import StudioError
from tests.annotated import CAR, ROAD, SKY, TAXONOMY, save_id_png, write_dataset
from tests.drawing import label_map

DRAWN = label_map("11.22", "13322")
CATEGORIES = {1: SKY, 2: CAR, 3: ROAD}
JSON_NAME = "annotations/panoptic_val.json"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    other = label_map("4")
    return write_dataset(
        tmp_path / "set", [(DRAWN, CATEGORIES), (other, {4: CAR})], crowd_ids=[2], not_exhaustive=[[ROAD, SKY]]
    )


def rewrite(folder: Path, change: Callable[[dict[str, Any]], object]) -> None:
    path = folder / JSON_NAME
    data = json.loads(path.read_text(encoding="utf-8"))
    change(data)
    path.write_text(json.dumps(data), encoding="utf-8")


def test_everything_is_read(folder: Path) -> None:
    dataset = read_panoptic_dataset(folder, "val")
    first, second = dataset.pictures
    assert (dataset.name, dataset.split, len(dataset)) == ("set", "val", 2)
    assert dataset.taxonomy.categories == TAXONOMY.categories
    assert (first.image_id, first.file_name, first.size_hw) == (1, "0.png", (2, 5))
    assert [(s.segment_id, s.category_id, s.area) for s in first.segments] == [(1, SKY, 3), (2, CAR, 4), (3, ROAD, 2)]
    assert (first.crowd_ids, second.crowd_ids) == ({2}, frozenset())
    assert (first.not_exhaustive_category_ids, second.not_exhaustive_category_ids) == ({ROAD, SKY}, frozenset())
    assert dataset.label_map(first).tolist() == DRAWN.tolist()
    assert dataset.image(first).shape == (2, 5, 3)


def test_class_map_holds_indices_and_void(folder: Path) -> None:
    dataset = read_panoptic_dataset(folder, "val")
    car, road, sky = (TAXONOMY.class_index(i) for i in (CAR, ROAD, SKY))
    expected = [[sky, sky, VOID_CLASS, car, car], [sky, road, road, car, car]]
    assert dataset.class_map(dataset.pictures[0]).tolist() == expected


BROKEN: dict[str, tuple[Callable[[dict[str, Any]], object], str]] = {
    "no images": (lambda d: d.pop("images"), "lacks 'images'|lacks images"),
    "no annotation": (lambda d: d["annotations"].pop(), "lacks 2"),
    "category": (lambda d: d["annotations"][0]["segments_info"][0].update(category_id=99), "no category 99"),
    "twice": (lambda d: d["categories"].append(d["categories"][0]), "stands twice"),
    "parent": (lambda d: d["images"][0].update(file_name="../val/0.png"), "outside its own folder"),
    "absolute": (lambda d: d["images"][0].update(file_name="/etc/hosts"), "outside its own folder"),
    "windows": (lambda d: d["annotations"][0].update(file_name="..\\0.png"), "outside its own folder"),
    "missing": (lambda d: d["images"][0].update(file_name="9.png"), "has no .*9.png"),
    "list": (lambda d: d.update(images=5), "not a COCO panoptic"),
    "number": (lambda d: d["images"][0].update(height="tall"), "not a COCO panoptic"),
}


@pytest.mark.parametrize("what", BROKEN)
def test_broken_annotations_are_one_sentence(what: str, folder: Path) -> None:
    change, sentence = BROKEN[what]
    rewrite(folder, change)
    with pytest.raises(StudioError, match=sentence):
        read_panoptic_dataset(folder, "val")


@pytest.mark.parametrize("content", ["", "{", "[]", "\x00"])
def test_foreign_json_is_one_sentence(content: str, folder: Path) -> None:
    (folder / JSON_NAME).write_text(content, encoding="utf-8")
    with pytest.raises(StudioError, match="not a COCO panoptic annotation file"):
        read_panoptic_dataset(folder, "val")


def test_a_missing_split_names_the_file(folder: Path) -> None:
    with pytest.raises(StudioError, match=r"has no .*panoptic_test\.json"):
        read_panoptic_dataset(folder, "test")


@pytest.mark.parametrize(
    ("drawn", "sentence"),
    [
        (label_map("11", "13"), "should be 5 x 2 pixels.*but is 2 x 2"),
        (label_map("11.22", "11122"), "disagree about the segment ids 3"),
        (label_map("11.22", "13327"), "disagree about the segment ids 7"),
    ],
)
def test_id_maps_must_fit_the_annotations(drawn: np.ndarray, sentence: str, folder: Path) -> None:
    dataset = read_panoptic_dataset(folder, "val")
    save_id_png(dataset.pictures[0].label_path, drawn)
    with pytest.raises(StudioError, match=sentence):
        dataset.label_map(dataset.pictures[0])


def test_a_damaged_id_map_is_one_sentence(folder: Path) -> None:
    dataset = read_panoptic_dataset(folder, "val")
    path = dataset.pictures[0].label_path
    path.write_bytes(path.read_bytes()[:50])
    with pytest.raises(StudioError, match="not a readable RGB PNG"):
        dataset.label_map(dataset.pictures[0])


def test_a_picture_of_another_size_is_refused(folder: Path) -> None:
    rewrite(folder, lambda d: d["images"][0].update(width=6))
    dataset = read_panoptic_dataset(folder, "val")
    with pytest.raises(StudioError, match=r"0\.png should be 6 x 2 pixels"):
        dataset.image(dataset.pictures[0])


@pytest.mark.data
@pytest.mark.parametrize(("name", "pictures", "segments"), [("street", 224, 2843), ("nuclei", 83, 3193)])
def test_the_real_sets_agree_with_themselves(name: str, pictures: int, segments: int, data_root: Path) -> None:
    dataset = read_panoptic_dataset(data_root / name, "val")
    assert len(dataset) == pictures
    assert sum(len(picture.segments) for picture in dataset.pictures) == segments
    for picture in dataset.pictures[::10]:
        found = dataset.label_map(picture)
        assert all((found == s.segment_id).sum() == s.area for s in picture.segments)
        assert dataset.image(picture).shape[:2] == found.shape
