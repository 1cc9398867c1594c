"""Bipartite matching of queries and true segments: class + focal + dice (section 3.2 and appendix of the paper).

Costs are those of the paper's code and of transformers' ``MaskFormerHungarianMatcher``, up to a constant, where true
masks are whole cells of the pixel embeddings' grid. Elsewhere a cell counts by the share that is covered, there by its
nearest pixel; and pixels without a label count for nothing, there they are outside every mask.
"""

from collections.abc import Iterable, Iterator
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

ELEMENTS = {"cpu": 1 << 19, "cuda": 1 << 27}  # mask logits at a time: on a CPU they stay in its caches


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
        pixels = avg_pool2d(output.pixel_embeddings.float(), self.pool).flatten(2)  # pooling is linear
        embeddings = torch.cat([layer.mask_embeddings.float() for layer in output.layers], 1)  # (B, L Q, C)
        class_logits = torch.cat([layer.class_logits.float() for layer in output.layers], 1)
        costs = self.costs(class_logits.softmax(-1), embeddings, pixels, Truths.of(targets)).cpu()  # the one transfer
        costs = torch.stack(costs.chunk(len(output.layers), 1), 1)  # (B, L, Q, T)
        for index in range(len(targets)):
            if not costs[index].isfinite().all():
                raise StudioError("error.cost_not_finite", step=place.step, picture=place.name(index))
        return [
            _assign(costs[index, :, :, : len(target.class_indices)], pixels.device)
            for index, target in enumerate(targets)
        ]

    @torch.no_grad()
    def costs(self, class_probs: Tensor, mask_embeddings: Tensor, pixel_embeddings: Tensor, truths: Truths) -> Tensor:
        """(B, Q, K+1), (B, Q, C) and (B, C, hw) -> (B, Q, T)."""
        queries = mask_embeddings.shape[1]
        strips = _strips(mask_embeddings, pixel_embeddings)
        logits = ((strip, mask_embeddings @ pixel_embeddings[..., strip]) for strip in strips)
        focal, common, sizes = _added(logits, queries, truths)
        return (
            self.focal_weight * focal / truths.valid.sum(-1).clamp(min=1)[:, None, None]
            + self.dice_weight * (1 - (2 * common + 1) / (sizes + 1))
            - self.class_weight * class_probs.gather(-1, truths.class_indices[:, None].expand(-1, queries, -1))
        )


@dataclass(frozen=True, slots=True)
class CostParts:
    """The terms of :meth:`Matcher.costs` before they are weighted and added, each (B, Q, T)."""

    classes: Tensor
    focal: Tensor
    dice: Tensor


@torch.no_grad()
def cost_parts(class_probs: Tensor, mask_logits: Tensor, truths: Truths) -> CostParts:
    """(B, Q, K+1) and (B, Q, hw) -> the terms that a :class:`Matcher` weighs."""
    queries = mask_logits.shape[1]
    logits = ((strip, mask_logits[..., strip].clone()) for strip in _strips(mask_logits, mask_logits))
    focal, common, sizes = _added(logits, queries, truths)
    return CostParts(
        classes=-class_probs.gather(-1, truths.class_indices[:, None].expand(-1, queries, -1)),
        focal=focal / truths.valid.sum(-1).clamp(min=1)[:, None, None],
        dice=1 - (2 * common + 1) / (sizes + 1),
    )


def _added(logits: Iterable[tuple[slice, Tensor]], queries: int, truths: Truths) -> tuple[Tensor, Tensor, Tensor]:
    """The sums of :func:`pair_sums` over strips of pixels: focal, |A n B| and |A| + |B|, each (B, Q, T)."""
    sizes = truths.masks.sum(-1)[:, None].expand(-1, queries, -1)
    focal, common = torch.zeros_like(sizes), torch.zeros_like(sizes)
    for strip, mask_logits in logits:
        sums = pair_sums(mask_logits, truths.masks[..., strip], truths.valid[..., strip])
        focal, common, sizes = focal + sums[0], common + sums[1], sizes + sums[2]
    return focal, common, sizes


def pair_sums(mask_logits: Tensor, truth: Tensor, valid: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Sums over pixels for every (query, target) pair: (B, Q, n), (B, T, n), (B, n) -> focal, |A n B|, and |A|.

    The first two are (B, Q, T), the last (B, Q, 1). Uses up ``mask_logits``.
    """
    probs = mask_logits.sigmoid()
    common, size = probs @ truth.mT, probs @ valid[..., None]
    surprise = softplus(mask_logits)  # -log(1 - p)
    if_inside = torch.sub(surprise, mask_logits, out=mask_logits)  # -log p
    if_outside = surprise.mul_(probs).mul_(probs)
    absent = probs.neg_().add_(1)
    if_inside.mul_(absent).mul_(absent)
    focal = ALPHA * (if_inside @ truth.mT) + (1 - ALPHA) * (if_outside @ (valid[:, None] - truth).mT)
    return focal, common, size


def _strips(embeddings: Tensor, pixels: Tensor) -> Iterator[slice]:
    """Pixels, as many at a time as their mask logits should be."""
    batch, queries, _ = embeddings.shape
    size = max(1, ELEMENTS.get(pixels.device.type, 1 << 19) // (batch * queries))
    return (slice(first, first + size) for first in range(0, pixels.shape[-1], size))


def _assign(costs: Tensor, device: torch.device) -> Matching:
    pairs = [linear_sum_assignment(layer) for layer in costs.numpy()]
    queries, targets = (torch.stack([torch.as_tensor(pair[side]) for pair in pairs]) for side in (0, 1))
    return Matching(queries.to(device), targets.to(device))
