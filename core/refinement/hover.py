"""Which queries explain a pixel, and which one explains clicks best: what a click starts from."""

from collections.abc import Sequence

from torch import Tensor

from core.inference import Prediction
from core.types import Click

LEAST_PROBABILITY = 0.5
MOST = 3  # queries that a click votes about


def query_of(prediction: Prediction, clicks: Sequence[Click]) -> int | None:
    """The query that explains clicks best, by its claims on those inside less its claims on those outside.

    None where no query explains more than it contradicts. The clicks lie in the picture.
    """
    votes: dict[int, float] = {}
    for click in clicks:
        for query, claim in queries_at(prediction, click.x, click.y):
            votes[query] = votes.get(query, 0.0) + (claim if click.is_positive else -claim)
    best = max(votes, key=lambda query: votes[query], default=None)
    return best if best is not None and votes[best] > 0 else None


def queries_at(prediction: Prediction, x: int, y: int, limit: int = MOST) -> list[tuple[int, float]]:
    """At most ``limit`` (query, claim) whose mask holds a pixel, those that claim it most first.

    A claim is p(some class) x mask probability.
    """
    probs = prediction.mask_probs(logits_at(prediction, x, y))
    claims = probs * (1 - prediction.class_probs[:, -1])
    least = 0.0 if prediction.is_per_pixel else LEAST_PROBABILITY
    order = [query for query in claims.argsort(descending=True).tolist() if probs[query] >= least]
    return [(query, float(claims[query])) for query in order[:limit]]


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
