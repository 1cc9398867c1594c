"""ResNet with bottlenecks (arXiv 1512.03385), the stride in the 3x3; and DeepLab's deep-stemmed "c" variant."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from torch import Tensor, nn

from core.messages import StudioError
from core.model.backbones.backbone import MOST_BLOCKS, MOST_CHANNELS, STRIDES, Backbone, are_counts
from core.model.convolution import ConvNorm

REDUCTION = 4  # a bottleneck's outer channels over its inner ones


@dataclass(frozen=True, slots=True)
class ResNetSpec:
    """One variant.

    Attributes:
        depths: bottlenecks of each stage.
        widths: channels at strides 4, 8, 16, 32.
        stem: one width for a 7x7 convolution, several for a row of 3x3 convolutions.
        multi_grid: dilation of each bottleneck of the last stage; empty for none.

    Raises:
        StudioError: the rows do not fit together.
    """

    depths: tuple[int, ...]
    widths: tuple[int, ...] = (256, 512, 1024, 2048)
    stem: tuple[int, ...] = (64,)
    multi_grid: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        widths = (self.widths, self.stem, self.multi_grid)
        counted = are_counts(self.depths, MOST_BLOCKS) and all(are_counts(row, MOST_CHANNELS) for row in widths)
        if not (counted and self._fits()):
            raise StudioError("error.config_range", what=str(self))

    def _fits(self) -> bool:
        fits = len(self.depths) == len(self.widths) == 4 and len(self.multi_grid) in (0, self.depths[-1])
        return fits and len(self.stem) > 0 and all(width % REDUCTION == 0 for width in self.widths)


RESNETS = {
    "resnet50": ResNetSpec(depths=(3, 4, 6, 3)),
    "resnet101": ResNetSpec(depths=(3, 4, 23, 3)),
    "resnet101c": ResNetSpec(depths=(3, 4, 23, 3), stem=(64, 64, 128), multi_grid=(1, 2, 4)),
}


def _conv_norm(inputs: int, outputs: int, kernel: int = 1, stride: int = 1, dilation: int = 1) -> ConvNorm:
    padding = kernel // 2 * dilation
    conv = nn.Conv2d(inputs, outputs, kernel, stride, padding, dilation, bias=False)
    nn.init.kaiming_normal_(conv.weight, mode="fan_out", nonlinearity="relu")
    return ConvNorm(conv, nn.BatchNorm2d(outputs))


class Bottleneck(nn.Module):
    """Reduce, filter, expand; the shortcut is projected where shapes disagree."""

    def __init__(self, inputs: int, outputs: int, *, stride: int, dilation: int) -> None:
        super().__init__()
        inner = outputs // REDUCTION
        self.reduce = _conv_norm(inputs, inner)
        self.filter = _conv_norm(inner, inner, kernel=3, stride=stride, dilation=dilation)
        self.expand = _conv_norm(inner, outputs)
        agrees = stride == 1 and inputs == outputs
        self.shortcut = None if agrees else _conv_norm(inputs, outputs, stride=stride)
        self.activation = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        y = self.activation(self.reduce(x))
        y = self.expand(self.activation(self.filter(y)))
        y += x if self.shortcut is None else self.shortcut(x)
        added: Tensor = self.activation(y)
        return added


class ResNet(Backbone):
    """(B, 3, H, W) -> features at strides 4, 8, 16, 32; ``channels`` names their widths."""

    def __init__(self, spec: ResNetSpec) -> None:
        super().__init__()
        self.channels = spec.widths
        self.stem = _stem(spec.stem)
        self.pool = nn.MaxPool2d(kernel_size=3, stride=2, padding=1)
        dilations = [(1,) * depth for depth in spec.depths[:-1]] + [spec.multi_grid or (1,) * spec.depths[-1]]
        edges = pairwise((spec.stem[-1], *spec.widths))
        self.stages = nn.ModuleList(
            _stage(inputs, outputs, dilations=dilations[index], stride=1 if index == 0 else 2)
            for index, (inputs, outputs) in enumerate(edges)
        )

    def frozen_parts(self, count: int) -> Iterable[nn.Module]:
        return self.stem, *self.stages[:count]

    def forward(self, images: Tensor, count: int = len(STRIDES)) -> tuple[Tensor, ...]:
        features = []
        x = self.pool(self.stem(images))  # (B, stem, H/4, W/4)
        for stage in self.stages[:count]:
            x = stage(x)
            features.append(x)
        return tuple(features)


def _stem(widths: tuple[int, ...]) -> nn.Sequential:
    """The first convolution halves the picture; each is followed by batch norm and ReLU."""
    kernel = 7 if len(widths) == 1 else 3
    rows = enumerate(pairwise((3, *widths)))
    return nn.Sequential(
        *(
            ConvNorm(*_conv_norm(inputs, outputs, kernel, stride=1 if index else 2), nn.ReLU(inplace=True))
            for index, (inputs, outputs) in rows
        )
    )


def _stage(inputs: int, outputs: int, *, dilations: tuple[int, ...], stride: int) -> nn.Sequential:
    first = Bottleneck(inputs, outputs, stride=stride, dilation=dilations[0])
    others = (Bottleneck(outputs, outputs, stride=1, dilation=dilation) for dilation in dilations[1:])
    return nn.Sequential(first, *others)
