"""Which query explains each cell best: :func:`core.refinement.hover.queries_at` for the whole picture at once."""

import numpy as np
import torch
from numpy.typing import NDArray

from core.inference import Prediction
from core.refinement.hover import LEAST_PROBABILITY

NONE = -1


def best_queries(prediction: Prediction) -> NDArray[np.int16]:
    """(h, w) on the cells that cover the picture: of the queries whose mask holds a cell, the one that claims it most.

    A claim is p(some class) x mask probability. -1 where no mask holds the cell; per pixel there is always one.
    """
    height, width = prediction.geometry.inner_hw
    probs = prediction.mask_probs(prediction.mask_logits[:, :height, :width])  # (Q, h, w)
    claims = probs * (1 - prediction.class_probs[:, -1])[:, None, None]
    least = 0.0 if prediction.is_per_pixel else LEAST_PROBABILITY
    claims[probs < least] = NONE
    best = claims.max(dim=0)  # values and queries, both (h, w)
    chosen: NDArray[np.int16] = torch.where(best.values >= 0, best.indices, NONE).to(torch.int16).numpy()
    return chosen
