"""From a folder of annotated pictures to a checkpoint: matching, losses, augmentation and the loop."""

from core.training.recipe import Recipe
from core.training.recipes import RECIPES
from core.training.trainer import Trainer

__all__ = ["RECIPES", "Recipe", "Trainer"]
