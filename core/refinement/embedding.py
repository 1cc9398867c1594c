"""The query that a mask amounts to, and what the model's nearest queries take such a thing for."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import cosine_similarity

from core.inference import Prediction, shortlist
from core.refinement.likeness import some_cells
from core.refinement.prompts import Mask
from core.refinement.proposals import held_cells
from core.refinement.window import Window

RIDGE = 1e-2  # of the mean variance of the pixel embeddings
NEAREST = 3  # queries whose distributions make the shortlist
LEAST_IOU = 0.2  # of a query's own mask: below, it is no relative of a mask


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


def nearest_shortlist(
    prediction: Prediction, embedding: NDArray[np.float32], window: Window, mask: Mask
) -> tuple[tuple[int, float], ...]:
    """(category_id, probability) of the queries nearest to a mask (h, w) of the window's pixels.

    Nearest are those whose own masks are most like it, each counting with its IoU; where none is, those whose mask
    embeddings point the same way. Empty for an empty mask without an embedding.
    """
    if mask.any():
        ious = _ious(prediction, window, mask)  # (Q,)
        best = ious.topk(min(NEAREST, len(prediction)))
        if best.values[0] >= LEAST_IOU:
            weights = best.values / best.values.sum()
            return _ranked(prediction, (weights[:, None] * prediction.class_probs[best.indices, :-1]).sum(dim=0))
    if not embedding.any():
        return ()
    similarity = cosine_similarity(prediction.mask_embeddings, torch.from_numpy(embedding)[None], dim=-1)
    return tuple(shortlist(prediction, similarity.topk(min(NEAREST, len(prediction))).indices.tolist()))


def _ious(prediction: Prediction, window: Window, mask: Mask) -> Tensor:
    """(Q,) IoU of each query's own mask with a mask, on cells."""
    held = held_cells(prediction)  # (Q, h', w')
    inside = torch.from_numpy(window.share(mask) >= 0.5)
    shared = (held[:, window.rows, window.columns] & inside).sum(dim=(1, 2))
    return shared / (held.sum(dim=(1, 2)) + inside.sum() - shared).clamp_min(1)


def _ranked(prediction: Prediction, probs: Tensor, limit: int = 9) -> tuple[tuple[int, float], ...]:
    values, order = probs.sort(descending=True, stable=True)
    rows = zip(order.tolist()[:limit], values.tolist(), strict=False)
    return tuple((prediction.taxonomy[index].category_id, p) for index, p in rows)
