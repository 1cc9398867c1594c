"""Cityscapes folders."""

from pathlib import Path

import numpy as np
import pytest

from core.formats.cityscapes_dataset import read_cityscapes_dataset
from core.messages import StudioError
from tests.layouts import write_cityscapes

ROAD, CAR, PERSON, POLEGROUP, STATIC = 7, 26, 24, 18, 4
VALUES = np.array([[ROAD, ROAD, 26000, 26001], [PERSON, STATIC, POLEGROUP, 24000]])


def test_things_are_told_apart_and_groups_are_crowds(tmp_path: Path) -> None:
    dataset = read_cityscapes_dataset(write_cityscapes(tmp_path, {"ulm_000000_000019": VALUES}), "train")
    (only,) = dataset.pictures
    assert only.image_path.parent.name == "ulm"
    assert [(s.segment_id, s.category_id, s.area) for s in only.segments] == [
        (ROAD, ROAD, 2),
        (PERSON, PERSON, 1),
        (24000, PERSON, 1),
        (26000, CAR, 1),
        (26001, CAR, 1),
    ]
    assert only.crowd_ids == {PERSON}
    assert dataset.label_map(only).tolist() == [[7, 7, 26000, 26001], [24, 0, 0, 24000]]
    names = [dataset.taxonomy[i].name if i >= 0 else "" for i in dataset.class_map(only)[1]]
    assert names == ["person", "", "", "person"]


def test_a_missing_png_is_named(tmp_path: Path) -> None:
    folder = write_cityscapes(tmp_path, {"ulm_000000_000019": VALUES, "ulm_000001_000019": VALUES})
    (folder / "gtFine/train/ulm/ulm_000001_000019_gtFine_instanceIds.png").unlink()
    with pytest.raises(StudioError, match=r"has no gtFine/train/ulm/ulm_000001_000019_gtFine_instanceIds\.png"):
        read_cityscapes_dataset(folder, "train")
