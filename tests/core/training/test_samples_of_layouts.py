"""Training samples of data sets in other layouts than our own."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from core.formats.layouts import open_dataset
from core.training import RECIPES
from core.training.framing import LargestCrop
from core.training.samples import TrainingSamples, picture_shares
from core.training.targets import Target
from tests.drawing import label_map
from tests.layouts import DOG_ID, PERSON_ID, instance_row, write_cityscapes, write_instances, write_semantic

RECIPE = replace(
    RECIPES["street"],
    framing=LargestCrop((32, 32), share=(1.0, 1.0)),
    loss_stride=4,
    min_target_area=1,
    rare_category_share=0.0,
)
QUARTERS = label_map("12", "34").repeat(16, 0).repeat(16, 1)  # 32 x 32


def sample(folder: Path) -> Target:
    _, target, _ = TrainingSamples(open_dataset(folder, "train"), RECIPE)[0]
    return target


def test_around_instances_there_is_background(tmp_path: Path) -> None:
    rows = [
        instance_row(QUARTERS == 1, PERSON_ID),
        instance_row(QUARTERS == 2, DOG_ID, iscrowd=1),
    ]
    target = sample(write_instances(tmp_path, [((32, 32), rows)], split="train2017"))
    assert target.class_indices.tolist() == [0]
    assert target.masks.sum() == 16
    assert target.valid.sum() == 48, "a crowd alone says nothing about its pixels"


def test_around_semantic_labels_there_is_nothing(tmp_path: Path) -> None:
    target = sample(write_semantic(tmp_path, {"a": np.where(QUARTERS == 4, 0, QUARTERS)}))
    assert target.class_indices.tolist() == [0, 1, 2]
    assert target.valid.sum() == 48


def test_cityscapes_groups_are_no_targets(tmp_path: Path) -> None:
    values = np.array([0, 7, 26000, 26001, 24])[QUARTERS]
    target = sample(write_cityscapes(tmp_path, {"ulm_0_0": values}))
    assert len(target.class_indices) == 3
    assert target.valid.sum() == 48
    assert torch.equal(target.masks.sum(0), target.valid)


def test_no_picture_is_read_to_draw_all_alike(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dataset = open_dataset(write_semantic(tmp_path, {"a": QUARTERS, "b": QUARTERS}), "train")
    monkeypatch.setattr(type(dataset.pictures[0]), "segments", property(lambda self: pytest.fail("it was read")))
    assert picture_shares(dataset, 0.0) == (1.0, 1.0)
