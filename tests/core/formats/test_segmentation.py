"""COCO's three ways to write a mask, against COCO's own reader."""

from typing import Any

import numpy as np
import pytest
from pycocotools import mask as oracle

from core.formats.segmentation import read_segmentation
from core.masks import decode, encode, rle_to_string
from core.messages import StudioError
from tests.drawing import picture
from tests.layouts import uncompressed

RING = picture("###.", "#.#.", "###.")
SIZE_HW = (37, 53)


def drawn_by_oracle(polygons: list[list[float]]) -> np.ndarray:
    return oracle.decode(oracle.merge(oracle.frPyObjects(polygons, *SIZE_HW))).astype(bool)


def test_run_lengths_as_list_and_as_text() -> None:
    as_text = {"size": [3, 4], "counts": rle_to_string(encode(RING))}
    assert decode(read_segmentation(uncompressed(RING), (3, 4))).tolist() == RING.tolist()
    assert decode(read_segmentation(as_text, (3, 4))).tolist() == RING.tolist()


@pytest.mark.parametrize("seed", range(20))
def test_polygons_are_drawn_as_coco_draws_them(seed: int) -> None:
    rng = np.random.default_rng(seed)
    polygons = [rng.uniform(-8, 60, 2 * rng.integers(3, 9)).round(2).tolist() for _ in range(rng.integers(1, 4))]
    assert (decode(read_segmentation(polygons, SIZE_HW)) == drawn_by_oracle(polygons)).all()


BROKEN: dict[str, Any] = {
    "nothing": None,
    "no polygon": [],
    "two points": [[0, 0, 5, 5]],
    "odd": [[0, 0, 5, 0, 5, 5, 1]],
    "no numbers": [["a", "b", "c", "d", "e", "f"]],
    "true": [[True, False, 5, 0, 5, 5]],
    "infinite": [[float("inf"), 0, 5, 0, 5, 5]],
    "no number": [[float("nan"), 0, 5, 0, 5, 5]],
    "deep": [[[0, 0], [5, 0], [5, 5]]],
    "text": "0550000000b1",
    "no counts": {"size": [37, 53]},
    "another size": {"size": [53, 37], "counts": [37 * 53]},
    "too few": {"size": [37, 53], "counts": [5, 5]},
    "negative": {"size": [37, 53], "counts": [-1, 37 * 53 + 1]},
    "fractions": {"size": [37, 53], "counts": [0.5, 37 * 53 - 0.5]},
    "bad text": {"size": [37, 53], "counts": "\x00\xff"},
    "huge": {"size": [37, 53], "counts": [10**30]},
}


@pytest.mark.parametrize("what", BROKEN)
def test_a_broken_mask_is_one_sentence(what: str) -> None:
    with pytest.raises(StudioError):
        read_segmentation(BROKEN[what], SIZE_HW)
