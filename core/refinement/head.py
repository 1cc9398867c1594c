"""The click head: a small U-Net from what is known of a crop to the mask that a person means there."""

from typing import cast

import torch
from torch import Tensor, nn
from torch.nn.functional import interpolate

from core.refinement.inputs import CHANNELS

WIDTHS = (16, 32, 64, 96)  # at the crop's cells, and at every second, fourth and eighth
CONTEXT = 3  # corrections where the whole crop is 12 x 12 cells
SHARE = 3  # the channel that holds the mask as it stands
TRUST = 3.0  # logits that the mask as it stands begins with


class Block(nn.Module):
    """3x3 convolutions with what came in added: (B, a, h, w) -> (B, b, h, w), or half the size."""

    def __init__(self, channels: int, width: int, stride: int = 1) -> None:
        super().__init__()
        self.first = nn.Conv2d(channels, width, 3, stride, padding=1)
        self.norm = nn.GroupNorm(8, width)
        self.second = nn.Conv2d(width, width, 3, padding=1)

    def forward(self, values: Tensor) -> Tensor:
        came = torch.relu(self.norm(self.first(values)))
        return came + torch.relu(self.second(came))


class Correction(nn.Module):
    """What came in, and what two 3x3 convolutions add to it, at first nothing: (B, a, h, w) -> (B, a, h, w)."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(width, width, 3, padding=1)
        self.norm = nn.GroupNorm(8, width)
        self.second = nn.Conv2d(width, width, 3, padding=1)
        nn.init.zeros_(self.second.weight)
        nn.init.zeros_(cast(Tensor, self.second.bias))

    def forward(self, values: Tensor) -> Tensor:
        return cast(Tensor, values + self.second(torch.relu(self.norm(self.first(values)))))


class ClickHead(nn.Module):
    """(B, CHANNELS, s, s) -> (B, s, s) mask logits; ``s`` is a multiple of 8."""

    def __init__(self) -> None:
        super().__init__()
        fine, *coarser = WIDTHS
        self.stem = nn.Conv2d(CHANNELS, fine, 3, padding=1)
        self.first = nn.Conv2d(fine, fine, 3, padding=1)
        self.down = nn.ModuleList(Block(a, b, stride=2) for a, b in zip(WIDTHS, coarser, strict=False))
        self.middle = Block(WIDTHS[-1], WIDTHS[-1])
        self.context = nn.Sequential(*(Correction(WIDTHS[-1]) for _ in range(CONTEXT)))
        self.narrow = nn.ModuleList(nn.Conv2d(b, a, 1) for a, b in zip(WIDTHS, coarser, strict=False))
        self.up = nn.ModuleList(nn.Conv2d(a, a, 3, padding=1) for a in WIDTHS[:-1])
        detail = [nn.Identity(), *(Correction(width) for width in WIDTHS[1:-1])]  # at full size it would cost most
        self.detail = nn.ModuleList(detail)
        self.trust = nn.Parameter(torch.tensor(TRUST))
        self.last = nn.Conv2d(fine, 1, 1)
        nn.init.zeros_(self.last.weight)
        nn.init.zeros_(cast(Tensor, self.last.bias))

    def forward(self, inputs: Tensor) -> Tensor:
        values = torch.relu(self.stem(inputs))
        values = torch.relu(self.first(values)) + values
        levels = [values]
        for down in self.down:
            levels.append(down(levels[-1]))
        values = self.context(self.middle(levels.pop()))
        for narrow, up, detail in zip(*(list(each)[::-1] for each in (self.narrow, self.up, self.detail)), strict=True):
            level = levels.pop()
            values = interpolate(narrow(values), size=level.shape[-2:], mode="bilinear", align_corners=False) + level
            values = detail(torch.relu(up(values)) + values)
        mask = self.trust * (2 * inputs[:, SHARE] - 1)
        return cast(Tensor, self.last(values)[:, 0] + mask)
