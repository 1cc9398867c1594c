"""What every backbone is: a picture goes in, features at four strides come out."""

from abc import ABC, abstractmethod
from collections.abc import Iterable

from torch import Tensor, nn

STRIDES = (4, 8, 16, 32)

# A file that asks for more is no checkpoint, and would take all memory: blocks or layers, and channels.
MOST_BLOCKS, MOST_CHANNELS = 1000, 1 << 20


def are_counts(values: object, at_most: int) -> bool:
    """True for a tuple of whole numbers from 1 on."""
    return isinstance(values, tuple) and all(type(value) is int and 1 <= value <= at_most for value in values)


class Backbone(nn.Module, ABC):
    """(B, 3, H, W) of any size -> features at strides 4, 8, 16, 32; ``channels`` names their widths."""

    channels: tuple[int, ...]

    @abstractmethod
    def frozen_parts(self, count: int) -> Iterable[nn.Module]:
        """What training keeps as it is when ``count`` stages are frozen: the stem and these stages."""

    @abstractmethod
    def forward(self, images: Tensor, count: int = len(STRIDES)) -> tuple[Tensor, ...]:
        """The ``count`` finest features, finest first; an odd side is rounded up at every halving."""
