"""Swin Transformer (arXiv 2103.14030): attention inside windows, which every other block shifts by half."""

from collections.abc import Iterable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from core.messages import StudioError
from core.model.backbones.backbone import MOST_BLOCKS, MOST_CHANNELS, STRIDES, Backbone, are_counts
from core.model.backbones.windows import INITIAL_STD, WindowAttention, cut, join, padded

PATCH = 4
FEEDFORWARD_RATIO = 4
LARGEST_WINDOW = 64  # tokens; every block keeps a table of the window's fourth power


@dataclass(frozen=True, slots=True)
class SwinSpec:
    """One variant.

    Attributes:
        width: channels at stride 4; they double with every stage.
        depths: blocks of each stage.
        heads: attention heads of each stage.
        window: side of a window, in tokens.
        drop_path: stochastic depth of the last block in training; the first has none.

    Raises:
        StudioError: the rows do not fit together.
    """

    width: int
    depths: tuple[int, ...]
    heads: tuple[int, ...]
    window: int
    drop_path: float = 0.3

    def __post_init__(self) -> None:
        counted = are_counts(self.depths, MOST_BLOCKS) and are_counts((self.width, *self.heads), MOST_CHANNELS)
        in_range = are_counts((self.window,), LARGEST_WINDOW) and 0 <= self.drop_path < 1
        if not (counted and in_range and self._fits()):
            raise StudioError("error.config_range", what=str(self))

    def _fits(self) -> bool:
        fits = len(self.depths) == len(self.heads) == 4
        return fits and not any(c % h for c, h in zip(self.widths, self.heads, strict=True))

    @property
    def widths(self) -> tuple[int, ...]:
        """Channels at strides 4, 8, 16, 32."""
        return tuple(self.width * 2**stage for stage in range(len(self.depths)))


SWINS = {
    "swin_tiny": SwinSpec(width=96, depths=(2, 2, 6, 2), heads=(3, 6, 12, 24), window=7),
    "swin_small": SwinSpec(width=96, depths=(2, 2, 18, 2), heads=(3, 6, 12, 24), window=7),
    "swin_base": SwinSpec(width=128, depths=(2, 2, 18, 2), heads=(4, 8, 16, 32), window=12),
    "swin_large": SwinSpec(width=192, depths=(2, 2, 18, 2), heads=(6, 12, 24, 48), window=12),
}


class Block(nn.Module):
    """Attention inside (shifted) windows, then a perceptron: each is normalised first and added."""

    def __init__(self, width: int, heads: int, *, window: int, shift: int, drop_path: float) -> None:
        super().__init__()
        self.window = window
        self.shift = shift
        self.attention_norm = nn.LayerNorm(width)
        self.attention = WindowAttention(width, heads, window=window, shift=shift)
        self.feedforward_norm = nn.LayerNorm(width)
        hidden = FEEDFORWARD_RATIO * width
        self.feedforward = nn.Sequential(nn.Linear(width, hidden), nn.GELU(), nn.Linear(hidden, width))
        self.drop_path = DropPath(drop_path)

    def forward(self, x: Tensor) -> Tensor:  # (B, H, W, C)
        x = x + self.drop_path(self._attend(self.attention_norm(x)))
        thought: Tensor = x + self.drop_path(self.feedforward(self.feedforward_norm(x)))
        return thought

    def _attend(self, x: Tensor) -> Tensor:
        _, height, width, _ = x.shape
        x = padded(x, self.window)
        rows, columns = x.shape[1] // self.window, x.shape[2] // self.window
        if self.shift:
            x = x.roll((-self.shift, -self.shift), dims=(1, 2))
        x = join(self.attention.attend(cut(x, self.window), rows, columns), rows, columns)
        if self.shift:
            x = x.roll((self.shift, self.shift), dims=(1, 2))
        return x[:, :height, :width]


class PatchMerging(nn.Module):
    """2x2 neighbours become one token of twice the channels."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(4 * width)
        self.reduction = nn.Linear(4 * width, 2 * width, bias=False)

    def forward(self, x: Tensor) -> Tensor:  # (B, H, W, C)
        x = padded(x, 2)
        corners = [x[:, row::2, column::2] for column in (0, 1) for row in (0, 1)]
        merged: Tensor = self.reduction(self.norm(torch.cat(corners, dim=-1)))  # (B, H/2, W/2, 2C)
        return merged


class Stage(nn.Module):
    """Blocks, then the merging that the next stage starts from."""

    def __init__(self, width: int, heads: int, *, window: int, drop_paths: list[float], merges: bool) -> None:
        super().__init__()
        self.blocks = nn.Sequential(
            *(
                Block(width, heads, window=window, shift=index % 2 * (window // 2), drop_path=rate)
                for index, rate in enumerate(drop_paths)
            )
        )
        self.merge = PatchMerging(width) if merges else None

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """The stage's output, and what the next stage starts from."""
        x = self.blocks(x)
        return x, x if self.merge is None else self.merge(x)


class Swin(Backbone):
    """(B, 3, H, W) -> features at strides 4, 8, 16, 32; ``channels`` names their widths."""

    def __init__(self, spec: SwinSpec) -> None:
        super().__init__()
        self.channels = spec.widths
        self.patch_embedding = nn.Conv2d(3, spec.width, PATCH, PATCH)
        self.patch_norm = nn.LayerNorm(spec.width)
        rates = torch.linspace(0, spec.drop_path, sum(spec.depths), device="cpu")
        rates_of_stages = torch.split(rates, list(spec.depths))
        self.stages = nn.ModuleList(
            Stage(width, heads, window=spec.window, drop_paths=rate.tolist(), merges=width != spec.widths[-1])
            for width, heads, rate in zip(spec.widths, spec.heads, rates_of_stages, strict=True)
        )
        self.norms = nn.ModuleList(nn.LayerNorm(width) for width in spec.widths)
        self.apply(_initialise)

    def frozen_parts(self, count: int) -> Iterable[nn.Module]:
        return self.patch_embedding, self.patch_norm, *self.stages[:count]

    def forward(self, images: Tensor, count: int = len(STRIDES)) -> tuple[Tensor, ...]:
        pixels = padded(images.permute(0, 2, 3, 1), PATCH)
        x = self.patch_embedding(pixels.permute(0, 3, 1, 2))
        x = self.patch_norm(x.permute(0, 2, 3, 1))  # (B, H/4, W/4, C)
        features = []
        for stage, norm in zip(self.stages[:count], self.norms[:count], strict=True):
            output, x = stage(x)
            features.append(norm(output).permute(0, 3, 1, 2))
        return tuple(features)


class DropPath(nn.Module):
    """Stochastic depth: in training, a picture skips this branch with probability ``rate``."""

    def __init__(self, rate: float) -> None:
        super().__init__()
        self.rate = rate

    def forward(self, x: Tensor) -> Tensor:
        if not self.training or self.rate == 0:
            return x
        kept = x.new_empty(len(x), *(1,) * (x.dim() - 1)).bernoulli_(1 - self.rate)
        return x * kept / (1 - self.rate)


def _initialise(module: nn.Module) -> None:
    if isinstance(module, nn.Linear):
        nn.init.trunc_normal_(module.weight, std=INITIAL_STD)
        if module.bias is not None:
            nn.init.zeros_(module.bias)
