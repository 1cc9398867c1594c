"""What a batch teaches: one objective for each formulation, chosen by a table."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from core.model import MaskFormerOutput, PerPixelOutput
from core.training.losses import Criterion, Losses
from core.training.matcher import Matcher
from core.training.per_pixel import PixelCriterion
from core.training.recipe import Recipe
from core.training.targets import Target


class Objective(Protocol):
    """The loss of a network's output against the pictures' truth; ``step`` is for messages."""

    def __call__(self, output: Any, targets: list[Target], step: int) -> Losses: ...


@dataclass(frozen=True, slots=True)
class MaskObjective:
    """Mask classification: queries are matched to segments, then judged by what they were matched to."""

    matcher: Matcher
    criterion: Criterion
    coarser: int  # how much coarser the matching's grid is than the losses'

    def __call__(self, output: MaskFormerOutput, targets: list[Target], step: int) -> Losses:
        matchings = self.matcher(output, [target.coarser(self.coarser) for target in targets], step)
        return self.criterion(output, targets, matchings, step)

    @classmethod
    def of(cls, recipe: Recipe) -> "MaskObjective":
        """With the recipe's weights and strides."""
        weights = recipe.class_weight, recipe.focal_weight, recipe.dice_weight
        return cls(
            Matcher(*weights, pool=max(1, recipe.matching_stride // 4)),
            Criterion(*weights, recipe.no_object_weight),
            coarser=max(1, recipe.matching_stride // recipe.loss_stride),
        )


@dataclass(frozen=True, slots=True)
class PixelObjective:
    """Per-pixel classification: every labelled pixel is judged by its class."""

    criterion: PixelCriterion

    def __call__(self, output: PerPixelOutput, targets: list[Target], step: int) -> Losses:
        return self.criterion(output, targets, step)

    @classmethod
    def of(cls, recipe: Recipe) -> "PixelObjective":
        """With the recipe's weight."""
        return cls(PixelCriterion(recipe.class_weight))


OBJECTIVES: dict[str, Callable[[Recipe], Objective]] = {
    "mask": MaskObjective.of,
    "per_pixel": PixelObjective.of,
    "per_pixel_plus": PixelObjective.of,
}
