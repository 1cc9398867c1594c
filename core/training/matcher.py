"""Bipartite matching of queries and true segments: class + focal + dice (section 3.2 and appendix of the paper)."""

from dataclasses import dataclass

import torch
from scipy.optimize import linear_sum_assignment
from torch import Tensor
from torch.nn.functional import avg_pool2d, softplus

from core.messages import StudioError
from core.model import MaskFormerOutput
from core.training.targets import Target

ALPHA, GAMMA = 0.25, 2.0  # focal loss (arXiv 1708.02002)


@dataclass(frozen=True, slots=True)
class Matching:
    """For one picture: ``queries[l, i]`` of layer l is matched to ``targets[l, i]``; both (L, min(Q, T)) int64."""

    queries: Tensor
    targets: Tensor


@dataclass(frozen=True, slots=True)
class Matcher:
    """Finds, for every decoder layer of every picture, the cheapest one-to-one assignment.

    Costs are measured in float32 on a grid ``pool`` times coarser than the pixel embeddings.
    """

    class_weight: float = 1.0
    focal_weight: float = 20.0
    dice_weight: float = 1.0
    pool: int = 1

    @torch.no_grad()
    def __call__(self, output: MaskFormerOutput, targets: list[Target], step: int = 0) -> list[Matching]:
        """One matching a picture; ``targets`` are on the grid of the costs.

        Raises:
            StudioError: a cost is not finite; names the step and the picture's place in the batch.
        """
        pixel_embeddings = avg_pool2d(output.pixel_embeddings.float(), self.pool)  # (B, C, h, w): pooling is linear
        matchings = []
        for index, target in enumerate(targets):
            class_probs = torch.stack([layer.class_logits[index].float().softmax(-1) for layer in output.layers])
            embeddings = torch.stack([layer.mask_embeddings[index].float() for layer in output.layers])  # (L, Q, C)
            mask_logits = embeddings @ pixel_embeddings[index].flatten(1)  # (L, Q, hw)
            costs = self.costs(class_probs, mask_logits, target).cpu()  # (L, Q, T)
            if not costs.isfinite().all():
                raise StudioError("error.cost_not_finite", step=step, index=index)
            matchings.append(_assign(costs, output.pixel_embeddings.device))
        return matchings

    def costs(self, class_probs: Tensor, mask_logits: Tensor, target: Target) -> Tensor:
        """(L, Q, K+1) and (L, Q, hw) -> (L, Q, T)."""
        truth, valid = target.masks.flatten(1), target.valid.flatten()  # (T, hw), (hw,)
        return (
            self.class_weight * -class_probs[..., target.class_indices]
            + self.focal_weight * focal_cost(mask_logits, truth, valid)
            + self.dice_weight * dice_cost(mask_logits, truth, valid)
        )


def focal_cost(mask_logits: Tensor, truth: Tensor, valid: Tensor) -> Tensor:
    """Mean focal loss of every (query, target) pair: (L, Q, hw), (T, hw), (hw,) -> (L, Q, T)."""
    probs = mask_logits.sigmoid()
    if_inside = ALPHA * (1 - probs) ** GAMMA * softplus(-mask_logits)
    if_outside = (1 - ALPHA) * probs**GAMMA * softplus(mask_logits)
    return (if_inside @ truth.T + if_outside @ (valid - truth).T) / valid.sum().clamp(min=1)


def dice_cost(mask_logits: Tensor, truth: Tensor, valid: Tensor) -> Tensor:
    """1 - (2 |A n B| + 1) / (|A| + |B| + 1) of every pair: (L, Q, T)."""
    probs = mask_logits.sigmoid()
    sizes = (probs @ valid)[..., None] + truth.sum(-1)
    return 1 - (2 * probs @ truth.T + 1) / (sizes + 1)


def _assign(costs: Tensor, device: torch.device) -> Matching:
    pairs = [linear_sum_assignment(layer) for layer in costs.numpy()]
    queries, targets = (torch.stack([torch.as_tensor(pair[side]) for pair in pairs]) for side in (0, 1))
    return Matching(queries.to(device), targets.to(device))
