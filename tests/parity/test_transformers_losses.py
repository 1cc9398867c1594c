"""Matching, loss values and gradients are transformers' wherever the two definitions coincide.

They coincide where every pixel is labelled, true masks are whole cells of the mask logits' grid (transformers shrinks
them by nearest, ours by area) and no class is exempt.
"""

from typing import Any

import pytest
import torch
from torch import Tensor

from core.model import LayerPrediction, MaskFormerOutput
from core.training.losses import Criterion
from core.training.matcher import Matcher
from core.training.targets import Target

maskformer = pytest.importorskip("transformers.models.maskformer.modeling_maskformer")

BATCH, LAYERS, QUERIES, CLASSES, CHANNELS = 3, 4, 9, 5, 8
GRID = (6, 8)
FACTOR = 4
COUNTS = (4, 0, 9)  # true masks a picture: some, none, as many as queries


def predictions(seed: int) -> tuple[Tensor, Tensor, Tensor]:
    """Leaves: class logits (L, B, Q, K+1), mask embeddings (L, B, Q, C), pixel embeddings (B, C, h, w)."""
    generator = torch.Generator().manual_seed(seed)
    shapes = (LAYERS, BATCH, QUERIES, CLASSES + 1), (LAYERS, BATCH, QUERIES, CHANNELS), (BATCH, CHANNELS, *GRID)
    class_logits, embeddings, pixels = (torch.randn(shape, generator=generator) for shape in shapes)
    return class_logits.requires_grad_(), embeddings.requires_grad_(), pixels.requires_grad_()


def truths(seed: int) -> list[Target]:
    """A partition of every picture into segments; where there are none, no pixel belongs to any, yet all count."""
    generator = torch.Generator().manual_seed(seed)
    targets = []
    for count in COUNTS:
        owner = torch.randint(max(1, count), GRID, generator=generator)
        coarse = torch.stack([owner == segment for segment in range(count)]) if count else torch.zeros(0, *GRID)
        masks = coarse.float().repeat_interleave(FACTOR, 1).repeat_interleave(FACTOR, 2)
        classes = torch.randint(CLASSES, (count,), generator=generator)
        targets.append(
            Target(classes, classes >= 0, masks, torch.ones(masks.shape[1:]), torch.zeros(CLASSES, dtype=torch.bool))
        )
    return targets


def ours(leaves: tuple[Tensor, Tensor, Tensor], targets: list[Target]) -> tuple[dict[str, Tensor], list[Any]]:
    class_logits, embeddings, pixels = leaves
    layers = tuple(LayerPrediction(*pair) for pair in zip(class_logits, embeddings, strict=True))
    output = MaskFormerOutput(pixels, layers)
    matchings = Matcher()(output, [target.coarser(FACTOR) for target in targets])
    losses = Criterion()(output, targets, matchings)
    return {"total": losses.total, **losses.parts}, matchings


def theirs(leaves: tuple[Tensor, Tensor, Tensor], targets: list[Target]) -> tuple[dict[str, Tensor], list[Any]]:
    """The paper's sum over decoder layers of transformers' losses and matchings."""
    class_logits, embeddings, pixels = leaves
    matcher = maskformer.MaskFormerHungarianMatcher(cost_class=1.0, cost_mask=20.0, cost_dice=1.0)
    weights = {"loss_cross_entropy": 1.0, "loss_mask": 20.0, "loss_dice": 1.0}
    criterion = maskformer.MaskFormerLoss(CLASSES, matcher, weights, eos_coef=0.1)
    mask_logits = torch.einsum("lbqc,bchw->lbqhw", embeddings, pixels)
    labels = [target.masks for target in targets], [target.class_indices for target in targets]
    rows = [criterion(masks, classes, *labels) for masks, classes in zip(mask_logits, class_logits, strict=True)]
    sums = {name: sum(row[name] for row in rows) for name in weights}
    total = sum(weights[name] * value for name, value in sums.items())
    parts = dict(zip(("classes", "focal", "dice"), sums.values(), strict=True))
    pairs = [matcher(masks, classes, *labels) for masks, classes in zip(mask_logits, class_logits, strict=True)]
    return {"total": total, **parts}, pairs


@pytest.mark.parametrize("seed", range(3))
def test_losses_matchings_and_gradients_are_theirs(seed: int) -> None:
    leaves, targets = predictions(seed), truths(seed)
    (our_losses, matchings), (their_losses, pairs) = ours(leaves, targets), theirs(leaves, targets)

    for index, matching in enumerate(matchings):
        for layer, (queries, segments) in enumerate(zip(matching.queries, matching.targets, strict=True)):
            assert queries.tolist() == pairs[layer][index][0].tolist()
            assert segments.tolist() == pairs[layer][index][1].tolist()
    for name, value in our_losses.items():
        torch.testing.assert_close(value, their_losses[name], rtol=1e-5, atol=1e-5)
    gradients = [torch.autograd.grad(losses["total"], leaves) for losses in (our_losses, their_losses)]
    for our_slope, their_slope in zip(*gradients, strict=True):
        torch.testing.assert_close(our_slope, their_slope, rtol=1e-5, atol=1e-5)
