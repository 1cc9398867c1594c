"""The query that a mask amounts to, and what the model's nearest queries take such a thing for."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn.functional import cosine_similarity

from core.inference import Prediction, shortlist
from core.refinement.prompts import Mask
from core.refinement.window import Window

RIDGE = 1e-2  # of the mean variance of the pixel embeddings
NEAREST = 3  # queries whose distributions make the shortlist


def embedding_of(prediction: Prediction, window: Window, mask: Mask) -> NDArray[np.float32]:
    """(C,) the mask embedding whose logits come nearest to +-1 inside and outside a mask (h, w) of the window.

    Least squares with both sides weighing the same; zeros for per-pixel models and for empty masks.
    """
    channels = len(prediction.pixel_embeddings)
    if prediction.is_per_pixel or not mask.any():
        return np.zeros(channels, dtype=np.float32)
    pixels = prediction.pixel_embeddings[:, window.rows, window.columns].reshape(channels, -1)
    share = torch.from_numpy(window.share(mask)).flatten()
    weights = share / share.sum() + (1 - share) / (1 - share).sum().clamp_min(1e-6)
    weighted = pixels * weights
    curvature = weighted @ pixels.T
    curvature.diagonal().add_(RIDGE * curvature.diagonal().mean().clamp_min(1e-6))
    solved: NDArray[np.float32] = torch.linalg.solve(curvature, weighted @ (2 * share - 1)).numpy()
    return solved


def nearest_shortlist(prediction: Prediction, embedding: NDArray[np.float32]) -> tuple[tuple[int, float], ...]:
    """(category_id, probability) from the queries whose mask embeddings point the same way; empty for zeros."""
    if not embedding.any():
        return ()
    similarity = cosine_similarity(prediction.mask_embeddings, torch.from_numpy(embedding)[None], dim=-1)
    return tuple(shortlist(prediction, similarity.topk(min(NEAREST, len(prediction))).indices.tolist()))
