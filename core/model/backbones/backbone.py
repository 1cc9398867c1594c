"""What every backbone is: a picture goes in, features at four strides come out."""

from abc import ABC, abstractmethod
from collections.abc import Iterable

from torch import Tensor, nn

STRIDES = (4, 8, 16, 32)


class Backbone(nn.Module, ABC):
    """(B, 3, H, W) of any size -> features at strides 4, 8, 16, 32; ``channels`` names their widths."""

    channels: tuple[int, ...]

    @abstractmethod
    def frozen_parts(self, count: int) -> Iterable[nn.Module]:
        """What training keeps as it is when ``count`` stages are frozen: the stem and these stages."""

    @abstractmethod
    def forward(self, images: Tensor, count: int = len(STRIDES)) -> tuple[Tensor, ...]:
        """The ``count`` finest features, finest first; an odd side is rounded up at every halving."""
