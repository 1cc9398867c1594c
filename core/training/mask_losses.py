"""Focal and dice loss of matched masks at the truth's size, in the memory of the masks' own size.

Both losses are plain functions of each enlarged logit, so that their slopes are known in closed form. They are taken
while the enlarged masks are at hand, some masks at a time, and brought back to the masks' own grid at once: nothing of
the enlarged size is kept for the backward pass.
"""

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable
from torch.nn.functional import interpolate, softplus

ALPHA = 0.25  # of the focal loss (arXiv 1708.02002), whose gamma is 2
ELEMENTS = {"cpu": 1 << 20, "cuda": 1 << 26}  # enlarged logits at a time


def mask_losses(mask_logits: Tensor, which: Tensor, truth: Tensor, valid: Tensor) -> tuple[Tensor, Tensor]:
    """Losses of each mask against the true mask it was matched to.

    Args:
        mask_logits: (N, h, w), enlarged bilinearly to the truth's size.
        which: (N,) int64, the true mask of each.
        truth: (T, H, W), the share of each cell that the segment covers.
        valid: (H, W), the share that is labelled: void counts for nothing.

    Returns:
        focal: (N,), the mean over labelled pixels of alpha_t (1 - p_t) ** 2 (-log p_t).
        dice: (N,), 1 - (2 |A n B| + 1) / (|A| + |B| + 1).
    """
    focal, dice = _MaskLosses.apply(mask_logits, which, truth, valid)  # type: ignore[no-untyped-call]
    return focal, dice


class _MaskLosses(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, mask_logits: Tensor, which: Tensor, truth: Tensor, valid: Tensor) -> tuple[Tensor, Tensor]:
        focal, dice = mask_logits.new_empty(2, len(mask_logits))
        slopes = mask_logits.new_empty(2, *mask_logits.shape)
        size = max(1, ELEMENTS.get(valid.device.type, 1 << 20) // valid.numel())
        for first in range(0, len(mask_logits), size):
            rows = slice(first, first + size)
            enlarged = _enlarge(mask_logits[rows], valid.shape)
            focal[rows], dice[rows], *steep = _losses_and_slopes(enlarged, truth[which[rows]], valid)
            for slope, found in zip(slopes, steep, strict=True):
                slope[rows] = _enlarge_backward(found, mask_logits[rows].shape)
        ctx.save_for_backward(slopes)
        return focal, dice

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, focal: Tensor, dice: Tensor) -> tuple[Tensor, None, None, None]:
        (slopes,) = ctx.saved_tensors
        return focal[:, None, None] * slopes[0] + dice[:, None, None] * slopes[1], None, None, None


def _losses_and_slopes(logits: Tensor, truth: Tensor, valid: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Focal and dice (N,), and their derivatives by each logit (N, H, W)."""
    probs = logits.sigmoid()
    spread = probs * (1 - probs)  # the derivative of probs
    inside = truth / valid.clamp(min=1e-6)
    miss = torch.addcmul(probs + inside, probs, inside, value=-2)  # 1 - p_t
    surprise = torch.addcmul(softplus(logits), logits, inside, value=-1)  # -log p_t
    weighted = miss * valid * ((1 - ALPHA) + (2 * ALPHA - 1) * inside) / valid.sum().clamp(min=1)
    focal = (weighted * miss * surprise).sum((1, 2))
    focal_slope = weighted * (2 * spread * (1 - 2 * inside) * surprise + miss * (probs - inside))

    common = 2 * (probs * truth).sum((1, 2), keepdim=True) + 1
    sizes = (probs * valid).sum((1, 2), keepdim=True) + truth.sum((1, 2), keepdim=True) + 1
    dice = (1 - common / sizes)[:, 0, 0]
    dice_slope = spread * (common / sizes**2 * valid - 2 / sizes * truth)
    return focal, dice, focal_slope, dice_slope


def _enlarge(masks: Tensor, grid: torch.Size) -> Tensor:
    if masks.shape[1:] == grid:
        return masks
    return interpolate(masks[None], size=grid, mode="bilinear", align_corners=False)[0]


def _enlarge_backward(slopes: Tensor, shape: torch.Size) -> Tensor:
    """The adjoint of :func:`_enlarge`: (N, H, W) -> (N, h, w)."""
    if slopes.shape == shape:
        return slopes
    back: Tensor = torch.ops.aten.upsample_bilinear2d_backward(slopes[None], slopes.shape[1:], (1, *shape), False)
    return back[0]
