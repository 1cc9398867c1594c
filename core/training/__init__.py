"""From a folder of annotated pictures to a checkpoint: matching, losses, augmentation and the loop."""

from core.training.recipe import RECIPES, Recipe
from core.training.trainer import Trainer

__all__ = ["RECIPES", "Recipe", "Trainer"]
