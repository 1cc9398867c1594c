"""The loss of the paper's per-pixel baselines: cross entropy over the labelled pixels, at every layer."""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import interpolate, softplus

from core.model import PerPixelOutput
from core.training.losses import Losses, require_finite
from core.training.targets import NOWHERE, Place, Target


@dataclass(frozen=True, slots=True)
class PixelCriterion:
    """Loss of a batch, summed over layers (deep supervision), each a mean over the batch's pixels of a class."""

    class_weight: float = 1.0

    def __call__(
        self, output: PerPixelOutput, targets: list[Target], place: Place = NOWHERE, counts: Tensor | None = None
    ) -> Losses:
        """Raises StudioError where the loss is not finite; names the step and the picture."""
        pixels = (self.counts(targets) if counts is None else counts).to(output.class_logits.device)
        surprise = torch.stack(
            [
                pixel_surprise(torch.stack([layer[index] for layer in output.layers]), target)
                for index, target in enumerate(targets)
            ]
        )
        classes = surprise / pixels.clamp(min=1)  # (B,)
        require_finite(classes, place)
        return Losses(self.class_weight * classes.sum(), {"classes": classes.sum()})

    def counts(self, targets: list[Target]) -> Tensor:
        """(1,): how many pixels are labelled."""
        return torch.stack([target.masks.sum() for target in targets]).sum()[None]


def pixel_surprise(class_logits: Tensor, target: Target) -> Tensor:
    """-log p of the true classes (L, K, h, w), summed over layers and labelled pixels.

    A cell that several segments share counts each by its share. No pixel speaks against a class that this picture's
    labels cannot refute: the logit of an exempt class gets no gradient where another class is labelled.
    """
    grid = target.valid.shape
    logits = class_logits.float()
    if logits.shape[-2:] != grid:
        logits = interpolate(logits, size=grid, mode="bilinear", align_corners=False)
    exempt = target.exempt[:, None, None]
    refutable = logits.masked_fill(exempt, torch.finfo(logits.dtype).min).logsumexp(1, keepdim=True)  # (L, 1, h, w)
    log_probs = torch.where(exempt, -softplus(refutable - logits), logits - refutable)
    shares = target.masks.new_zeros(logits.shape[1], *grid).index_add_(0, target.class_indices, target.masks)
    return -(shares * log_probs).sum()
