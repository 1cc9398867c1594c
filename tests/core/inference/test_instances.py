import numpy as np
import pytest

from core.inference import fit, instances, query_mask
from core.masks import decode
from tests.core.inference.oracle import random_prediction, sigmoid, taxonomy, upsampled

GEOMETRY = fit((37, 53), short_side=40, max_long_side=80)


@pytest.fixture(scope="module")
def prediction():
    return random_prediction(5, GEOMETRY, queries=6, classes=taxonomy(3, 2))


def test_instances_follow_the_slow_restatement(prediction):
    probs = sigmoid(upsampled(prediction))
    class_probs = prediction.class_logits.softmax(-1).numpy()
    pairs = sorted(((class_probs[q, k], q, k) for q in range(6) for k in range(3)), reverse=True)[:10]
    expected = []
    for p, query, k in pairs:
        mask = probs[query] >= 0.5
        if mask.any():
            expected.append((p * probs[query][mask].mean(), query, prediction.taxonomy[k].category_id, mask))
    expected.sort(key=lambda row: -row[0])
    found = instances(prediction, limit=10).instances
    assert [(i.query, i.category_id) for i in found] == [row[1:3] for row in expected]
    for instance, (score, _, _, mask) in zip(found, expected, strict=True):
        assert instance.score == pytest.approx(score, abs=1e-5)
        assert (decode(instance.mask) == mask).all()
        assert instance.area == mask.sum()
        ys, xs = np.nonzero(mask)
        assert instance.box_xyxy == (xs.min(), ys.min(), xs.max() + 1, ys.max() + 1)


def test_stuff_and_queries_that_are_off_are_left_out(prediction):
    found = instances(prediction, off=frozenset({0, 1})).instances
    things = {c.category_id for c in prediction.taxonomy.categories if c.is_thing}
    assert {i.query for i in found} <= {2, 3, 4, 5}
    assert {i.category_id for i in found} <= things


def test_query_mask_is_the_half_probability_mask(prediction):
    for query, logits in enumerate(upsampled(prediction)):
        assert (query_mask(prediction, query) == (logits >= 0)).all()
