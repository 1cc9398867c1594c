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


def probs_at(prediction: Prediction, x: int, y: int) -> Tensor:
    """(Q,) bilinear mask probability of every query at one pixel of the picture."""
    geometry = prediction.geometry
    places = [(place + 0.5) * scale - 0.5 for place, scale in zip((y, x), geometry.scale_hw, strict=True)]
    (top, bottom, down), (left, right, across) = map(_between, places, geometry.grid_hw)
    logits = prediction.mask_logits
    upper = torch.lerp(logits[:, top, left], logits[:, top, right], across)
    lower = torch.lerp(logits[:, bottom, left], logits[:, bottom, right], across)
    return prediction.mask_probs(torch.lerp(upper, lower, down))


def _between(place: float, cells: int) -> tuple[int, int, float]:
    """The two cells around a place on one axis, and how far it is from the first to the second."""
    place = min(max(place, 0.0), cells - 1.0)
    before = int(place)
    return before, min(before + 1, cells - 1), place - before
