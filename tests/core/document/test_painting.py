"""Strokes, regions and merges against rasters painted pixel by pixel."""

import numpy as np
import pytest

from core.document import Delete, Fill, FillAt, Lock, Merge, Paint, Subtract, pack_mask
from core.types import Origin
from tests.core.document.rasters import OTHER, THING, after, labelled, lines, noise, refusal, region

CROSS = (1, 0, 4, 3), pack_mask(np.array([[0, 1, 0], [1, 1, 1], [0, 1, 0]], dtype=bool))
FIELD = "11122", "1..22", "1..33"


@pytest.mark.parametrize(
    ("edit", "expected"),
    [
        (Paint(*CROSS, segment_id=3), ["11322", "13332", "1.333"]),
        (Paint(*CROSS, segment_id=3, only_void=True), ["11122", "13322", "1.333"]),
        (Paint(*CROSS, segment_id=0), ["11.22", "1...2", "1..33"]),
        (Paint(*CROSS, category_id=OTHER), ["11422", "14442", "1.433"]),
        (Subtract(1, *CROSS), ["11.22", "1..22", "1..33"]),
        (Subtract(2, *CROSS), ["11122", "1...2", "1..33"]),
        (FillAt(1, 1, segment_id=2), ["11122", "12222", "12233"]),
        (FillAt(4, 0, segment_id=1), ["11111", "1..11", "1..33"]),
        (FillAt(0, 0, segment_id=0), ["...22", "...22", "...33"]),
        (FillAt(4, 2, category_id=THING), ["11122", "1..22", "1..44"]),
        (Merge((2, 3)), ["11122", "1..22", "1..22"]),
        (Merge((3, 1, 2)), ["33333", "3..33", "3..33"]),
        (Delete(2, Fill.VOID), ["111..", "1....", "1..33"]),
    ],
)
def test_the_pixels_that_each_edit_paints(edit, expected):
    assert lines(after(labelled(*FIELD), edit)) == expected


def test_a_new_segment_has_its_category_and_no_query():
    row = after(labelled(*FIELD), Paint(*CROSS, category_id=OTHER)).segments[4]
    assert (row.category_id, row.score, row.origin, row.queries, row.touched) == (OTHER, 1.0, Origin.PAINT, (), True)


def test_erased_void_is_voided_and_painted_void_is_not():
    document = labelled(*FIELD)
    erased = after(document, Paint(*CROSS, segment_id=0))
    assert erased.voided.sum() == 5
    painted = after(erased, Paint(*CROSS, segment_id=1))
    assert not painted.voided.any()


@pytest.mark.parametrize("seed", range(4))
def test_strokes_of_any_shape_leave_locked_pixels_alone(seed):
    random = np.random.default_rng(seed)
    document = noise(seed)
    locked = after(document, Lock(1, True), Lock(2, True))
    for target in (3, 0, None):
        mask = random.random((9, 12)) < 0.5
        stroke = Paint((4, 3, 16, 12), pack_mask(mask), target, THING if target is None else None)
        expected = document.label_map.copy()
        for y, x in np.argwhere(mask):
            if expected[y + 3, x + 4] not in (1, 2):
                expected[y + 3, x + 4] = 5 if target is None else target
        np.testing.assert_array_equal(after(locked, stroke).label_map, expected)


@pytest.mark.parametrize("seed", range(6))
def test_a_fill_reaches_the_four_connected_region(seed):
    document = noise(seed)
    x, y = (int(value) for value in np.random.default_rng(seed).integers((23, 17)))
    expected = document.label_map.copy()
    for pixel in region(document.label_map == document.label_map[y, x], (y, x), diagonal=False):
        expected[pixel] = 4
    np.testing.assert_array_equal(after(document, FillAt(x, y, segment_id=4)).label_map, expected)


def test_a_segment_without_pixels_is_gone():
    whole = (0, 0, 5, 3), pack_mask(np.ones((3, 5), dtype=bool))
    assert set(after(labelled(*FIELD), Paint(*whole, segment_id=2)).segments) == {2}
    assert set(after(labelled(*FIELD), Subtract(3, *whole)).segments) == {1, 2}
    assert not after(labelled(*FIELD), Paint(*whole, segment_id=0)).segments


def test_a_picture_of_one_row():
    row = labelled("1..22.")
    stroke = (1, 0, 4, 1), pack_mask(np.ones((1, 3), dtype=bool))
    assert lines(after(row, Paint(*stroke, segment_id=1))) == ["11112."]
    assert lines(after(row, FillAt(5, 0, segment_id=1))) == ["1..221"]


@pytest.mark.parametrize(
    ("edit", "key"),
    [
        (Paint(*CROSS, segment_id=9), "error.no_segment"),
        (Paint(*CROSS, segment_id=1), "error.segment_locked"),
        (Paint(*CROSS), "error.no_target"),
        (Paint(*CROSS, category_id=999), "error.unknown_category"),
        (Paint((1, 0, 6, 3), CROSS[1], segment_id=2), "error.box_outside"),
        (Paint((-1, 0, 2, 3), CROSS[1], segment_id=2), "error.box_outside"),
        (Paint((1, 1, 1, 3), CROSS[1], segment_id=2), "error.box_outside"),
        (Paint((0, 0, 2, 3), CROSS[1], segment_id=2), "error.packed_pixels"),
        (Paint(CROSS[0], b"no deflate", segment_id=2), "error.packed_pixels"),
        (Paint(CROSS[0], CROSS[1][:-1], segment_id=2), "error.packed_pixels"),
        (Paint(CROSS[0], CROSS[1] + b"x", segment_id=2), "error.packed_pixels"),
        (Subtract(1, *CROSS), "error.segment_locked"),
        (FillAt(5, 0, segment_id=2), "error.point_outside"),
        (FillAt(0, 0, segment_id=2), "error.segment_locked"),
        (Merge((2,)), "error.merge_few"),
        (Merge((2, 2)), "error.merge_few"),
        (Merge((2, 1)), "error.segment_locked"),
        (Delete(1), "error.segment_locked"),
        (Delete(1, Fill.VOID), "error.segment_locked"),
    ],
)
def test_what_is_refused(edit, key):
    assert refusal(labelled(*FIELD, locked=[1]), edit) == key


def test_a_bomb_is_not_inflated():
    bomb = pack_mask(np.ones((4000, 4000), dtype=bool))
    assert refusal(labelled(*FIELD), Paint(CROSS[0], bomb, segment_id=2)) == "error.packed_pixels"
