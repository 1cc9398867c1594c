"""The assembly's steps: the last is the panoptic result, and every query leaves where its fate says."""

from itertools import pairwise

import numpy as np
import pytest
import torch
from torch.nn.functional import interpolate

from core.explain.assembly import STEPS, Step, assembly_steps
from core.inference import Prediction, panoptic
from core.messages import StudioError
from core.types import Fate
from tests.app.pictures import toy_prediction
from tests.core.explain.per_pixel import per_pixel_of
from tests.e2e.drawn_models import street_prediction

SIZE = (480, 640)
SETTINGS = [
    (None, None, frozenset()),
    (0.9, 0.5, frozenset({60, 3})),
    (0.0, 0.99, frozenset()),
    (1.0, 0.5, frozenset()),
]


@pytest.fixture(scope="module")
def prediction() -> Prediction:
    return street_prediction(SIZE)


@pytest.mark.parametrize("settings", SETTINGS)
def test_the_last_step_is_the_panoptic_result(prediction: Prediction, settings: tuple) -> None:
    steps, result = assembly_steps(prediction, *settings), panoptic(prediction, *settings)
    assert np.array_equal(steps.panoptic_map, result.panoptic_map)
    assert (steps.segments, steps.fates) == (result.segments, result.fates)
    assert sorted(steps.left(Step.SEGMENTS)) == sorted(q for segment in result.segments for q in segment.queries)


@pytest.mark.parametrize("settings", SETTINGS)
def test_who_is_left_only_gets_fewer(prediction: Prediction, settings: tuple) -> None:
    steps = assembly_steps(prediction, *settings)
    left = [set(steps.left(step)) for step in STEPS]
    assert left[0] == set(range(len(prediction)))
    assert all(after <= before for before, after in pairwise(left))
    assert left[1] == set(prediction.is_object.nonzero()[:, 0].tolist()) - settings[2]
    least = prediction.score_threshold if settings[0] is None else settings[0]
    assert left[2] == left[3] == {query for query in left[1] if float(prediction.scores[query]) > least}
    assert left[4] == left[5]
    for fate in steps.fates:
        ends = steps.leaves_at(fate.query)
        assert (ends is None) == (fate.fate in (Fate.SEGMENT, Fate.FUSED))
        gone = [fate.query not in who for who in left]
        assert gone == [ends is not None and STEPS.index(step) >= STEPS.index(ends) for step in STEPS]


def test_each_pixel_goes_to_the_largest_claim(prediction: Prediction) -> None:
    steps = assembly_steps(prediction)
    competing = steps.left(Step.CONFIDENT)
    logits = interpolate(prediction.mask_logits[None, competing], SIZE, mode="bilinear", align_corners=False)[0]
    claims = logits.sigmoid() * prediction.scores[competing, None, None]
    best = claims.amax(dim=0)
    mine = claims.gather(0, torch.from_numpy(np.searchsorted(competing, steps.winners))[None])[0]
    assert float((best - mine).max()) < 1e-5
    assert np.array_equal(steps.owners >= 0, np.isin(steps.winners, steps.left(Step.OVERLAP)))
    assert steps.void_share(Step.ARGMAX) == 0
    assert steps.void_share(Step.OVERLAP) == pytest.approx((steps.panoptic_map == 0).mean())


def test_a_picture_in_which_nobody_takes_part_is_void() -> None:
    steps = assembly_steps(toy_prediction(), 1.0)
    assert (steps.winners == -1).all()
    assert (steps.left(Step.ARGMAX), steps.void_share(Step.ARGMAX), steps.segments) == ([], 1.0, ())


def test_a_per_pixel_model_assembles_nothing(prediction: Prediction) -> None:
    with pytest.raises(StudioError):
        assembly_steps(per_pixel_of(prediction))
