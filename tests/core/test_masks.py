"""Run lengths against pycocotools, byte for byte; everything else against plain numpy."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from numpy.typing import NDArray
from pycocotools import mask as coco_mask

from core import masks
from core.messages import StudioError
from core.types import RunLength
from tests.drawing import label_map, picture

SHAPES = array_shapes(min_dims=2, max_dims=2, max_side=24)
MASKS = arrays(np.bool_, SHAPES)
LABEL_MAPS = arrays(np.int32, SHAPES, elements=st.integers(0, 4))
FRAGMENTS = settings(max_examples=150, deadline=None)


def coco_string(mask: NDArray[np.bool_]) -> str:
    encoded: bytes = coco_mask.encode(np.asfortranarray(mask.astype(np.uint8)))["counts"]
    return encoded.decode("ascii")


def test_runs_go_down_the_columns_and_start_with_zeros() -> None:
    run_length = masks.encode(picture("#..", "##."))
    assert run_length.size_hw == (2, 3)
    assert run_length.counts.tolist() == [0, 2, 1, 1, 2]


def test_hole_survives() -> None:
    ring = picture("###", "#.#", "###")
    assert masks.decode(masks.encode(ring)).tolist() == ring.tolist()


@pytest.mark.parametrize("mask", [np.zeros((3, 2), bool), np.ones((3, 2), bool), np.ones((1, 1), bool)])
def test_uniform_masks_are_coco_s(mask: NDArray[np.bool_]) -> None:
    assert masks.rle_to_string(masks.encode(mask)) == coco_string(mask)


@FRAGMENTS
@given(MASKS)
def test_string_is_pycocotools_byte_for_byte_and_back(mask: NDArray[np.bool_]) -> None:
    run_length = masks.encode(mask)
    string = masks.rle_to_string(run_length)
    assert string == coco_string(mask)
    read = masks.rle_from_string(string, run_length.size_hw)
    assert read.counts.tolist() == run_length.counts.tolist()
    assert (masks.decode(read) == mask).all()


def test_long_runs_take_several_characters() -> None:
    mask = np.zeros((1500, 2100), bool)
    mask[700:702, 3:2000:7] = True
    mask[:, 2050:] = True
    string = masks.rle_to_string(masks.encode(mask))
    assert string == coco_string(mask)
    assert (masks.decode(masks.rle_from_string(string, mask.shape)) == mask).all()


def test_counts_near_the_32_bit_limit_survive() -> None:
    counts = np.array([2**31, 1, 2**31 - 7, 3, 1, 2, 0], dtype=np.uint32)
    total = int(counts.sum(dtype=np.int64))
    read = masks.rle_from_string(masks.rle_to_string(RunLength((1, total), counts)), (1, total))
    assert read.counts.tolist() == counts.tolist()


@FRAGMENTS
@given(LABEL_MAPS)
def test_one_pass_equals_mask_by_mask(labels: NDArray[np.int32]) -> None:
    wanted = [3, 0, 1, 9]
    together = masks.encode_label_map(labels, wanted)
    for label, run_length in zip(wanted, together, strict=True):
        assert masks.rle_to_string(run_length) == coco_string(labels == label)
        assert masks.area(run_length) == int((labels == label).sum())


@FRAGMENTS
@given(LABEL_MAPS)
def test_painting_is_the_inverse_of_encoding(labels: NDArray[np.int32]) -> None:
    ids = [1, 2, 3, 4]
    painted = masks.decode_label_map(masks.encode_label_map(labels, ids), ids, labels.shape)
    assert (painted == labels).all()


def test_painting_refuses_overlap_and_foreign_sizes() -> None:
    mask = masks.encode(picture("##", ".#"))
    with pytest.raises(StudioError, match="overlap"):
        masks.decode_label_map([mask, masks.encode(picture("..", ".#"))], [1, 2], (2, 2))
    with pytest.raises(StudioError, match="3 x 3"):
        masks.decode_label_map([mask], [1], (3, 3))


@pytest.mark.parametrize(
    ("string", "sentence"),
    [
        ("", "damaged"),
        ("0 4", "damaged"),
        ("Z\u00e9", "damaged"),
        ("0T", "damaged"),  # ends inside a number
        ("P" * 9 + "0", "damaged"),  # longer than 32 bits
        ("01", "do not add up"),
        ("05", "do not add up"),
        ("0O5", "do not add up"),  # a negative count
    ],
)
def test_damaged_strings_are_refused(string: str, sentence: str) -> None:
    with pytest.raises(StudioError, match=sentence):
        masks.rle_from_string(string, (2, 2))


def test_short_counts_are_refused() -> None:
    with pytest.raises(StudioError, match="do not add up"):
        masks.decode(RunLength((2, 2), np.array([1, 2], dtype=np.uint32)))


@FRAGMENTS
@given(LABEL_MAPS)
def test_boxes_hold_all_pixels_and_no_more(labels: NDArray[np.int32]) -> None:
    for label, box in zip([1, 2, 7], masks.boxes_xyxy(labels, [1, 2, 7]).tolist(), strict=True):
        rows, columns = np.nonzero(labels == label)
        expected = [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1] if len(rows) else [0, 0, 0, 0]
        assert box == expected


@pytest.mark.parametrize("largest", [3, 10**9])
def test_areas_count_every_label(largest: int) -> None:
    labels = np.array([[0, 0, 3], [largest, 3, 3]], dtype=np.int32)
    assert masks.label_areas(labels) == {0: 2, 3: 3, largest: 1} | ({3: 4} if largest == 3 else {})


def test_components_touch_at_corners_unless_told() -> None:
    mask = picture("#..", ".#.", "..#")
    assert masks.components(mask)[1] == 1
    parts, count = masks.components(mask, connectivity=4)
    assert count == 3
    assert (parts > 0).tolist() == mask.tolist()


def test_a_label_map_is_two_dimensional() -> None:
    with pytest.raises(ValueError, match=r"\(H, W\)"):
        masks.encode_label_map(label_map("12")[None], [1])


def test_the_parts_at_pixels_are_those_that_hold_them() -> None:
    mask = picture("##..#", "....#", "#.#..")
    assert masks.parts_at(mask, [1], [0]).tolist() == picture("##...", ".....", ".....").tolist()
    assert masks.parts_at(mask, [4, 0, 3], [1, 2, 0]).tolist() == picture("....#", "....#", "#....").tolist()
    assert masks.parts_at(mask, [1], [0]).tolist() == masks.parts_at(np.asfortranarray(mask), 1, 0).tolist()
    assert masks.parts_at(mask, [0], [2], connectivity=8).tolist() == picture(".....", ".....", "#....").tolist()
    diagonal = np.eye(5, dtype=bool)
    assert masks.parts_at(diagonal, [2], [2]).sum() == 1
    assert masks.parts_at(diagonal, [2], [2], connectivity=8).tolist() == diagonal.tolist()
    for xs, ys in (([], []), ([2], [0])):  # no part: the whole
        assert masks.parts_at(mask, xs, ys).tolist() == mask.tolist()
