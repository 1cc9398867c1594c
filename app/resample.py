"""Mask probabilities of many queries at any size, for looking at: tiles of the query grid and the heat of one query."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import affine_grid, grid_sample

from core.inference import Geometry, Prediction
from core.types import Size


def mask_probs(prediction: Prediction, queries: slice, size_hw: Size) -> NDArray[np.float32]:
    """Bilinear mask probabilities of the picture without its padding.

    Args:
        queries: which n of them.
        size_hw: size to look at, the whole picture.

    Returns:
        (n, *size_hw), each entry in [0, 1].
    """
    logits = resample(prediction.mask_logits[queries], prediction.geometry, size_hw)
    probs: NDArray[np.float32] = prediction.mask_probs(logits).numpy()
    return probs


def resample(mask_logits: Tensor, geometry: Geometry, size_hw: Size) -> Tensor:
    """(n, *size_hw) of logits (n, h, w) on the padded grid."""
    shares = [
        resized / (geometry.stride * cells)
        for resized, cells in zip(geometry.resized_hw, geometry.grid_hw, strict=True)
    ]
    share_y, share_x = shares
    affine = torch.tensor([[[share_x, 0.0, share_x - 1], [0.0, share_y, share_y - 1]]])  # (1, 2, 3)
    grid = affine_grid(affine, [1, 1, *size_hw], align_corners=False)  # (1, H, W, 2)
    return grid_sample(mask_logits[None], grid, padding_mode="border", align_corners=False)[0]
