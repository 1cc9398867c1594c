"""A pixel's claims: they are the tensors', they add up to the semantic score, and the largest is the winner."""

import numpy as np
import pytest
import torch
from torch.nn.functional import interpolate

from core.explain.pixel import pixel_claims
from core.inference import Prediction, assemble, semantic
from core.inference.contest import compete
from core.messages import StudioError
from core.types import Fate
from tests.core.explain.per_pixel import per_pixel_of
from tests.e2e.drawn_models import street_prediction

SIZE = (480, 640)
PIXELS = [(0, 0), (639, 479), (272, 300), (431, 255), (250, 130), (317, 289), (123, 262)]


@pytest.fixture(scope="module")
def prediction() -> Prediction:
    return street_prediction(SIZE)


@pytest.fixture(scope="module")
def mask_probs(prediction: Prediction) -> torch.Tensor:
    """(Q, H, W), enlarged by torch alone."""
    return interpolate(prediction.mask_logits[None], SIZE, mode="bilinear", align_corners=False)[0].sigmoid()


@pytest.mark.parametrize(("x", "y"), PIXELS)
def test_contributions_add_up_to_the_semantic_score(
    prediction: Prediction, mask_probs: torch.Tensor, x: int, y: int
) -> None:
    found = pixel_claims(prediction, x, y)
    class_probs = prediction.class_logits.softmax(-1)[:, :-1]
    expected = torch.einsum("qk,q->k", class_probs, mask_probs[:, y, x])
    assert found.contributions.shape == (len(prediction), len(prediction.taxonomy))
    torch.testing.assert_close(found.contributions.sum(dim=0), expected, atol=1e-5, rtol=0)
    torch.testing.assert_close(found.class_scores, expected, atol=1e-5, rtol=0)
    assert found.semantic_class == int(semantic(prediction).class_map[y, x])
    best, second = np.sort(expected.numpy())[:-3:-1]
    assert found.semantic_margin == pytest.approx(best - second, abs=1e-5)


@pytest.mark.parametrize(("x", "y"), PIXELS)
def test_the_winner_is_the_contests(prediction: Prediction, x: int, y: int) -> None:
    kept = [row.query for row in assemble(prediction).fates if row.mask_area]
    contest = compete(prediction, torch.tensor(kept))
    found = pixel_claims(prediction, x, y)
    assert found.winner == contest.queries[contest.winners[y, x]]
    claims = sorted((float(found.claims[query]) for query in kept), reverse=True)
    assert found.margin == pytest.approx(claims[0] - claims[1])


def test_who_takes_part_is_what_the_assembly_keeps(prediction: Prediction) -> None:
    off = frozenset({12, 60})
    for threshold in (0.0, 0.5, 0.95, float(prediction.scores[17])):
        fates = assemble(prediction, threshold, off=off).fates
        in_contest = [row.fate in (Fate.SEGMENT, Fate.FUSED, Fate.OVERLAPPED) for row in fates]
        assert pixel_claims(prediction, 5, 5, score_threshold=threshold, off=off).takes_part.tolist() == in_contest


def test_where_nobody_takes_part_nobody_wins(prediction: Prediction) -> None:
    found = pixel_claims(prediction, 5, 5, score_threshold=1.0)
    assert (found.winner, found.margin) == (None, 0.0)


def test_a_per_pixel_models_claims_are_its_probabilities(prediction: Prediction) -> None:
    per_pixel = per_pixel_of(prediction)
    x, y = 4 * 30 + 1, 4 * 20 + 1
    found = pixel_claims(per_pixel, x, y)
    assert found.winner == found.semantic_class == int(semantic(per_pixel).class_map[y, x])
    torch.testing.assert_close(found.class_scores, found.claims)


@pytest.mark.parametrize(("x", "y"), [(-1, 0), (0, 480), (640, 0)])
def test_a_pixel_beside_the_picture_is_refused(prediction: Prediction, x: int, y: int) -> None:
    with pytest.raises(StudioError):
        pixel_claims(prediction, x, y)
