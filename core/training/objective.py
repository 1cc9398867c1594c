"""What a batch teaches: one objective for each formulation, chosen by a table."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from torch import Tensor

from core.model import MaskFormerConfig, MaskFormerOutput, PerPixelOutput
from core.training.losses import Criterion, Losses
from core.training.matcher import Matcher
from core.training.per_pixel import PixelCriterion
from core.training.recipe import Recipe
from core.training.targets import NOWHERE, Place, Target


class Objective(Protocol):
    """The loss of a network's output against the pictures' truth.

    A batch that is computed in parts, by one process or by several, has one divisor: ``counts`` of the parts add up,
    and given to each part they make the parts' losses add up to the batch's.
    """

    def counts(self, targets: list[Target]) -> Tensor:
        """What the losses of these pictures are divided by."""

    def __call__(
        self, output: Any, targets: list[Target], place: Place = NOWHERE, counts: Tensor | None = None
    ) -> Losses: ...


@dataclass(frozen=True, slots=True)
class MaskObjective:
    """Mask classification: queries are matched to segments, then judged by what they were matched to."""

    matcher: Matcher
    criterion: Criterion
    coarser: int  # how much coarser the matching's grid is than the losses'
    queries: int

    def counts(self, targets: list[Target]) -> Tensor:
        return self.criterion.counts(targets, self.queries)

    def __call__(
        self, output: MaskFormerOutput, targets: list[Target], place: Place = NOWHERE, counts: Tensor | None = None
    ) -> Losses:
        matchings = self.matcher(output, [target.coarser(self.coarser) for target in targets], place)
        return self.criterion(output, targets, matchings, place, counts)

    @classmethod
    def of(cls, recipe: Recipe, config: MaskFormerConfig) -> "MaskObjective":
        """With the recipe's weights and strides."""
        weights = recipe.class_weight, recipe.focal_weight, recipe.dice_weight
        return cls(
            Matcher(*weights, pool=max(1, recipe.matching_stride // 4)),
            Criterion(*weights, recipe.no_object_weight),
            coarser=max(1, recipe.matching_stride // recipe.loss_stride),
            queries=config.num_queries,
        )


@dataclass(frozen=True, slots=True)
class PixelObjective:
    """Per-pixel classification: every labelled pixel is judged by its class."""

    criterion: PixelCriterion

    def counts(self, targets: list[Target]) -> Tensor:
        return self.criterion.counts(targets)

    def __call__(
        self, output: PerPixelOutput, targets: list[Target], place: Place = NOWHERE, counts: Tensor | None = None
    ) -> Losses:
        return self.criterion(output, targets, place, counts)

    @classmethod
    def of(cls, recipe: Recipe, config: MaskFormerConfig) -> "PixelObjective":
        """With the recipe's weight."""
        return cls(PixelCriterion(recipe.class_weight))


OBJECTIVES: dict[str, Callable[[Recipe, MaskFormerConfig], Objective]] = {
    "mask": MaskObjective.of,
    "per_pixel": PixelObjective.of,
    "per_pixel_plus": PixelObjective.of,
}
