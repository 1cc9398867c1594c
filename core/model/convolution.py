"""The convolution that decoders are made of."""

from torch import nn


def conv(inputs: int, outputs: int, kernel: int, bias: bool = True) -> nn.Conv2d:
    """A convolution that keeps the size, drawn as Caffe2's "Xavier", which the paper's pixel decoder starts from."""
    layer = nn.Conv2d(inputs, outputs, kernel, padding=kernel // 2, bias=bias)
    nn.init.kaiming_uniform_(layer.weight, a=1)
    if layer.bias is not None:
        nn.init.zeros_(layer.bias)
    return layer
