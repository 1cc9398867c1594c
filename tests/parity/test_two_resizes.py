"""The paper resizes masks to the padded input and then to the picture; one resize decides nearly all pixels alike."""

import pytest
import torch
from torch.nn.functional import interpolate

from core.inference import fit
from core.inference.contest import compete
from tests.core.inference.oracle import random_prediction


@pytest.mark.parametrize("picture_hw", [(240, 320), (375, 281), (97, 640)])
def test_one_resize_agrees_with_two(picture_hw):
    geometry = fit(picture_hw, short_side=192, max_long_side=640)
    prediction = random_prediction(0, geometry, queries=10, smooth=12)
    padded = interpolate(prediction.mask_logits[None], size=geometry.padded_hw, mode="bilinear", align_corners=False)
    resized = padded[..., : geometry.resized_hw[0], : geometry.resized_hw[1]]
    probs = interpolate(resized, size=picture_hw, mode="bilinear", align_corners=False)[0].sigmoid()
    winners = (probs * prediction.scores[:, None, None]).argmax(0).numpy()
    ours = compete(prediction, torch.arange(10)).winners
    assert (ours == winners).mean() > 0.995
