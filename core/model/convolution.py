"""The convolutions that backbones and decoders are made of."""

from typing import Any

from torch import Tensor, nn
from torch.nn.functional import conv2d

from core.model.precision import single_on_cpu


class ConvNorm(nn.Sequential):
    """A convolution without bias, its batch norm, and what may follow.

    With fixed statistics the norm is one more linear map, which goes into the convolution's weights: activations are
    read and kept once, not twice. Gradients reach the same parameters.
    """

    def __init__(self, conv: nn.Conv2d, norm: nn.BatchNorm2d, *following: nn.Module) -> None:
        super().__init__(conv, norm, *following)

    def forward(self, x: Tensor) -> Tensor:
        is_depthwise = self[0].groups > 1  # type: ignore[operator]
        return single_on_cpu(self._normed, x) if is_depthwise else self._normed(x)

    def _normed(self, x: Tensor) -> Tensor:
        conv, norm, *following = self
        x = norm(conv(x)) if norm.training else _as_one(x, conv, norm)
        for module in following:
            x = module(x)
        return x


def _as_one(x: Tensor, conv: Any, norm: Any) -> Tensor:
    """``norm(conv(x))`` with fixed statistics."""
    scale = norm.weight * (norm.running_var + norm.eps).rsqrt()
    weight, bias = conv.weight * scale[:, None, None, None], norm.bias - norm.running_mean * scale
    return conv2d(x, weight, bias, conv.stride, conv.padding, conv.dilation, conv.groups)


def conv(inputs: int, outputs: int, kernel: int, bias: bool = True, start: float = 0.0) -> nn.Conv2d:
    """A convolution that keeps the size, drawn as Caffe2's "Xavier", which the paper's pixel decoder starts from.

    ``start`` is what a fresh bias says.
    """
    layer = nn.Conv2d(inputs, outputs, kernel, padding=kernel // 2, bias=bias)
    nn.init.kaiming_uniform_(layer.weight, a=1)
    if layer.bias is not None:
        nn.init.constant_(layer.bias, start)
    return layer
