"""What a check holds at once: one picture, however many there are."""

import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.datasets.check import check_dataset
from tests.annotated import CAR, ROAD, SKY, write_dataset
from tests.layouts import DOG_ID, PERSON_ID, instance_row, write_cityscapes, write_instances, write_semantic

HEIGHT, WIDTH = 240, 320
PIXELS = HEIGHT * WIDTH


def scene(seed: int) -> np.ndarray:
    """1 over 2, and a box of 3."""
    top, left = np.random.default_rng(seed).integers(20, 100, size=2)
    labels = np.ones((HEIGHT, WIDTH), np.int32)
    labels[HEIGHT // 2 :] = 2
    labels[top : top + 80, left : left + 90] = 3
    return labels


def panoptic(folder: Path, count: int) -> Path:
    return write_dataset(folder, [(scene(i), {1: SKY, 2: ROAD, 3: CAR}) for i in range(count)], split="val")


def box_row(mask: np.ndarray, category_id: int) -> dict[str, Any]:
    """As a polygon: what the JSON says is as long for any number of pixels."""
    row = instance_row(mask, category_id)
    x, y, width, height = row["bbox"]
    return {**row, "segmentation": [[x, y, x + width, y, x + width, y + height, x, y + height]]}


def instances(folder: Path, count: int) -> Path:
    rows = [[box_row(scene(i) == 3, DOG_ID), box_row(scene(i) == 2, PERSON_ID)] for i in range(count)]
    return write_instances(folder, [((HEIGHT, WIDTH), row) for row in rows])


def semantic(folder: Path, count: int) -> Path:
    names = [{"id": i, "name": f"class {i}"} for i in (1, 2, 3)]
    return write_semantic(folder, {f"{i}": scene(i) for i in range(count)}, categories=names)


def cityscapes(folder: Path, count: int) -> Path:
    return write_cityscapes(folder, {f"ulm_{i}_0": np.array([0, 23, 7, 26001])[scene(i)] for i in range(count)})


def peak(folder: Path) -> int:
    """Bytes above what was held before, at the worst moment."""
    tracemalloc.start()
    try:
        check_dataset(folder)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("write", [panoptic, instances, semantic, cityscapes])
def test_memory_does_not_grow_with_the_pixels(tmp_path: Path, write: Callable[[Path, int], Path]) -> None:
    few, many = (write(tmp_path / str(count), count) for count in (3, 15))
    check_dataset(few)  # what is loaded once and kept
    at_few, at_many = peak(few), peak(many)
    assert at_few > PIXELS  # a picture was held
    assert at_many - at_few < PIXELS  # and the twelve further ones were not: 36 x as many bytes
