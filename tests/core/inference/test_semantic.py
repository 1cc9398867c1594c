import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from core.inference import semantic
from tests.core.inference.oracle import random_prediction, sigmoid, taxonomy, upsampled
from tests.core.inference.test_panoptic import geometries


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**31), geometries, st.sampled_from([1, 8]))
def test_class_map_has_the_largest_sum_everywhere(seed, geometry, smooth):
    prediction = random_prediction(seed, geometry, queries=7, classes=taxonomy(3, 4), smooth=smooth)
    class_map = semantic(prediction).class_map
    class_probs = prediction.class_logits.double().softmax(-1)[:, :-1].numpy()
    sums = np.einsum("qk,qyx->kyx", class_probs, sigmoid(upsampled(prediction)))
    chosen = np.take_along_axis(sums, class_map[None].astype(np.int64), axis=0)[0]
    assert class_map.dtype == np.int32
    assert class_map.shape == geometry.picture_hw
    np.testing.assert_allclose(chosen, sums.max(axis=0), atol=1e-5)
