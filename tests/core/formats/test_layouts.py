"""One call for every layout."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from core.formats.coco import AnnotatedPicture
from core.formats.layouts import found_splits, open_dataset
from core.messages import StudioError
from tests.annotated import CAR, ROAD, TAXONOMY, save_id_png, segments, write_coco, write_dataset
from tests.drawing import label_map, picture
from tests.layouts import PERSON_ID, instance_row, save_grey, write_cityscapes, write_instances, write_semantic

DRAWN = label_map("112", "112")
DOT = picture("#.", "..")


def studio_export(folder: Path) -> Path:
    annotated = AnnotatedPicture("a.png", DRAWN, segments(DRAWN, {1: ROAD, 2: CAR}))
    write_coco(folder, [annotated], TAXONOMY)
    (folder / "images").mkdir()
    save_grey(folder / "images" / "a.png", (2, 3), 0)
    return folder


WRITERS = {
    "coco_panoptic": lambda folder: write_dataset(folder, [(DRAWN, {1: ROAD, 2: CAR})], split="train2017"),
    "export": studio_export,
    "coco_instances": lambda folder: write_instances(
        folder, [((2, 2), [instance_row(DOT, PERSON_ID)])], split="train2017"
    ),
    "semantic": lambda folder: write_semantic(folder, {"a": np.array([[1, 2]])}),
    "cityscapes": lambda folder: write_cityscapes(folder, {"ulm_0_0": np.array([[7, 26000]])}),
}


@pytest.mark.parametrize("kind", WRITERS)
def test_every_layout_is_recognised(kind: str, tmp_path: Path) -> None:
    folder = WRITERS[kind](tmp_path / "set")
    dataset = open_dataset(folder, "train")
    assert [layout.kind for layout, _ in found_splits(folder)] == [kind]
    assert (dataset.name, len(dataset)) == ("set", 1)
    (only,) = dataset.pictures
    found = dataset.label_map(only)
    assert {s.segment_id: s.area for s in only.segments} == {i: int((found == i).sum()) for i in np.unique(found) if i}
    assert dataset.image(only).shape[:2] == found.shape
    for segment in only.segments:
        dataset.taxonomy.category(segment.category_id)


def test_pictures_beside_their_annotations(tmp_path: Path) -> None:
    folder = write_instances(tmp_path, [((2, 2), [instance_row(DOT, PERSON_ID)])], split="valid")
    shutil.move(folder / "annotations" / "instances_valid.json", folder / "valid" / "_annotations.coco.json")
    assert len(open_dataset(folder, "val")) == 1


def test_panoptic_is_richer_than_instances(tmp_path: Path) -> None:
    write_instances(tmp_path, [((2, 2), [])], split="val")
    write_dataset(tmp_path, [(DRAWN, {1: ROAD, 2: CAR})], split="val")
    assert open_dataset(tmp_path, "val").taxonomy.categories == TAXONOMY.categories


@pytest.mark.parametrize("names", [(), ("photos/a.jpg",), ("images/train/a.jpg", "annotations/val/a.png")])
def test_a_foreign_folder_is_told_what_is_read(names: tuple[str, ...], tmp_path: Path) -> None:
    for name in names:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    with pytest.raises(StudioError, match="is no data set that is read: COCO panoptic has") as told:
        open_dataset(tmp_path, "train")
    assert "\n" not in str(told.value)


def test_a_missing_folder_and_a_missing_split(tmp_path: Path) -> None:
    with pytest.raises(StudioError, match="There is no folder"):
        open_dataset(tmp_path / "nothing", "train")
    folder = write_dataset(tmp_path / "set", [(DRAWN, {1: ROAD, 2: CAR})])
    with pytest.raises(StudioError, match="has no split train; it has val"):
        open_dataset(folder, "train")


def test_a_map_that_disagrees_is_refused_through_the_same_call(tmp_path: Path) -> None:
    folder = write_dataset(tmp_path / "set", [(DRAWN, {1: ROAD, 2: CAR})])
    save_id_png(folder / "annotations/panoptic_val/0.png", label_map("113", "113"))
    dataset = open_dataset(folder, "val")
    with pytest.raises(StudioError, match="disagree about the segment ids 2, 3"):
        dataset.label_map(dataset.pictures[0])
