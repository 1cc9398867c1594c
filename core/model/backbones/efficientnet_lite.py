"""EfficientNet-Lite: EfficientNet (arXiv 1905.11946) with ReLU6 and without squeeze-and-excitation."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from torch import Tensor, nn

from core.messages import StudioError
from core.model.backbones.backbone import STRIDES, Backbone
from core.model.convolution import ConvNorm


@dataclass(frozen=True, slots=True)
class Stage:
    """One row of the EfficientNet-B0 table."""

    expansion: int
    kernel: int
    stride: int
    channels: int
    repeats: int


B0_STAGES = (
    Stage(expansion=1, kernel=3, stride=1, channels=16, repeats=1),
    Stage(expansion=6, kernel=3, stride=2, channels=24, repeats=2),
    Stage(expansion=6, kernel=5, stride=2, channels=40, repeats=2),
    Stage(expansion=6, kernel=3, stride=2, channels=80, repeats=3),
    Stage(expansion=6, kernel=5, stride=1, channels=112, repeats=3),
    Stage(expansion=6, kernel=5, stride=2, channels=192, repeats=4),
    Stage(expansion=6, kernel=3, stride=1, channels=320, repeats=1),
)
STAGES_AT_STRIDE = (1, 2, 4, 6)  # the last stage of strides 4, 8, 16, 32
LARGEST_FACTOR = 100.0


@dataclass(frozen=True, slots=True)
class LiteSpec:
    """Compound scaling; the Lite family leaves the stem and the first and last stage's depth unscaled.

    Raises:
        StudioError: a factor is not positive, or beyond every network.
    """

    width: float
    depth: float

    def __post_init__(self) -> None:
        if not (0 < self.width <= LARGEST_FACTOR and 0 < self.depth <= LARGEST_FACTOR):
            raise StudioError("error.config_range", what=str(self))

    def stages(self) -> tuple[Stage, ...]:
        last = len(B0_STAGES) - 1
        return tuple(
            Stage(
                expansion=row.expansion,
                kernel=row.kernel,
                stride=row.stride,
                channels=_scaled_channels(row.channels, self.width),
                repeats=row.repeats if index in (0, last) else math.ceil(row.repeats * self.depth),
            )
            for index, row in enumerate(B0_STAGES)
        )


EFFICIENTNET_LITES = {
    "efficientnet_lite0": LiteSpec(width=1.0, depth=1.0),
    "efficientnet_lite1": LiteSpec(width=1.0, depth=1.1),
    "efficientnet_lite2": LiteSpec(width=1.1, depth=1.2),
}
STEM_CHANNELS = 32


def _scaled_channels(channels: int, width: float) -> int:
    """The nearest multiple of 8 that loses at most a tenth."""
    nearest = max(8, int(channels * width + 4) // 8 * 8)
    return nearest + 8 if nearest < 0.9 * channels * width else nearest


def _conv_norm(inputs: int, outputs: int, kernel: int = 1, stride: int = 1, groups: int = 1) -> ConvNorm:
    conv = nn.Conv2d(inputs, outputs, kernel, stride, padding=kernel // 2, groups=groups, bias=False)
    return ConvNorm(conv, nn.BatchNorm2d(outputs, eps=1e-3, momentum=0.01))


class InvertedResidual(nn.Module):
    """Expand, filter depthwise, project; the shortcut is taken where shapes agree."""

    def __init__(self, inputs: int, outputs: int, *, expansion: int, kernel: int, stride: int) -> None:
        super().__init__()
        hidden = inputs * expansion
        self.expand = _conv_norm(inputs, hidden) if expansion > 1 else None
        self.depthwise = _conv_norm(hidden, hidden, kernel, stride, groups=hidden)
        self.project = _conv_norm(hidden, outputs)
        self.activation = nn.ReLU6(inplace=True)
        self.has_shortcut = stride == 1 and inputs == outputs

    def forward(self, x: Tensor) -> Tensor:
        expanded = x if self.expand is None else self.activation(self.expand(x))
        y: Tensor = self.project(self.activation(self.depthwise(expanded)))
        return x + y if self.has_shortcut else y


class EfficientNetLite(Backbone):
    """(B, 3, H, W) -> features at strides 4, 8, 16, 32; ``channels`` names their widths."""

    def __init__(self, spec: LiteSpec) -> None:
        super().__init__()
        self.stem = ConvNorm(*_conv_norm(3, STEM_CHANNELS, kernel=3, stride=2), nn.ReLU6(inplace=True))
        stages = []
        inputs = STEM_CHANNELS
        for row in spec.stages():
            stages.append(self._stage(inputs, row))
            inputs = row.channels
        self.stages = nn.ModuleList(stages)
        self.channels = tuple(spec.stages()[index].channels for index in STAGES_AT_STRIDE)

    @staticmethod
    def _stage(inputs: int, row: Stage) -> nn.Sequential:
        blocks = [
            InvertedResidual(
                inputs if index == 0 else row.channels,
                row.channels,
                expansion=row.expansion,
                kernel=row.kernel,
                stride=row.stride if index == 0 else 1,
            )
            for index in range(row.repeats)
        ]
        return nn.Sequential(*blocks)

    def frozen_parts(self, count: int) -> Iterable[nn.Module]:
        return self.stem, *self.stages[:count]

    def forward(self, images: Tensor, count: int = len(STRIDES)) -> tuple[Tensor, ...]:
        features = []
        x = self.stem(images)  # (B, 32, H/2, W/2)
        for index, stage in enumerate(self.stages[: STAGES_AT_STRIDE[count - 1] + 1]):
            x = stage(x)
            if index in STAGES_AT_STRIDE:
                features.append(x)
        return tuple(features)
