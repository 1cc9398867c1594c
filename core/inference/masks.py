"""A query's own mask at the picture's size.

It is where the query's mask probability is at least 0.5 or, per pixel, where no class is more probable.
"""

import numpy as np
import torch
from numpy.typing import NDArray

from core.inference.cells import CellGrid
from core.inference.contest import compete_all
from core.inference.prediction import Prediction


def query_mask(prediction: Prediction, query: int) -> NDArray[np.bool_]:
    """(H, W) True inside the query's mask."""
    if prediction.is_per_pixel:
        return np.asarray(compete_all(prediction).winners == query)
    grid = CellGrid.of(prediction.geometry)
    corners = grid.corners(prediction.mask_logits[query, None])
    lowest, highest = grid.bounds(corners)
    mask = grid.spread((lowest[0] >= 0).numpy())
    flat = torch.from_numpy(mask).view(-1)
    border = ((lowest[0] < 0) & (highest[0] >= 0)).nonzero()[:, 0]
    for chunk in grid.chunks(border):
        cells = border[chunk]
        inside = (grid.interpolate(corners, torch.zeros_like(cells), cells) >= 0) & grid.is_pixel(cells)
        flat[grid.pixel_indices(cells)[inside]] = True
    return mask
