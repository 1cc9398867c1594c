"""Where the model is in doubt: how spread out each place's class scores are, and how close its claims are."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.explain.pixel import contestants
from core.explain.truth import grid_shares
from core.inference import Prediction
from core.types import SegmentInfo

CLOSE = 0.2  # a margin below it: another threshold or a little noise would decide otherwise
BINS = 20


@dataclass(frozen=True, eq=False)
class DoubtMaps:
    """Both maps on the padded grid of the mask logits, (h, w), 0..1.

    Attributes:
        entropy: of the semantic scores, scaled to add up to 1, over that of K equal ones.
        margin: by how much the largest claim exceeds the next one, of the queries that take part; where none does, 0.
        inside: (h, w) share of each cell that lies in the picture.
    """

    entropy: Tensor
    margin: Tensor
    inside: Tensor

    def mean(self, values: Tensor) -> float:
        """Over the picture."""
        return float((values * self.inside).sum() / self.inside.sum())

    @property
    def close_share(self) -> float:
        """Share of the picture whose margin is below ``CLOSE``."""
        return self.mean((self.margin < CLOSE).float())

    def histogram(self, values: Tensor) -> list[float]:
        """Shares of the picture by value, in ``BINS`` bins from 0 to 1."""
        places = (values.clamp(0, 1) * BINS).long().clamp(max=BINS - 1)
        counts = places.flatten().bincount(self.inside.flatten(), minlength=BINS)
        shares: list[float] = (counts / counts.sum()).tolist()
        return shares


@dataclass(frozen=True, slots=True)
class SegmentDoubt:
    """A segment's means of both maps, and the share of it whose margin is below ``CLOSE``."""

    segment_id: int
    entropy: float
    margin: float
    close_share: float


def doubt_maps(
    prediction: Prediction, score_threshold: float | None = None, off: frozenset[int] = frozenset()
) -> DoubtMaps:
    """The maps of a prediction; the threshold defaults to the checkpoint's, queries in ``off`` take no part."""
    probs = prediction.mask_probs(prediction.mask_logits)  # (Q, h, w)
    scores = torch.einsum("qk,qhw->khw", prediction.class_probs[:, :-1], probs)
    shares = scores / scores.sum(dim=0).clamp_min(1e-12)
    entropy = torch.special.entr(shares).sum(dim=0) / max(float(np.log(len(shares))), 1e-12)
    kept = contestants(prediction, score_threshold, off)
    claims = prediction.scores[kept, None, None] * probs[kept]
    best = torch.cat([claims, claims.new_zeros(2, *claims.shape[1:])]).topk(2, dim=0).values
    everywhere = np.ones(prediction.geometry.picture_hw, dtype=np.int32)
    return DoubtMaps(entropy.clamp(0, 1), best[0] - best[1], grid_shares(everywhere, [1], prediction.geometry)[0])


def segment_doubts(
    maps: DoubtMaps, label_map: NDArray[np.int32], segments: Iterable[SegmentInfo], prediction: Prediction
) -> list[SegmentDoubt]:
    """The segments of a picture, those with the largest entropy first."""
    ids = [segment.segment_id for segment in segments]
    shares = grid_shares(np.asarray(label_map), ids, prediction.geometry)  # (S, h, w)
    cells = shares.sum(dim=(1, 2)).clamp_min(1e-9)

    def means(values: Tensor) -> list[float]:
        found: list[float] = ((shares * values).sum(dim=(1, 2)) / cells).tolist()
        return found

    columns = means(maps.entropy), means(maps.margin), means((maps.margin < CLOSE).float())
    rows = [SegmentDoubt(*row) for row in zip(ids, *columns, strict=True)]
    return sorted(rows, key=lambda row: (-row.entropy, row.segment_id))
