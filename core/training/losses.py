"""The training loss: cross entropy with a light "no object", focal and dice on matched masks, at every layer."""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import interpolate, softplus

from core.messages import StudioError
from core.model import MaskFormerOutput
from core.training.matcher import ALPHA, GAMMA, Matching
from core.training.targets import Target


@dataclass(frozen=True, slots=True)
class Losses:
    """Sums over layers: the weighted ``total``, and its unweighted parts by name."""

    total: Tensor
    parts: dict[str, Tensor]


@dataclass(frozen=True, slots=True)
class Criterion:
    """Loss of a batch, summed over decoder layers (deep supervision)."""

    class_weight: float = 1.0
    focal_weight: float = 20.0
    dice_weight: float = 1.0
    no_object_weight: float = 0.1

    def __call__(
        self, output: MaskFormerOutput, targets: list[Target], matchings: list[Matching], step: int = 0
    ) -> Losses:
        """Mask losses are divided by the number of true masks in the batch.

        Raises:
            StudioError: the loss is not finite; names the step.
        """
        mask_count = max(1, sum(len(target.class_indices) for target in targets))
        classes = self._class_loss(output, targets, matchings)
        focal = torch.zeros_like(classes)
        dice = torch.zeros_like(classes)
        for index, (target, matching) in enumerate(zip(targets, matchings, strict=True)):
            mask_logits = _matched_logits(output, index, matching, target.valid.shape)  # (L, n, hw)
            truth, valid = target.masks.flatten(1)[matching.targets], target.valid.flatten()
            focal = focal + focal_loss(mask_logits, truth, valid).sum() / mask_count
            dice = dice + dice_loss(mask_logits, truth, valid).sum() / mask_count
        total = self.class_weight * classes + self.focal_weight * focal + self.dice_weight * dice
        require_finite(total, step)
        return Losses(total, {"classes": classes, "focal": focal, "dice": dice})

    def _class_loss(self, output: MaskFormerOutput, targets: list[Target], matchings: list[Matching]) -> Tensor:
        log_probs = torch.stack([layer.class_logits for layer in output.layers]).float().log_softmax(-1)
        no_object = log_probs.shape[-1] - 1
        loss = log_probs.new_zeros(())
        weight = log_probs.new_zeros(())
        for index, (target, matching) in enumerate(zip(targets, matchings, strict=True)):
            picture = log_probs[:, index]  # (L, Q, K+1)
            matched = picture.gather(1, matching.queries[..., None].expand(-1, -1, picture.shape[-1]))
            named = matched.gather(-1, target.class_indices[matching.targets][..., None])[..., 0]  # (L, n)
            free = torch.ones(picture.shape[:2], dtype=torch.bool, device=picture.device)
            free.scatter_(1, matching.queries, False)
            silent = _silence(picture, target.exempt, no_object)[free]
            loss = loss - named.sum() - self.no_object_weight * silent.sum()
            weight = weight + named.numel() + self.no_object_weight * silent.numel()
        return loss / weight.clamp(min=1e-6) * len(output.layers)


def require_finite(loss: Tensor, step: int) -> None:
    """Raises StudioError, with the step, where the loss is infinite or not a number."""
    if not loss.isfinite():
        raise StudioError("error.loss_not_finite", step=step)


def _silence(log_probs: Tensor, exempt: Tensor, no_object: int) -> Tensor:
    """log p(no object | no class that this picture's labels cannot refute): (L, Q, K+1) -> (L, Q).

    A free query that names an exempt class is neither punished nor rewarded: that class's logit gets no gradient.
    """
    refutable = torch.cat([~exempt, exempt.new_ones(1)])
    return log_probs[..., no_object] - log_probs[..., refutable].logsumexp(-1)


def _matched_logits(output: MaskFormerOutput, index: int, matching: Matching, grid: torch.Size) -> Tensor:
    """Mask logits of the matched queries only: (L, n, hw) on the target's grid."""
    embeddings = torch.stack([layer.mask_embeddings[index] for layer in output.layers])  # (L, Q, C)
    chosen = embeddings.gather(1, matching.queries[..., None].expand(-1, -1, embeddings.shape[-1]))
    logits = torch.einsum("lnc,chw->lnhw", chosen, output.pixel_embeddings[index]).float()
    if logits.shape[-2:] != grid:
        logits = interpolate(logits, size=grid, mode="bilinear", align_corners=False)
    return logits.flatten(2)


def focal_loss(mask_logits: Tensor, truth: Tensor, valid: Tensor) -> Tensor:
    """Mean over labelled pixels: (..., hw), (..., hw), (hw,) -> (...)."""
    probs = mask_logits.sigmoid()
    inside = truth / valid.clamp(min=1e-6)
    right = probs * inside + (1 - probs) * (1 - inside)
    entropy = softplus(mask_logits) - mask_logits * inside
    weight = ALPHA * inside + (1 - ALPHA) * (1 - inside)
    return (weight * (1 - right) ** GAMMA * entropy) @ valid / valid.sum().clamp(min=1)


def dice_loss(mask_logits: Tensor, truth: Tensor, valid: Tensor) -> Tensor:
    """1 - (2 |A n B| + 1) / (|A| + |B| + 1) over labelled pixels: (..., hw) -> (...)."""
    probs = mask_logits.sigmoid()
    sizes = probs @ valid + truth.sum(-1)
    return 1 - (2 * (probs * truth).sum(-1) + 1) / (sizes + 1)
