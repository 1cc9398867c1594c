"""Seeds: places of the picture at which queries start, one in the middle of every thing."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.functional import max_pool2d

from core.model.convolution import conv
from core.model.precision import single
from core.model.waves import grid_places

RARE = -4.0  # a fresh heat logit: one cell in fifty is the middle of something


@dataclass(frozen=True, slots=True)
class Seeding:
    """What queries start from.

    Attributes:
        heat_logits: (B, h, w), taught to be high in the middle of every thing.
        places: (B, S, 2) y, x in cells of stride 4.
        content: (B, S, D).
    """

    heat_logits: Tensor
    places: Tensor
    content: Tensor


class Seeds(nn.Module):
    """The highest peaks of a heat map on the pixel decoder's finest features (B, channels, h, w)."""

    def __init__(self, channels: int, *, width: int, count: int) -> None:
        super().__init__()
        self.count = count
        heat = conv(channels, 1, kernel=1, start=RARE)
        self.heat = nn.Sequential(conv(channels, channels, kernel=3), nn.ReLU(), heat)
        self.content = nn.Linear(channels, width)

    def forward(self, features: Tensor) -> Seeding:
        *hidden, last = self.heat
        heat_logits = single(last, nn.Sequential(*hidden)(features))[:, 0]  # (B, h, w), not rounded to ties
        cells = peaks(heat_logits.detach(), self.count)  # (B, S)
        height, width = heat_logits.shape[-2:]
        places = grid_places(height, width, 4, features.device).flatten(0, 1)[cells]  # (B, S, 2)
        chosen = features.flatten(2).gather(2, cells[:, None].expand(-1, features.shape[1], -1))  # (B, channels, S)
        return Seeding(heat_logits, places, self.content(chosen.transpose(1, 2)))


def peaks(heat: Tensor, count: int) -> Tensor:
    """(B, h, w) -> (B, count) cells by falling heat, those first that no neighbour exceeds.

    A grid with fewer cells than that gives its cells again.
    """
    exceeded = heat < max_pool2d(heat[:, None], 3, stride=1, padding=1)[:, 0]
    ranked = heat.masked_fill(exceeded, -torch.inf).flatten(1)
    order = ranked.topk(min(count, ranked.shape[1])).indices
    return order[:, torch.arange(count, device=heat.device) % order.shape[1]]
