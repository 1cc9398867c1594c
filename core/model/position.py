"""Sine positions of the keys, as in DETR (arXiv 2005.12872)."""

import math

import torch
from torch import Tensor

TEMPERATURE = 10_000.0


def sine_positions(height: int, width: int, channels: int, device: torch.device) -> Tensor:
    """(height * width, channels): half of the channels tell y, half x; each axis is normalised to 2 pi."""
    y = torch.arange(1, height + 1, device=device) / (height + 1e-6) * 2 * math.pi
    x = torch.arange(1, width + 1, device=device) / (width + 1e-6) * 2 * math.pi
    along_y = _axis(y, channels // 2)[:, None].expand(height, width, -1)
    along_x = _axis(x, channels // 2)[None].expand(height, width, -1)
    return torch.cat([along_y, along_x], dim=-1).flatten(0, 1)


def _axis(angles: Tensor, channels: int) -> Tensor:
    """(n,) -> (n, channels): sine and cosine interleaved over falling frequencies."""
    steps = torch.arange(channels // 2, device=angles.device)
    phases = angles[:, None] / TEMPERATURE ** (2 * steps / channels)  # (n, channels / 2)
    return torch.stack([phases.sin(), phases.cos()], dim=-1).flatten(1)
