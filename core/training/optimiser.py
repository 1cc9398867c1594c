"""AdamW with the paper's parameter groups, and the schedules of the learning rate."""

import math
from bisect import bisect_right
from collections.abc import Callable

from torch import nn
from torch.optim import AdamW
from torch.optim.lr_scheduler import LambdaLR

from core.model import Network
from core.training.recipe import Recipe

UNDECAYED_MODULES = (nn.LayerNorm, nn.GroupNorm, nn.BatchNorm2d, nn.Embedding)
UNDECAYED_NAMES = {"position_bias"}  # Swin's

# What is left of the learning rate after a share of the run.
SCHEDULES: dict[str, Callable[[Recipe, float], float]] = {
    "poly": lambda recipe, done: math.pow(max(0.0, 1 - done), recipe.poly_power),
    "step": lambda recipe, done: math.pow(0.1, bisect_right(recipe.milestones, done)),
    "cosine": lambda recipe, done: (1 + math.cos(math.pi * min(1.0, done))) / 2,
}


def freeze(model: Network, recipe: Recipe) -> None:
    """Keeps as they are what the recipe says: stages of the backbone, and statistics of its batch norms."""
    freeze_stages(model, recipe.frozen_stages)
    if recipe.frozen_statistics:
        for module in model.backbone.modules():
            if isinstance(module, nn.BatchNorm2d):
                module.eval().requires_grad_(False)


def freeze_stages(model: Network, count: int) -> None:
    """Keeps the stem and the first ``count`` backbone stages as they are: weights and batch statistics."""
    if count == 0:
        return
    for module in model.backbone.frozen_parts(count):
        module.eval().requires_grad_(False)


def build_optimiser(model: Network, recipe: Recipe) -> AdamW:
    """Backbone parameters learn at ``backbone_multiplier`` times the rate; norms and positions do not decay."""
    groups: dict[tuple[bool, bool], list[nn.Parameter]] = {}
    for prefix, module in model.named_modules():
        for name, parameter in module.named_parameters(recurse=False):
            if parameter.requires_grad:
                undecayed = isinstance(module, UNDECAYED_MODULES) or name in UNDECAYED_NAMES
                groups.setdefault((prefix.startswith("backbone"), undecayed), []).append(parameter)
    rows = [
        {
            "params": parameters,
            "lr": recipe.learning_rate * (recipe.backbone_multiplier if in_backbone else 1.0),
            "weight_decay": 0.0 if undecayed else recipe.weight_decay,
        }
        for (in_backbone, undecayed), parameters in groups.items()
    ]
    return AdamW(rows, fused=True)


def build_schedule(optimiser: AdamW, recipe: Recipe) -> LambdaLR:
    """Linear warm-up times the recipe's schedule."""
    left = SCHEDULES[recipe.schedule]

    def factor(step: int) -> float:
        warmup = min(1.0, (step + 1) / max(1, recipe.warmup_steps))
        return warmup * left(recipe, step / recipe.steps)

    return LambdaLR(optimiser, factor)
