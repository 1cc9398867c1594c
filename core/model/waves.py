"""Plane waves: where a cell lies, told so that a dot product depends on how two places lie to each other.

A sum of a cos(phase(p) - phase(s)) + b sin(phase(p) - phase(s)) over waves is any soft shape around the place s, as a
function of p; and it is the dot product of the waves at p with amplitudes that were turned by the phases at s.
"""

import math

import torch
from torch import Tensor

DIRECTIONS = ((1.0, 0.0), (0.0, 1.0), (0.5**0.5, 0.5**0.5), (0.5**0.5, -(0.5**0.5)))  # y, x
LENGTHS = (4.0, 128.0)  # of the shortest and the longest wave, in cells of stride 4
COUNT = 8  # wave lengths, in a geometric row
WAVE_CHANNELS = 2 * len(DIRECTIONS) * COUNT  # cosines, then sines


def phases(places: Tensor) -> Tensor:
    """(..., 2) places y, x in cells -> (..., WAVE_CHANNELS / 2) in radians."""
    shortest, longest = LENGTHS
    lengths = shortest * (longest / shortest) ** torch.linspace(0, 1, COUNT, device=places.device)
    directions = torch.tensor(DIRECTIONS, device=places.device)
    along = (places[..., None, :] * directions).sum(-1)  # no matrix product: autocast would round it
    return along[..., None].mul(2 * math.pi / lengths).flatten(-2)


def waves(places: Tensor) -> Tensor:
    """(..., 2) places in cells -> (..., WAVE_CHANNELS)."""
    angles = phases(places)
    return torch.cat([angles.cos(), angles.sin()], -1)


def around(amplitudes: Tensor, places: Tensor) -> Tensor:
    """Amplitudes (..., WAVE_CHANNELS) of a shape around the origin -> of the same shape around ``places`` (..., 2)."""
    a, b = amplitudes.chunk(2, -1)
    cos, sin = waves(places).to(amplitudes.dtype).chunk(2, -1)
    return torch.cat([a * cos - b * sin, a * sin + b * cos], -1)


def grid_places(height: int, width: int, stride: int, device: torch.device) -> Tensor:
    """(height, width, 2): the centres of a grid of this stride, in cells of stride 4."""
    centres = (torch.arange(max(height, width), device=device) + 0.5) * (stride / 4)
    return torch.stack(torch.meshgrid(centres[:height], centres[:width], indexing="ij"), -1)
