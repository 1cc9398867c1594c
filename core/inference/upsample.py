"""Mask logits at the picture's own size: one bilinear resize from the grid, padding cropped exactly."""

import torch
from torch import Tensor

from core.inference.prediction import Prediction


def axis_weights(length: int, scale: float, cells: int) -> tuple[Tensor, Tensor, Tensor]:
    """For each of ``length`` pixels: the grid index before it, the one after it, and the share of the latter."""
    position = ((torch.arange(length, dtype=torch.float64) + 0.5) * scale - 0.5).clamp(0, cells - 1)
    before = position.floor().long()
    return before, (before + 1).clamp(max=cells - 1), (position - before).float()


def picture_logits(prediction: Prediction, queries: Tensor) -> Tensor:
    """(n, H, W) mask logits of the chosen queries (n,)."""
    (height, width), (scale_y, scale_x) = prediction.geometry.picture_hw, prediction.geometry.scale_hw
    grid_h, grid_w = prediction.geometry.grid_hw
    logits = prediction.mask_logits[queries]
    top, bottom, fy = axis_weights(height, scale_y, grid_h)
    left, right, fx = axis_weights(width, scale_x, grid_w)
    rows = logits[:, :, left] * (1 - fx) + logits[:, :, right] * fx                        # (n, h, W)
    return rows[:, top] * (1 - fy)[:, None] + rows[:, bottom] * fy[:, None]                # (n, H, W)
