"""What the comparisons of single modules share: drawn weights, renaming by table, and the tolerance."""

import re

import torch
from torch import Tensor, nn


def randomise(module: nn.Module, seed: int = 3) -> None:
    """Weights and statistics of a size that keeps every part of the module audible."""
    generator = torch.Generator().manual_seed(seed)
    for name, tensor in module.state_dict().items():
        if tensor.is_floating_point():
            drawn = torch.randn(tensor.shape, generator=generator)
            near_one = name.endswith("running_var") or (name.endswith("weight") and tensor.dim() == 1)
            tensor.copy_(1 + 0.1 * drawn.abs() if near_one else drawn / tensor[0].numel() ** 0.5)


def rename(published: dict[str, Tensor], patterns: dict[str, str]) -> dict[str, Tensor]:
    """Names that a pattern matches whole are rewritten; raises KeyError where none or several do."""
    renamed = {}
    for name, tensor in published.items():
        found = [re.sub(f"^{old}$", new, name) for old, new in patterns.items() if re.fullmatch(old, name)]
        if len(found) != 1:
            raise KeyError(f"{name}: {found}")
        renamed[found[0]] = tensor
    return renamed


def close(ours: Tensor, theirs: Tensor) -> bool:
    """The largest difference is at most 1e-4 of the largest value."""
    return ours.shape == theirs.shape and bool((ours - theirs).abs().max() <= 1e-4 * theirs.abs().max())
