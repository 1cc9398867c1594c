"""Who claims one pixel: every query's claim, and the classes' scores as sums over queries (the paper's section 3.4)."""

from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from core.inference import Prediction
from core.messages import StudioError
from core.refinement.hover import logits_at


@dataclass(frozen=True, eq=False)
class PixelClaims:
    """All that N queries say about one pixel.

    Attributes:
        x, y: the picture's pixel.
        scores: (Q,) p(best class) of each query.
        class_probs: (Q, K), without "no object".
        mask_probs: (Q,) at the pixel.
        takes_part: (Q,) True for the queries that compete for pixels in panoptic inference.
    """

    x: int
    y: int
    scores: Tensor
    class_probs: Tensor
    mask_probs: Tensor
    takes_part: Tensor

    @cached_property
    def claims(self) -> Tensor:
        """(Q,) p(best class) x mask probability: the largest of those that take part wins the pixel."""
        return self.scores * self.mask_probs

    @cached_property
    def order(self) -> list[int]:
        """All queries by falling claim, equal ones by number."""
        order: list[int] = self.claims.argsort(descending=True, stable=True).tolist()
        return order

    @cached_property
    def contributions(self) -> Tensor:
        """(Q, K) p(class) x mask probability: what each query adds to each class."""
        return self.class_probs * self.mask_probs[:, None]

    @cached_property
    def class_scores(self) -> Tensor:
        """(K,) what semantic inference compares: the sums of the contributions, which need not add up to 1."""
        return self.contributions.sum(dim=0)

    @property
    def semantic_class(self) -> int:
        """The class index with the largest score."""
        return int(self.class_scores.argmax())

    @property
    def semantic_margin(self) -> float:
        """How far its score is above the next class's."""
        return _lead(self.class_scores)

    @property
    def contestants(self) -> list[int]:
        """The queries that take part, by falling claim: the first is the winner."""
        return [query for query in self.order if self.takes_part[query]]

    @property
    def winner(self) -> int | None:
        """The query that wins the pixel, before the overlap test; None where none takes part."""
        return next(iter(self.contestants), None)

    @property
    def margin(self) -> float:
        """How far the winner's claim is above the next one's; 0 where none takes part."""
        return _lead(self.claims[self.takes_part])


def pixel_claims(
    prediction: Prediction, x: int, y: int, *, score_threshold: float | None = None, off: frozenset[int] = frozenset()
) -> PixelClaims:
    """The claims on a pixel; the threshold defaults to the checkpoint's, queries in ``off`` take no part.

    Raises:
        StudioError: the pixel lies outside the picture.
    """
    height, width = prediction.geometry.picture_hw
    if not (0 <= x < width and 0 <= y < height):
        raise StudioError("error.point_outside", x=x, y=y, width=width, height=height)
    return PixelClaims(
        x=x,
        y=y,
        scores=prediction.scores,
        class_probs=prediction.class_probs[:, :-1],
        mask_probs=prediction.mask_probs(logits_at(prediction, x, y)),
        takes_part=contestants(prediction, score_threshold, off),
    )


def contestants(prediction: Prediction, score_threshold: float | None, off: frozenset[int]) -> Tensor:
    """(Q,) True for the queries that compete for pixels: rule 1 of :mod:`core.inference.panoptic`."""
    least = prediction.score_threshold if score_threshold is None else score_threshold
    kept = prediction.is_object & (prediction.scores.double() > (0.0 if prediction.is_per_pixel else least))
    kept[sorted(off)] = False
    return kept


def _lead(values: Tensor) -> float:
    """How far the largest of (n,) values is above the next; above 0 where there is one, and 0 where there is none."""
    best = torch.cat([values, values.new_zeros(2)]).topk(2).values
    return float(best[0] - best[1])
