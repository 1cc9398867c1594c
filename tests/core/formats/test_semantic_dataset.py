"""Folders of semantic PNGs: ADE20K's, and others' with categories of their own."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.formats.dataset import VOID_CLASS
from core.formats.semantic_dataset import read_semantic_dataset
from core.messages import StudioError
from tests.layouts import write_semantic

VALUES = np.array([[0, 1, 1, 150], [255, 1, 3, 150]])
GROUND = {"id": 0, "name": "ground", "isthing": 0, "color": [1, 2, 3]}
TREE = {"id": 7, "name": "tree", "isthing": 0}


def test_ade20k_reduces_its_zero(tmp_path: Path) -> None:
    dataset = read_semantic_dataset(write_semantic(tmp_path, {"a": VALUES}), "training")
    (only,) = dataset.pictures
    assert (len(dataset.taxonomy), dataset.taxonomy[0].name, only.file_name) == (150, "wall", "a.jpg")
    assert dataset.class_map(only).tolist() == [[VOID_CLASS, 0, 0, 149], [VOID_CLASS, 0, 2, 149]]
    assert [(s.segment_id, s.category_id, s.area) for s in only.segments] == [(2, 1, 3), (4, 3, 1), (151, 150, 2)]
    assert not only.crowd_ids
    assert dataset.image(only).shape == (2, 4, 3)


@pytest.mark.parametrize("wrapped", [True, False])
def test_own_categories_may_begin_with_zero(tmp_path: Path, wrapped: bool) -> None:
    categories = [GROUND, TREE]
    folder = write_semantic(
        tmp_path,
        {"sub.v1": np.array([[0, 7], [255, 0]])},
        categories={"categories": categories} if wrapped else categories,
    )
    dataset = read_semantic_dataset(folder, "training")
    assert dataset.class_map(dataset.pictures[0]).tolist() == [[0, 1], [VOID_CLASS, 0]]
    assert dataset.taxonomy[0].color == (1, 2, 3)


def test_palettes_and_16_bits(tmp_path: Path) -> None:
    folder = write_semantic(tmp_path, {"a": np.array([[300, 65535]])}, categories=[GROUND | {"id": 300}, TREE])
    palette = Image.fromarray(np.array([[7, 0]], dtype=np.uint8), mode="P")
    palette.putpalette([9] * 768)
    palette.save(folder / "annotations/training/b.png")
    Image.new("RGB", (2, 1)).save(folder / "images/training/b.jpg")
    dataset = read_semantic_dataset(folder, "training")
    assert [dataset.class_map(picture).tolist() for picture in dataset.pictures] == [
        [[0, VOID_CLASS]],
        [[1, VOID_CLASS]],
    ]


def test_values_without_a_category_are_refused(tmp_path: Path) -> None:
    dataset = read_semantic_dataset(write_semantic(tmp_path, {"a": np.array([[151, 200]])}), "training")
    with pytest.raises(StudioError, match=r"a\.png holds the values 151, 200"):
        dataset.label_map(dataset.pictures[0])


def test_colours_are_no_labels(tmp_path: Path) -> None:
    folder = write_semantic(tmp_path, {"a": VALUES})
    Image.new("RGB", (4, 2)).save(folder / "annotations/training/a.png")
    dataset = read_semantic_dataset(folder, "training")
    with pytest.raises(StudioError, match="one number a pixel"):
        dataset.label_map(dataset.pictures[0])


@pytest.mark.parametrize(
    ("lost", "named"), [("images/training/b.jpg", "images/training/b"), ("annotations/training/b.png", "annotations")]
)
def test_every_picture_has_its_png(lost: str, named: str, tmp_path: Path) -> None:
    folder = write_semantic(tmp_path, {"a": VALUES, "b": VALUES})
    (folder / lost).unlink()
    with pytest.raises(StudioError, match=rf"has no {named}"):
        read_semantic_dataset(folder, "training")


@pytest.mark.parametrize(
    "categories", [5, [5], {"classes": []}, [{"id": 1}], [TREE, TREE], [TREE | {"id": -1}], [TREE | {"id": 10**12}]]
)
def test_broken_categories_are_one_sentence(categories: object, tmp_path: Path) -> None:
    folder = write_semantic(tmp_path, {"a": VALUES}, categories=categories)
    with pytest.raises(StudioError):
        read_semantic_dataset(folder, "training")
