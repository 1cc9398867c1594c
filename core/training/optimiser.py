"""AdamW with the paper's parameter groups, and the poly schedule with warm-up."""

import math

from torch import nn
from torch.optim import AdamW
from torch.optim.lr_scheduler import LambdaLR

from core.model import Network
from core.training.recipe import Recipe

UNDECAYED_MODULES = (nn.LayerNorm, nn.GroupNorm, nn.BatchNorm2d, nn.Embedding)
UNDECAYED_NAMES = {"position_bias"}  # Swin's


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
    """Linear warm-up times (1 - step / steps) ** power."""

    def factor(step: int) -> float:
        warmup = min(1.0, (step + 1) / recipe.warmup_steps)
        left = max(0.0, 1 - step / recipe.steps)
        return warmup * math.pow(left, recipe.poly_power)

    return LambdaLR(optimiser, factor)
