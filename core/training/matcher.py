"""Bipartite matching of queries and true segments: class + focal + dice (section 3.2 and appendix of the paper).

Costs are those of the paper's code and of transformers' ``MaskFormerHungarianMatcher``, up to a constant, where true
masks are whole cells of the pixel embeddings' grid. Elsewhere a cell counts by the share that is covered, there by its
nearest pixel; and pixels without a label count for nothing, there they are outside every mask.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from scipy.optimize import linear_sum_assignment
from torch import Tensor
from torch.nn.functional import avg_pool2d, softplus
from torch.nn.utils.rnn import pad_sequence

from core.messages import StudioError
from core.model import MaskFormerOutput
from core.training.mask_losses import ALPHA
from core.training.targets import NOWHERE, Place, Target

ELEMENTS = {"cpu": 1 << 22, "cuda": 1 << 28}  # mask logits at a time


@dataclass(frozen=True, slots=True)
class Matching:
    """For one picture: ``queries[l, i]`` of layer l is matched to ``targets[l, i]``; both (L, min(Q, T)) int64."""

    queries: Tensor
    targets: Tensor


@dataclass(frozen=True, slots=True)
class Truths:
    """The targets of a batch, side by side; where a picture has fewer than T segments the rest are empty.

    Attributes:
        class_indices: (B, T) int64.
        masks: (B, T, hw).
        valid: (B, hw).
    """

    class_indices: Tensor
    masks: Tensor
    valid: Tensor

    @classmethod
    def of(cls, targets: list[Target]) -> "Truths":
        """On one grid."""
        return cls(
            pad_sequence([target.class_indices for target in targets], batch_first=True),
            pad_sequence([target.masks.flatten(1) for target in targets], batch_first=True),
            torch.stack([target.valid.flatten() for target in targets]),
        )


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
    def __call__(self, output: MaskFormerOutput, targets: list[Target], place: Place = NOWHERE) -> list[Matching]:
        """One matching a picture; ``targets`` are on the grid of the costs.

        Raises:
            StudioError: a cost is not finite; names the step and the picture.
        """
        pixel_embeddings = avg_pool2d(output.pixel_embeddings.float(), self.pool).flatten(2)  # pooling is linear
        embeddings = torch.stack([layer.mask_embeddings.float() for layer in output.layers])  # (L, B, Q, C)
        class_logits = torch.stack([layer.class_logits.float() for layer in output.layers])
        truths = Truths.of(targets)
        chunks = [
            self.costs(class_logits[layers].softmax(-1), embeddings[layers] @ pixel_embeddings, truths)
            for layers in _chunks(embeddings.shape, pixel_embeddings)
        ]
        costs = torch.cat(chunks).cpu()  # (L, B, Q, T): the one transfer
        for index in range(len(targets)):
            if not costs[:, index].isfinite().all():
                raise StudioError("error.cost_not_finite", step=place.step, picture=place.name(index))
        return [
            _assign(costs[:, index, :, : len(target.class_indices)], pixel_embeddings.device)
            for index, target in enumerate(targets)
        ]

    def costs(self, class_probs: Tensor, mask_logits: Tensor, truths: Truths) -> Tensor:
        """(L, B, Q, K+1) and (L, B, Q, hw) -> (L, B, Q, T)."""
        layers, _, queries, _ = class_probs.shape
        classes = truths.class_indices[None, :, None].expand(layers, -1, queries, -1)
        return (
            self.focal_weight * focal_cost(mask_logits, truths.masks, truths.valid)
            + self.dice_weight * dice_cost(mask_logits, truths.masks, truths.valid)
            - self.class_weight * class_probs.gather(-1, classes)
        )


def focal_cost(mask_logits: Tensor, truth: Tensor, valid: Tensor) -> Tensor:
    """Mean focal loss of every (query, target) pair: (..., B, Q, hw), (B, T, hw), (B, hw) -> (..., B, Q, T)."""
    probs = mask_logits.sigmoid()
    surprise = softplus(mask_logits)  # -log(1 - p)
    if_inside = ALPHA * (1 - probs) ** 2 * (surprise - mask_logits)
    if_outside = (1 - ALPHA) * probs**2 * surprise
    outside = (if_outside @ valid[..., None]) + (if_inside - if_outside) @ truth.mT
    return outside / valid.sum(-1).clamp(min=1)[:, None, None]


def dice_cost(mask_logits: Tensor, truth: Tensor, valid: Tensor) -> Tensor:
    """1 - (2 |A n B| + 1) / (|A| + |B| + 1) of every pair: (..., B, Q, T)."""
    probs = mask_logits.sigmoid()
    sizes = probs @ valid[..., None] + truth.sum(-1)[:, None]
    return 1 - (2 * probs @ truth.mT + 1) / (sizes + 1)


def _chunks(shape: torch.Size, pixel_embeddings: Tensor) -> Iterator[slice]:
    """Decoder layers, as many at a time as memory allows."""
    layers, batch, queries, _ = shape
    a_layer = batch * queries * pixel_embeddings.shape[-1]
    size = max(1, ELEMENTS.get(pixel_embeddings.device.type, 1 << 22) // a_layer)
    return (slice(first, first + size) for first in range(0, layers, size))


def _assign(costs: Tensor, device: torch.device) -> Matching:
    pairs = [linear_sum_assignment(layer) for layer in costs.numpy()]
    queries, targets = (torch.stack([torch.as_tensor(pair[side]) for pair in pairs]) for side in (0, 1))
    return Matching(queries.to(device), targets.to(device))
