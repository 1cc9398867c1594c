"""What mixed precision leaves in single precision on a CPU.

There the gradients of depthwise convolutions and attention among a hundred queries are slower in bfloat16 than in
float32, while dense convolutions gain where the CPU multiplies matrices of it.
"""

from collections.abc import Callable
from typing import TypeVar

import torch
from torch import Tensor

Result = TypeVar("Result")


def single_on_cpu(function: Callable[..., Result], *inputs: Tensor) -> Result:
    """``function(*inputs)``; where autocast is on and the tensors are on a CPU, in float32."""
    if inputs[0].device.type != "cpu" or not torch.is_autocast_enabled("cpu"):
        return function(*inputs)
    with torch.autocast("cpu", enabled=False):
        return function(*(x.float() if x.dtype == torch.bfloat16 else x for x in inputs))
