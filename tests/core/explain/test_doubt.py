"""The doubt maps restated cell by cell, and their means over the picture and its segments."""

import math

import numpy as np
import pytest
import torch

from core.explain.doubt import BINS, CLOSE, DoubtMaps, doubt_maps, segment_doubts
from core.inference import Prediction, panoptic
from tests.core.explain.networks import CONFIG, IMAGE, predictor_of
from tests.core.explain.per_pixel import per_pixel_of
from tests.e2e.drawn_models import street_prediction

CELLS = [(0, 0), (119, 159), (75, 80), (60, 100), (33, 62)]


@pytest.fixture(scope="module")
def prediction() -> Prediction:
    return street_prediction((480, 640))


@pytest.fixture(scope="module")
def maps(prediction: Prediction) -> DoubtMaps:
    return doubt_maps(prediction, 0.6, frozenset({60}))


@pytest.mark.parametrize(("y", "x"), CELLS)
def test_entropy_is_that_of_the_semantic_scores(prediction: Prediction, maps: DoubtMaps, y: int, x: int) -> None:
    scores = (prediction.class_probs[:, :-1].T @ prediction.mask_logits[:, y, x].sigmoid()).tolist()
    shares = [score / sum(scores) for score in scores]
    expected = -sum(p * math.log(p) for p in shares if p) / math.log(len(shares))
    assert float(maps.entropy[y, x]) == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize(("y", "x"), CELLS)
def test_margin_is_from_the_winner_to_the_next(prediction: Prediction, maps: DoubtMaps, y: int, x: int) -> None:
    kept = [row.query for row in panoptic(prediction, 0.6, off=frozenset({60})).fates if row.mask_area]
    claims = sorted(
        (float(prediction.scores[q] * prediction.mask_logits[q, y, x].sigmoid()) for q in kept), reverse=True
    )
    assert float(maps.margin[y, x]) == pytest.approx(claims[0] - claims[1], abs=1e-6)


def test_where_nobody_takes_part_the_margin_is_nothing(prediction: Prediction) -> None:
    maps = doubt_maps(prediction, 1.0)
    assert float(maps.margin.abs().max()) == 0
    assert maps.close_share == 1


def test_means_are_of_the_picture_alone() -> None:
    prediction = predictor_of(CONFIG).predict(IMAGE)  # whose grid is padded
    maps = doubt_maps(prediction, 0.0)
    height, width = prediction.geometry.resized_hw
    stride = prediction.geometry.stride
    expected = maps.entropy.numpy().repeat(stride, axis=0).repeat(stride, axis=1)[:height, :width].mean()
    assert maps.mean(maps.entropy) == pytest.approx(float(expected), rel=1e-4)
    assert maps.inside.shape == maps.entropy.shape == prediction.geometry.grid_hw


def test_the_histogram_adds_up(maps: DoubtMaps) -> None:
    shares = maps.histogram(maps.margin)
    assert (len(shares), sum(shares)) == (BINS, pytest.approx(1))
    below = int(CLOSE * BINS)
    assert sum(shares[:below]) == pytest.approx(maps.close_share, abs=1e-3)


def test_segments_have_their_cells_means(prediction: Prediction, maps: DoubtMaps) -> None:
    result = panoptic(prediction, 0.6)
    rows = {row.segment_id: row for row in segment_doubts(maps, result.panoptic_map, result.segments, prediction)}
    assert rows.keys() == {segment.segment_id for segment in result.segments}
    for segment_id, row in rows.items():
        shares = (result.panoptic_map == segment_id).reshape(120, 4, 160, 4).mean(axis=(1, 3))
        assert row.entropy == pytest.approx(np.average(maps.entropy.numpy(), weights=shares), rel=1e-3)
        assert row.margin == pytest.approx(np.average(maps.margin.numpy(), weights=shares), rel=1e-3)
    order = [row.entropy for row in rows.values()]
    assert order == sorted(order, reverse=True)


def test_a_per_pixel_models_margin_is_of_its_probabilities(prediction: Prediction) -> None:
    per_pixel = per_pixel_of(prediction)
    maps = doubt_maps(per_pixel)
    best = per_pixel.mask_logits.exp().topk(2, dim=0).values
    torch.testing.assert_close(maps.margin, best[0] - best[1])
