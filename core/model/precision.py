"""What mixed precision leaves in single precision.

On a CPU the gradients of depthwise convolutions and attention among a hundred queries are slower in bfloat16 than in
float32, while dense convolutions gain where the CPU multiplies matrices of it.
"""

from collections.abc import Callable
from typing import TypeVar

import torch
from torch import Tensor

Result = TypeVar("Result")


def single(function: Callable[..., Result], *inputs: Tensor) -> Result:
    """``function(*inputs)``, in float32 where autocast is on."""
    device = inputs[0].device.type
    if not torch.is_autocast_enabled(device):
        return function(*inputs)
    with torch.autocast(device, enabled=False):
        return function(*(x.float() if x.dtype in (torch.bfloat16, torch.float16) else x for x in inputs))


def single_on_cpu(function: Callable[..., Result], *inputs: Tensor) -> Result:
    """As :func:`single` where the tensors are on a CPU; elsewhere as autocast has it."""
    return single(function, *inputs) if inputs[0].device.type == "cpu" else function(*inputs)
