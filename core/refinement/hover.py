"""Which query explains a pixel best: what a click there would start from."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from core.inference import Prediction, own_masks
from core.masks import area, box_xyxy, decode
from core.messages import StudioError
from core.types import Box

LEAST_PROBABILITY = 0.5


@dataclass(frozen=True, slots=True)
class Explanation:
    """A query, the half-open box of its own mask and the mask (h, w) inside it; ``probability`` is at the pixel."""

    query: int
    probability: float
    box: Box
    mask: NDArray[np.bool_]


def best_query_at(prediction: Prediction, x: int, y: int) -> Explanation | None:
    """The query with the largest p(some class) x mask probability at a pixel; None where no mask holds the pixel.

    Raises:
        StudioError: the pixel lies outside the picture.
    """
    height, width = prediction.geometry.picture_hw
    if not (0 <= x < width and 0 <= y < height):
        raise StudioError("error.point_outside", x=x, y=y, width=width, height=height)
    for query, probability in queries_at(prediction, x, y):
        own = own_masks(prediction, [query])[0].mask
        x0, y0, x1, y1 = box_xyxy(own)
        if area(own) and x0 <= x < x1 and y0 <= y < y1:
            return Explanation(query, probability, (x0, y0, x1, y1), decode(own)[y0:y1, x0:x1])
    return None


def queries_at(prediction: Prediction, x: int, y: int, limit: int = 3) -> list[tuple[int, float]]:
    """At most ``limit`` (query, mask probability) whose mask holds the pixel, those that claim it most first."""
    probs = prediction.mask_probs(logits_at(prediction, x, y))
    claims = probs * (1 - prediction.class_probs[:, -1])
    order = claims.argsort(descending=True)[:limit].tolist()
    least = 0.0 if prediction.is_per_pixel else LEAST_PROBABILITY
    return [(query, float(probs[query])) for query in order if probs[query] >= least]


def logits_at(prediction: Prediction, x: int, y: int) -> Tensor:
    """(Q,) mask logits at a pixel, bilinear between cells."""
    (rows, columns), (scale_y, scale_x) = prediction.geometry.grid_hw, prediction.geometry.scale_hw
    down, across = max(0.0, (y + 0.5) * scale_y - 0.5), max(0.0, (x + 0.5) * scale_x - 0.5)
    top, left = min(int(down), rows - 1), min(int(across), columns - 1)
    bottom, right = min(top + 1, rows - 1), min(left + 1, columns - 1)
    v, u, logits = down - top, across - left, prediction.mask_logits
    above = logits[:, top, left] * (1 - u) + logits[:, top, right] * u
    below = logits[:, bottom, left] * (1 - u) + logits[:, bottom, right] * u
    return above * (1 - v) + below * v
