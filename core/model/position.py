"""Sine positions: of the keys as in DETR (arXiv 2005.12872), and of places, fine enough to tell neighbours apart."""

import math

import torch
from torch import Tensor

TEMPERATURE = 10_000.0
CYCLES = (0.5, 16.0)  # of a place's slowest and fastest wave, across the picture


def sine_positions(height: int, width: int, channels: int, device: torch.device) -> Tensor:
    """(height * width, channels): half of the channels tell y, half x; each axis is normalised to 2 pi."""
    y = torch.arange(1, height + 1, device=device) / (height + 1e-6) * 2 * math.pi
    x = torch.arange(1, width + 1, device=device) / (width + 1e-6) * 2 * math.pi
    along_y = _axis(y, channels // 2)[:, None].expand(height, width, -1)
    along_x = _axis(x, channels // 2)[None].expand(height, width, -1)
    return torch.cat([along_y, along_x], dim=-1).flatten(0, 1)


def place_features(height: int, width: int, channels: int, device: torch.device) -> Tensor:
    """(channels, height, width): where each cell's centre lies, half of the channels for y, half for x.

    The dot product of two places falls off around 0 within a twentieth of the picture: the waves' lengths are a
    geometric row, as in Fourier features (arXiv 2006.10739), where DETR's fastest wave spans the picture once.
    """
    along_y = _waves(height, channels // 2, device)[:, :, None].expand(-1, height, width)
    along_x = _waves(width, channels // 2, device)[:, None].expand(-1, height, width)
    return torch.cat([along_y, along_x])


def _waves(cells: int, channels: int, device: torch.device) -> Tensor:
    """(channels, cells): sines, then cosines."""
    slowest, fastest = CYCLES
    cycles = slowest * (fastest / slowest) ** torch.linspace(0, 1, channels // 2, device=device)
    centres = (torch.arange(cells, device=device) + 0.5) / cells
    phases = 2 * math.pi * cycles[:, None] * centres
    return torch.cat([phases.sin(), phases.cos()])


def _axis(angles: Tensor, channels: int) -> Tensor:
    """(n,) -> (n, channels): sine and cosine interleaved over falling frequencies."""
    steps = torch.arange(channels // 2, device=angles.device)
    phases = angles[:, None] / TEMPERATURE ** (2 * steps / channels)  # (n, channels / 2)
    return torch.stack([phases.sin(), phases.cos()], dim=-1).flatten(1)
