"""Doubt against a plain restatement, segment by segment."""

import numpy as np
import torch

from core.inference import panoptic
from core.refinement import Reason, doubts
from tests.core.refinement.test_refiner import predictor


def prediction():
    image = np.random.default_rng(4).integers(0, 256, (61, 47, 3), dtype=np.uint8)
    return predictor().predict(image)


def test_every_reason_is_what_it_says():
    said = prediction()
    segments = {row.segment_id: row for row in panoptic(said, 0.0, 0.0).segments}
    height, width = said.geometry.inner_hw
    claims = said.mask_logits[:, :height, :width].sigmoid()
    for doubt in doubts(said, segments):
        queries = list(segments[doubt.segment_id].queries)
        others = [query for query in range(len(said)) if query not in queries]
        own = torch.stack([claims[query] for query in queries]).max(dim=0).values
        inside = own >= 0.5
        count = max(1, int(inside.sum()))
        best, rival = (
            torch.stack([claims[q] * said.scores[q] for q in chosen]).max(dim=0).values for chosen in (queries, others)
        )
        probs = said.class_probs[queries].mean(dim=0)
        expected = {
            Reason.CLASS: float(-(probs * probs.log()).sum() / np.log(len(probs))),
            Reason.FUZZY: float((1 - (2 * own[inside] - 1).abs()).sum() / count),
            Reason.TIED: float((rival / best)[inside].clamp(0, 1).sum() / count),
            Reason.UNSTABLE: 1 - int((own >= 0.75).sum()) / max(1, int((own >= 0.25).sum())),
            Reason.SMALL: smallness(said, segments[doubt.segment_id].area),
        }
        found = dict(doubt.reasons)
        assert found.keys() == expected.keys()
        for reason, value in expected.items():
            assert abs(found[reason] - value) < 1e-5
        assert abs(doubt.score - np.mean(list(expected.values()))) < 1e-5


def smallness(said, pixels):
    """1 of a single cell or less, 0 from a square of 10 x 10 cells on, in between by the logarithm of its side."""
    (picture_h, picture_w), (height, width) = said.geometry.picture_hw, said.geometry.resized_hw
    side = np.sqrt(pixels * (height / picture_h) * (width / picture_w)) / said.geometry.stride
    return float(np.clip(1 - np.log10(max(side, 1)), 0, 1))


def test_the_most_doubtful_stand_first_and_decided_ones_are_left_out():
    said = prediction()
    segments = {row.segment_id: row for row in panoptic(said, 0.0, 0.0).segments}
    scores = [doubt.score for doubt in doubts(said, segments)]
    assert scores == sorted(scores, reverse=True)
    assert len(scores) == len(segments)
    assert doubts(said, {}) == []
