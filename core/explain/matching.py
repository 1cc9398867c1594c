"""How training would match the queries to a picture's truth, what that costs, and how the result is scored.

Costs and losses are the paper's (:mod:`core.training.matcher`, :mod:`core.training.losses`), of the last decoder layer,
on the grid of the mask logits.
"""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment
from torch import Tensor

from core.evaluation.oracle import pair_iou
from core.evaluation.overlaps import SegmentedPicture, overlaps
from core.evaluation.panoptic_quality import Matching, match
from core.explain.truth import Truth
from core.inference import OwnMask, Prediction
from core.masks import encode_label_map
from core.messages import StudioError
from core.training.losses import Criterion
from core.training.mask_losses import mask_losses
from core.training.matcher import CostParts, Matcher, Truths, cost_parts
from core.types import VOID, PanopticResult

MATCHER, CRITERION = Matcher(), Criterion()


@dataclass(frozen=True, eq=False)
class PairLosses:
    """Loss terms before they are weighted: of the pairs (n,), and of the queries that nothing was matched to.

    Attributes:
        classes: (n,) -log p(true class).
        focal, dice: (n,).
        no_object: (Q,) -log p(no object); it counts for unmatched queries.
        total: the picture's loss, weighted and divided as in training.
        parts: class, focal and dice part of it, unweighted.
    """

    classes: Tensor
    focal: Tensor
    dice: Tensor
    no_object: Tensor
    total: float
    parts: dict[str, float]


@dataclass(frozen=True, eq=False)
class MatchedPicture:
    """One picture's matching.

    Attributes:
        truth: its T segments.
        costs: the terms, each (Q, T).
        total: (Q, T) weighted sum: what the assignment makes as small as it can be.
        queries, targets: (n,) the assignment, n = min(Q, T), by rising query.
        losses: of the pairs, in that order.
        iou: (Q, T) of each query's own mask and each true segment, at the picture's size.
        result: what the model's own assembly makes of the queries, and ``scored``, how it is judged.
    """

    truth: Truth
    costs: CostParts
    total: Tensor
    queries: NDArray[np.int64]
    targets: NDArray[np.int64]
    losses: PairLosses
    iou: NDArray[np.float64]
    result: PanopticResult
    scored: Matching

    @property
    def query_of(self) -> dict[int, int]:
        """The query of each true segment's place that has one."""
        return dict(zip(self.targets.tolist(), self.queries.tolist(), strict=True))

    @property
    def best_queries(self) -> NDArray[np.int64]:
        """(T,) the query whose own mask is nearest to each true segment, whatever its class."""
        return np.asarray(self.iou.argmax(axis=0))


def match_picture(prediction: Prediction, truth: Truth, own: list[OwnMask], result: PanopticResult) -> MatchedPicture:
    """Matches all queries; ``own`` are their own masks, ``result`` is what they were assembled to.

    Raises:
        StudioError: there is no true segment, or the network has no queries.
    """
    if prediction.is_per_pixel:
        raise StudioError("error.explain_no_queries")
    if not truth.segments:
        raise StudioError("error.explain_no_truth")
    target, probs = truth.target, prediction.class_probs
    costs = cost_parts(probs[None], prediction.mask_logits.flatten(1)[None], Truths.of([target]))
    costs = CostParts(costs.classes[0], costs.focal[0], costs.dice[0])
    total = MATCHER.class_weight * costs.classes + MATCHER.focal_weight * costs.focal + MATCHER.dice_weight * costs.dice
    queries, targets = (np.asarray(side, dtype=np.int64) for side in linear_sum_assignment(total.numpy()))
    guess = SegmentedPicture(result.panoptic_map, result.segments)
    return MatchedPicture(
        truth=truth,
        costs=costs,
        total=total,
        queries=queries,
        targets=targets,
        losses=_losses(prediction, truth, torch.from_numpy(queries), torch.from_numpy(targets)),
        iou=_iou(truth, own),
        result=result,
        scored=match(overlaps(truth.picture, guess), prediction.taxonomy),
    )


def _losses(prediction: Prediction, truth: Truth, queries: Tensor, targets: Tensor) -> PairLosses:
    target, log_probs = truth.target, prediction.class_logits.log_softmax(dim=-1)
    classes = -log_probs[queries, target.class_indices[targets]]
    focal, dice = mask_losses(prediction.mask_logits[queries], targets, target.masks, target.valid)
    free = torch.ones(len(prediction), dtype=torch.bool).index_fill(0, queries, False)
    silent = -log_probs[:, -1]
    weight = len(queries) + CRITERION.no_object_weight * int(free.sum())
    parts = {
        "classes": float((classes.sum() + CRITERION.no_object_weight * silent[free].sum()) / weight),
        "focal": float(focal.sum()) / len(truth.segments),
        "dice": float(dice.sum()) / len(truth.segments),
    }
    weights = (CRITERION.class_weight, CRITERION.focal_weight, CRITERION.dice_weight)
    total = sum(share * part for share, part in zip(weights, parts.values(), strict=True))
    return PairLosses(classes, focal, dice, silent, total, parts)


def _iou(truth: Truth, own: list[OwnMask]) -> NDArray[np.float64]:
    labels = [VOID, *(segment.segment_id for segment in truth.segments)]
    void, *segments = encode_label_map(truth.picture.label_map, labels)
    return pair_iou(segments, [mask.mask for mask in own], void)
