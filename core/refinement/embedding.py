"""The query that a mask amounts to, and what the model's queries take such a thing for."""

import numpy as np
import torch
from numpy.typing import NDArray

from core.inference import Prediction
from core.refinement.likeness import some_cells
from core.refinement.prompts import Mask
from core.refinement.window import Window

RIDGE = 1e-2  # of the mean variance of the pixel embeddings


def embedding_of(prediction: Prediction, window: Window, mask: Mask) -> NDArray[np.float32]:
    """(C,) the mask embedding whose logits come nearest to +-1 inside and outside a mask (h, w) of the window.

    Least squares with both sides weighing the same, on some cells of a large window; zeros for per-pixel models, and
    for masks of which no cell holds anything worth counting.
    """
    if prediction.is_per_pixel or not (shares := window.share(mask)).any():
        return np.zeros(len(prediction.pixel_embeddings), dtype=np.float32)
    few = torch.from_numpy(some_cells(shares))  # (rows, columns), n of them
    pixels = prediction.pixel_embeddings[:, window.rows, window.columns][:, few]  # (C, n)
    share = torch.from_numpy(shares)[few]
    weights = share / share.sum() + (1 - share) / (1 - share).sum().clamp_min(1e-6)
    weighted = pixels * weights
    curvature = weighted @ pixels.T
    curvature.diagonal().add_(RIDGE * curvature.diagonal().mean().clamp_min(1e-6))
    solved: NDArray[np.float32] = torch.linalg.solve(curvature, weighted @ (2 * share - 1)).numpy()
    return solved


def mask_shortlist(prediction: Prediction, window: Window, mask: Mask, limit: int = 9) -> tuple[tuple[int, float], ...]:
    """(category_id, probability) of what the queries take a mask (h, w) of the window's pixels for, likeliest first.

    Each query's class distribution counts as much as its own mask is like this one: by the IoU of its probabilities
    with the share that the mask has of each cell. Empty where the mask has none of any.
    """
    share = torch.from_numpy(window.share(mask))  # (rows, columns)
    if not share.any():
        return ()
    height, width = prediction.geometry.inner_hw
    probs = prediction.mask_probs(prediction.mask_logits[:, :height, :width])  # (Q, h', w')
    shared = torch.einsum("qhw,hw->q", probs[:, window.rows, window.columns], share)
    ious = shared / (probs.sum(dim=(1, 2)) + share.sum() - shared)  # (Q,)
    classes = ious @ prediction.class_probs[:, :-1]  # (K,)
    values, order = (classes / classes.sum().clamp_min(1e-9)).sort(descending=True, stable=True)
    rows = zip(order.tolist()[:limit], values.tolist(), strict=False)
    return tuple((prediction.taxonomy[index].category_id, p) for index, p in rows)
