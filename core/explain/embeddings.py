"""Pixel embeddings for the eye: three colours for C numbers."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

_CUT = 0.02  # share of the places at either end of a direction that is not told apart


def embedding_colors(pixel_embeddings: Tensor) -> NDArray[np.uint8]:
    """The embeddings along the three directions in which they differ most, as red, green and blue.

    Places whose embeddings are alike have like colours; which colour a direction gets means nothing.

    Args:
        pixel_embeddings: (C, h, w).

    Returns:
        (h, w, 3); a direction that does not exist (C < 3, or all alike) is grey.
    """
    height, width = pixel_embeddings.shape[1:]
    places = pixel_embeddings.flatten(1).double()
    places = places - places.mean(dim=1, keepdim=True)
    _, directions = torch.linalg.eigh(places @ places.T / places.shape[1])  # columns, by rising spread
    spread = torch.zeros((3, height * width), dtype=torch.float64)
    strongest = directions.flip(1)[:, :3]
    spread[: strongest.shape[1]] = (strongest * _sign(strongest)).T @ places
    return (_stretched(spread).reshape(3, height, width).permute(1, 2, 0).numpy() * 255).round().astype(np.uint8)


def _sign(directions: Tensor) -> Tensor:
    """(n,) what makes the largest entry of each column positive: an eigenvector may as well be its negative."""
    largest = directions.gather(0, directions.abs().argmax(dim=0, keepdim=True))[0]
    return torch.where(largest < 0, -1.0, 1.0)


def _stretched(rows: Tensor) -> Tensor:
    """Each row to [0, 1], its extremes cut; a row without spread becomes 0.5."""
    ends = torch.quantile(rows, torch.tensor([_CUT, 1 - _CUT], dtype=rows.dtype), dim=1)
    low, span = ends[0][:, None], (ends[1] - ends[0])[:, None]
    stretched = ((rows - low) / span.clamp(min=1e-12)).clamp(0, 1)
    return torch.where(span > 1e-9, stretched, torch.full_like(stretched, 0.5))
