"""How much each of the model's segments deserves a look, and why."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import torch
from torch import Tensor

from core.inference import Prediction
from core.types import SegmentInfo

LARGE = 100  # cells of the grid: no segment from here on is doubted for its size


class Reason(StrEnum):
    """Why a segment is doubtful; the catalogue has a sentence for each."""

    CLASS = "class"  # its class distribution is spread out
    FUZZY = "fuzzy"  # many of its mask probabilities are near 0.5
    TIED = "tied"  # another query claims its pixels nearly as much
    UNSTABLE = "unstable"  # its area depends on where the mask is cut
    SMALL = "small"  # it covers few cells of the model's grid


@dataclass(frozen=True, slots=True)
class Doubt:
    """A segment's doubt 0..1, and its reasons with 0..1 each, the weightiest first."""

    segment_id: int
    score: float
    reasons: tuple[tuple[Reason, float], ...]


def doubts(prediction: Prediction, segments: Mapping[int, SegmentInfo]) -> list[Doubt]:
    """Most doubtful first; segments that a person decided about, or without queries, are not listed."""
    rows = [row for row in segments.values() if row.queries and not row.touched and not row.reviewed]
    if not rows:
        return []
    height, width = prediction.geometry.inner_hw
    claims = prediction.mask_probs(prediction.mask_logits[:, :height, :width])  # (Q, h, w)
    found = [_doubt(prediction, claims, row) for row in rows]
    return sorted(found, key=lambda doubt: (-doubt.score, doubt.segment_id))


def _doubt(prediction: Prediction, claims: Tensor, segment: SegmentInfo) -> Doubt:
    reasons = _reasons(prediction, claims, segment)
    rows = sorted(reasons.items(), key=lambda row: -row[1])
    return Doubt(segment.segment_id, float(np.mean([value for _, value in rows])), tuple(rows))


def _reasons(prediction: Prediction, claims: Tensor, segment: SegmentInfo) -> dict[Reason, float]:
    queries = list(segment.queries)
    own = claims[queries].amax(dim=0)  # (h, w)
    inside = own >= 0.5
    size = inside.sum().clamp_min(1)
    strengths = claims[:, inside] * prediction.scores[:, None]  # (Q, pixels inside)
    is_other = torch.ones(len(prediction), dtype=torch.bool)
    is_other[queries] = False
    best = strengths[queries].amax(dim=0)
    rival = strengths[is_other].amax(dim=0) if is_other.any() else torch.zeros_like(best)
    probs = prediction.class_probs[queries].mean(dim=0)
    entropy = float(torch.special.entr(probs).sum() / np.log(len(probs)))
    scale_y, scale_x = prediction.geometry.scale_hw
    cells = max(1.0, segment.area * scale_y * scale_x)
    narrow, wide = (own >= 0.75).sum(), (own >= 0.25).sum().clamp_min(1)
    return {
        Reason.CLASS: entropy,
        Reason.FUZZY: float((1 - (2 * own - 1).abs())[inside].sum() / size),
        Reason.TIED: float((rival / best.clamp_min(1e-6)).clamp(0, 1).sum() / size),
        Reason.UNSTABLE: float(1 - narrow / wide),
        Reason.SMALL: max(0.0, 1 - float(np.log(cells) / np.log(LARGE))),
    }
