"""Boundary IoU against its definition, restated pixel by pixel (arXiv 2103.16562)."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from core.evaluation.boundary import band_overlaps, band_width
from core.evaluation.overlaps import SegmentedPicture
from tests.annotated import CAR, label_maps, segments
from tests.drawing import label_map

Drawn = tuple[NDArray[np.int32], dict[int, int]]


def picture(drawn: Drawn) -> SegmentedPicture:
    return SegmentedPicture(drawn[0], segments(*drawn))


def restated_band(ids: NDArray[np.int32], label: int, distance: int) -> set[tuple[int, int]]:
    """The segment's pixels with anything else within ``distance``, beyond the picture's edge included."""

    def is_other(y: int, x: int) -> bool:
        inside = 0 <= y < ids.shape[0] and 0 <= x < ids.shape[1]
        return not inside or ids[y, x] != label

    steps = range(-distance, distance + 1)
    return {
        (y, x)
        for y, x in np.argwhere(ids == label).tolist()
        if any(is_other(y + down, x + across) for down in steps for across in steps)
    }


def restated_iou(truth: Drawn, predicted: Drawn, left_out: set[int]) -> list[list[float]]:
    distance = max(1, round(0.02 * math.hypot(*truth[0].shape)))
    true_ids, guessed_ids = ([i for i, c in drawn[1].items() if c not in left_out] for drawn in (truth, predicted))
    void = set(map(tuple, np.argwhere(~np.isin(truth[0], true_ids)).tolist()))
    rows = []
    for i in true_ids:
        own = restated_band(truth[0], i, distance)
        guesses = [restated_band(predicted[0], j, distance) for j in guessed_ids]
        unions = [own | (guess - void) for guess in guesses]
        rows.append([len(own & guess) / len(union) for guess, union in zip(guesses, unions, strict=True)])
    return rows


@st.composite
def pairs(draw: st.DrawFn) -> tuple[Drawn, Drawn]:
    shape = draw(st.sampled_from([(3, 4), (9, 7), (4, 150), (120, 6)]))  # bands of 1 and of 3 and 2 pixels
    truth = draw(label_maps(shape))
    if draw(st.booleans()):
        return truth, draw(label_maps(shape))
    moved = np.roll(truth[0], draw(st.integers(0, 2)), axis=draw(st.integers(0, 1)))
    return truth, (moved, truth[1])


@settings(max_examples=60, deadline=None)
@given(pairs(), st.sets(st.sampled_from([10, 3, 7, 21]), max_size=2))
def test_boundary_iou_is_that_of_the_definition(pair: tuple[Drawn, Drawn], left_out: set[int]) -> None:
    truth, predicted = pair
    kept = [np.array([c not in left_out for c in drawn[1].values()], dtype=bool) for drawn in pair]
    found = band_overlaps(picture(truth), picture(predicted)).iou(*kept)
    expected = restated_iou(truth, predicted, left_out)
    assert found.shape == (kept[0].sum(), kept[1].sum())
    assert found.ravel().tolist() == pytest.approx([iou for row in expected for iou in row])


@pytest.mark.parametrize(("size_hw", "width"), [((3, 3), 1), ((256, 256), 7), ((1080, 1920), 44), ((30, 40), 1)])
def test_a_band_is_two_percent_of_the_diagonal(size_hw: tuple[int, int], width: int) -> None:
    assert band_width(size_hw) == width


def test_a_hole_that_mask_iou_forgives_costs_boundary_iou() -> None:
    truth = np.full((40, 40), 1, dtype=np.int32)
    guess = truth.copy()
    guess[12:28, 12:28] = 0
    found = band_overlaps(picture((truth, {1: CAR})), picture((guess, {1: CAR})))
    every = np.ones(1, dtype=bool)
    rim, hole = 4 * 39, 18**2 - 16**2
    assert found.iou(every, every).item() == pytest.approx(rim / (rim + hole))


def test_no_segment_is_no_row() -> None:
    nothing = label_map("..", ".."), {}
    none = np.zeros(0, dtype=bool)
    assert band_overlaps(picture(nothing), picture(nothing)).iou(none, none).shape == (0, 0)


def test_background_is_not_left_out_of_a_union() -> None:
    ids, guess = label_map("11..", "11.."), label_map("1111", "1111")
    every = np.ones(1, dtype=bool)
    for void_is_background, expected in ((False, 1.0), (True, 0.5)):
        truth = SegmentedPicture(ids, segments(ids, {1: CAR}), void_is_background=void_is_background)
        assert band_overlaps(truth, picture((guess, {1: CAR}))).iou(every, every).item() == expected
