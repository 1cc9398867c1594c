"""Training the click head on corrections that a simulated person makes."""

from core.training.clicks.loop import ClickTrainer
from core.training.clicks.recipe import ClickRecipe

__all__ = ["ClickRecipe", "ClickTrainer"]
