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
ELEMENTS = {"cpu": 1 << 19, "cuda": 1 << 26}  # enlarged logits at a time: on a CPU they stay in its caches
# Rows that have a neighbour, their neighbours, and the row at the border, which is its own.
BEFORE = slice(1, None), slice(None, -1), slice(0, 1)
BEHIND = slice(None, -1), slice(1, None), slice(-1, None)


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
        size = max(1, ELEMENTS.get(valid.device.type, 1 << 19) // valid.numel())
        for first in range(0, len(mask_logits), size):
            rows = slice(first, first + size)
            enlarged = _enlarge(mask_logits[rows], valid.shape)
            focal[rows], dice[rows], *steep = _losses_and_slopes(enlarged, truth[which[rows]], valid)
            for slope, found in zip(slopes, steep, strict=True):
                slope[rows] = enlarge_backward(found, mask_logits.shape[1:])
        ctx.save_for_backward(slopes)
        return focal, dice

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, focal: Tensor, dice: Tensor) -> tuple[Tensor, None, None, None]:
        (slopes,) = ctx.saved_tensors
        return focal[:, None, None] * slopes[0] + dice[:, None, None] * slopes[1], None, None, None


def _losses_and_slopes(logits: Tensor, truth: Tensor, valid: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Focal and dice (N,), and their derivatives by each logit (N, H, W). Uses up ``logits``."""
    probs = logits.sigmoid()
    inside = truth / valid.clamp(min=1e-6)
    flip = 1 - 2 * inside  # the derivative of 1 - p_t by p
    surprise = softplus(logits).addcmul_(logits, inside, value=-1)  # -log p_t
    miss = torch.addcmul(inside, probs, flip, out=logits)  # 1 - p_t
    weighted = (inside * (2 * ALPHA - 1)).add_(1 - ALPHA).mul_(valid / valid.sum().clamp(min=1)).mul_(miss)
    focal_slope = torch.sub(probs, inside, out=inside).mul_(miss)
    focal = _inner(miss.mul_(surprise), weighted)

    common = 2 * _inner(probs, truth) + 1
    sizes = (probs.flatten(1) @ valid.flatten()) + truth.sum((1, 2)) + 1
    dice = 1 - common / sizes
    spread = probs.addcmul_(probs, probs, value=-1)  # the derivative of p
    focal_slope.addcmul_(surprise.mul_(spread), flip, value=2).mul_(weighted)
    towards, away = (factor[:, None, None] for factor in (2 / sizes, common / sizes**2))
    dice_slope = torch.mul(valid, away, out=flip).addcmul_(truth, towards, value=-1).mul_(spread)
    return focal, dice, focal_slope, dice_slope


def _inner(a: Tensor, b: Tensor) -> Tensor:
    """(N, H, W) twice -> (N,): the sum of products."""
    products: Tensor = torch.linalg.vecdot(a.flatten(1), b.flatten(1))
    return products


def _enlarge(masks: Tensor, grid: torch.Size) -> Tensor:
    """Bilinearly, (N, h, w) -> (N, H, W); a copy."""
    if masks.shape[1:] == grid:
        return masks.clone()
    return interpolate(masks[None], size=grid, mode="bilinear", align_corners=False)[0]


def enlarge_backward(slopes: Tensor, grid: torch.Size) -> Tensor:
    """The adjoint of bilinear enlargement: (N, H, W) -> (N, h, w), what each small pixel gave to the large ones.

    One side at a time; several times faster than torch's own, which visits the large pixels one by one.
    """
    if slopes.shape[1:] == grid:
        return slopes
    return _gather_rows(slopes, grid[0]) @ _shares(slopes, slopes.shape[2], grid[1])


def _gather_rows(slopes: Tensor, height: int) -> Tensor:
    """(N, H, W) -> (N, h, W)."""
    factor, rest = divmod(slopes.shape[1], height)
    if rest:
        return _shares(slopes, slopes.shape[1], height).T @ slopes
    cells = slopes.view(len(slopes), height, factor, -1)  # (N, h, factor, W)
    gathered = torch.zeros_like(cells[:, :, 0])
    for index, row in enumerate(cells.unbind(2)):
        offset = (index + 0.5) / factor - 0.5  # of the large row from the middle of its small one
        gathered.add_(row, alpha=1 - abs(offset))
        own, next_one, edge = BEFORE if offset < 0 else BEHIND
        gathered[:, next_one].add_(row[:, own], alpha=abs(offset))
        gathered[:, edge].add_(row[:, edge], alpha=abs(offset))
    return gathered


def _shares(like: Tensor, large: int, small: int) -> Tensor:
    """(large, small): how much of each small pixel is in each large one, along one side."""
    eye = torch.eye(small, dtype=like.dtype, device=like.device)
    return interpolate(eye[None], size=large, mode="linear", align_corners=False)[0].T
