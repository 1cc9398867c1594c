"""COCO instances folders: masks that overlap become a label map by a rule."""

import json
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from core.formats.instances_dataset import read_instances_dataset
from core.messages import StudioError
from tests.drawing import picture
from tests.layouts import DOG_ID, PERSON_ID, instance_row, write_instances

LARGE = picture("#####", "#####", ".....")
SMALL = picture(".....", ".##..", ".##..")
OTHER = picture("....#", "....#", "....#")
JSON_NAME = "annotations/instances_val2017.json"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    rows = [instance_row(SMALL, DOG_ID), instance_row(LARGE, PERSON_ID), instance_row(OTHER, PERSON_ID)]
    return write_instances(tmp_path / "coco", [((3, 5), rows), ((2, 2), [])])


def rewrite(folder: Path, change: Callable[[dict[str, Any]], object]) -> None:
    path = folder / JSON_NAME
    data = json.loads(path.read_text(encoding="utf-8"))
    change(data)
    path.write_text(json.dumps(data), encoding="utf-8")


def test_the_smaller_lies_on_top(folder: Path) -> None:
    dataset = read_instances_dataset(folder, "val2017")
    first, second = dataset.pictures
    assert dataset.label_map(first).tolist() == [[2, 2, 2, 2, 3], [2, 1, 1, 2, 3], [0, 1, 1, 0, 3]]
    assert [(s.segment_id, s.category_id, s.area) for s in first.segments] == [
        (1, DOG_ID, 4),
        (2, PERSON_ID, 6),
        (3, PERSON_ID, 3),
    ]
    assert dataset.label_map(second).tolist() == [[0, 0], [0, 0]]
    assert second.segments == ()
    assert first.void_is_background
    assert all(category.is_thing for category in dataset.taxonomy.categories)
    assert len({category.color for category in dataset.taxonomy.categories}) == 2


def test_what_is_hidden_is_left_out(tmp_path: Path) -> None:
    rows = [instance_row(SMALL, DOG_ID), instance_row(SMALL, PERSON_ID), instance_row(picture("..", ".."), DOG_ID)]
    rows[2]["segmentation"] = {"size": [3, 5], "counts": [15]}
    dataset = read_instances_dataset(write_instances(tmp_path, [((3, 5), rows)]), "val2017")
    (seen,) = dataset.pictures[0].segments
    assert (seen.segment_id, seen.category_id) == (2, PERSON_ID), "of two alike the later is seen; the empty one is not"


def test_crowds_and_bare_boxes_lie_below(tmp_path: Path) -> None:
    crowd = instance_row(OTHER, PERSON_ID, iscrowd=1)
    box = {"category_id": DOG_ID, "bbox": [0, 1, 2, 2]}
    dataset = read_instances_dataset(
        write_instances(tmp_path, [((3, 5), [box, crowd, instance_row(LARGE, PERSON_ID)])]), "val2017"
    )
    (only,) = dataset.pictures
    assert dataset.label_map(only).tolist() == [[3, 3, 3, 3, 3], [3, 3, 3, 3, 3], [1, 1, 0, 0, 2]]
    assert only.crowd_ids == {1, 2}


def test_pictures_go_to_loader_workers(folder: Path) -> None:
    dataset = pickle.loads(pickle.dumps(read_instances_dataset(folder, "val2017")))
    assert dataset.label_map(dataset.pictures[0]).max() == 3


BROKEN: dict[str, tuple[Callable[[dict[str, Any]], object], str]] = {
    "no images": (lambda d: d.pop("images"), "lacks images"),
    "unknown picture": (lambda d: d["annotations"][0].update(image_id=7), "lacks 7"),
    "category": (lambda d: d["annotations"][0].update(category_id=99), "no category 99"),
    "path": (lambda d: d["images"][0].update(file_name="C:\\secrets.png"), "outside its own folder"),
    "missing": (lambda d: d["images"][0].update(file_name="\x00"), "has no"),
    "size": (lambda d: d["images"][0].update(width=10**9), "1000000000 x 3"),
    "infinite": (lambda d: d["images"][0].update(width=float("inf")), "not a COCO instances"),
    "rows": (lambda d: d.update(annotations=["row"]), "not a COCO instances"),
}


@pytest.mark.parametrize("what", BROKEN)
def test_broken_annotations_are_one_sentence(what: str, folder: Path) -> None:
    change, sentence = BROKEN[what]
    rewrite(folder, change)
    with pytest.raises(StudioError, match=sentence):
        read_instances_dataset(folder, "val2017")


def test_a_broken_mask_names_its_annotation(folder: Path) -> None:
    rewrite(folder, lambda d: d["annotations"][1].update(segmentation=[[1, 2]]))
    dataset = read_instances_dataset(folder, "val2017")
    with pytest.raises(StudioError, match="broken annotation 900100000001"):
        dataset.label_map(dataset.pictures[0])


def test_deep_json_is_one_sentence(folder: Path) -> None:
    (folder / JSON_NAME).write_text("[" * 100_000, encoding="utf-8")
    with pytest.raises(StudioError, match="not a COCO instances"):
        read_instances_dataset(folder, "val2017")
