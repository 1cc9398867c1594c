"""All masks at once against one mask at a time, which is checked against a slow restatement elsewhere."""

import sys

import numpy as np
import pytest
import torch

from core.inference import OwnMask, fit, own_masks, query_mask
from core.masks import area, encode
from tests.core.inference.oracle import random_prediction, sharp_prediction, sigmoid, taxonomy, upsampled

SIZES = [(90, 120), (37, 211), (301, 64), (1, 1), (5, 400)]  # enlarged, padded, reduced, a pixel, a strip


@pytest.mark.parametrize("picture_hw", SIZES)
@pytest.mark.parametrize("short_side", [48, 160])
def test_masks_are_those_of_single_queries(picture_hw: tuple[int, int], short_side: int) -> None:
    prediction = random_prediction(sum(picture_hw), fit(picture_hw, short_side, 400), queries=9)
    queries = [7, 0, 3, 8, 3]
    found = own_masks(prediction, queries)
    for query, own in zip(queries, found, strict=True):
        expected = encode(query_mask(prediction, query))
        assert own.mask.size_hw == expected.size_hw
        assert own.mask.counts.tolist() == expected.counts.tolist()


def test_means_are_those_of_the_definition() -> None:
    prediction = sharp_prediction(3, fit((60, 80), 64, 400), 8, taxonomy(), 4)
    probs = sigmoid(upsampled(prediction))
    for own, own_probs in zip(own_masks(prediction, range(8)), probs, strict=True):
        inside = own_probs >= 0.5
        assert own.mean_probability == pytest.approx(own_probs[inside].mean() if inside.any() else 0.0, abs=1e-6)


def test_full_and_empty_masks() -> None:
    prediction = random_prediction(0, fit((33, 50), 64, 400), queries=3)
    prediction.mask_logits[0], prediction.mask_logits[1] = 9.0, -9.0
    full, empty, _ = own_masks(prediction, range(3))
    assert (full.mask.counts.tolist(), empty.mask.counts.tolist()) == ([0, 33 * 50], [33 * 50])
    assert full.mean_probability == pytest.approx(float(torch.tensor(9.0).sigmoid()))
    assert empty.mean_probability == 0.0
    assert own_masks(prediction, []) == []


def test_a_small_canvas_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    prediction = random_prediction(1, fit((70, 90), 64, 400), queries=12)
    at_once = own_masks(prediction, range(12))
    monkeypatch.setattr(sys.modules[OwnMask.__module__], "CANVAS_PIXELS", 1)
    one_by_one = own_masks(prediction, range(12))
    assert [m.mask.counts.tolist() for m in at_once] == [m.mask.counts.tolist() for m in one_by_one]
    assert [m.mean_probability for m in at_once] == pytest.approx([m.mean_probability for m in one_by_one])


def test_runs_that_go_on_in_the_next_column_are_one() -> None:
    prediction = random_prediction(2, fit((16, 24), 64, 400), queries=1)
    prediction.mask_logits[:] = torch.linspace(-3, 5, prediction.mask_logits.shape[2])
    (own,) = own_masks(prediction, [0])
    assert len(own.mask.counts) == 2, "everything right of a column"
    assert area(own.mask) == np.count_nonzero(query_mask(prediction, 0))
