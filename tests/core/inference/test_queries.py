import numpy as np
import pytest
import torch

from core.inference import Prediction, fit, mask_probability, nearest_queries, query_distribution, shortlist
from tests.core.inference.oracle import random_prediction, taxonomy


@pytest.fixture(scope="module")
def prediction():
    return random_prediction(7, fit((30, 45), short_side=40, max_long_side=80), queries=6)


def test_distribution_falls_and_sums_to_one(prediction):
    rows = query_distribution(prediction, 2)
    probs = [p for _, p in rows]
    assert {category_id for category_id, _ in rows} == {7, 17, 27, 37, None}
    assert probs == sorted(probs, reverse=True)
    assert sum(probs) == pytest.approx(1)
    assert dict(rows)[None] == pytest.approx(float(prediction.class_logits[2].softmax(0)[-1]))


def test_shortlist_counts_a_class_by_its_best_query(prediction):
    probs = prediction.class_logits.softmax(-1)[[1, 4], :4].amax(0).tolist()
    expected = sorted(zip((7, 17, 27, 37), probs, strict=True), key=lambda row: -row[1])
    rows = shortlist(prediction, [1, 4], limit=3)
    assert [category_id for category_id, _ in rows] == [category_id for category_id, _ in expected[:3]]
    assert [p for _, p in rows] == pytest.approx([p for _, p in expected[:3]])
    assert shortlist(prediction, []) == []


def test_nearest_queries_by_cosine(prediction):
    rows = nearest_queries(prediction, 3, limit=4)
    vectors = prediction.mask_embeddings.double().numpy()
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    cosine = vectors @ vectors[3]
    expected = [q for q in np.argsort(-cosine).tolist() if q != 3][:4]
    assert [q for q, _ in rows] == expected
    assert [value for _, value in rows] == pytest.approx(cosine[expected].tolist(), abs=1e-6)


def test_mask_probability_is_cropped_to_the_picture(prediction):
    height, width = prediction.geometry.inner_hw
    heat = mask_probability(prediction, 5)
    assert heat.shape == (height, width) == (10, 15)
    assert heat.dtype == np.float32
    np.testing.assert_allclose(heat, prediction.mask_logits[5, :10, :15].sigmoid().numpy())


def test_prediction_names_the_tensor_that_does_not_fit(prediction):
    with pytest.raises(ValueError, match=r"mask_logits must be \(6, 16, 16\), got \(6, 9, 16\)"):
        Prediction(
            prediction.class_logits,
            torch.zeros(6, 9, 16),
            prediction.mask_embeddings,
            prediction.pixel_embeddings,
            prediction.geometry,
            taxonomy(),
        )
