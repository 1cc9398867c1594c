"""What a picture's truth looks like to the losses, and what errors call the picture."""

from dataclasses import dataclass
from typing import Self

import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d, pad


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a run a batch stands: its step, and its pictures' names."""

    step: int = 0
    names: tuple[str, ...] = ()

    def name(self, index: int) -> str:
        """What the picture is called; its place in the batch where it has no name."""
        return self.names[index] if self.names else str(index)


NOWHERE = Place()


@dataclass(frozen=True, slots=True)
class Target:
    """One picture's T segments, at the stride at which losses are measured.

    Attributes:
        class_indices: (T,) int64.
        is_thing: (T,) bool.
        masks: (T, h, w) float32, the share of each cell that the segment covers.
        valid: (h, w) float32, the share of each cell that is labelled: void pixels count for nothing.
        exempt: (K,) bool, classes whose absence from this picture's labels proves nothing.
    """

    class_indices: Tensor
    is_thing: Tensor
    masks: Tensor
    valid: Tensor
    exempt: Tensor

    def to(self, device: torch.device) -> Self:
        """The same truth on a device."""
        return type(self)(
            self.class_indices.to(device, non_blocking=True),
            self.is_thing.to(device, non_blocking=True),
            self.masks.to(device, non_blocking=True),
            self.valid.to(device, non_blocking=True),
            self.exempt.to(device, non_blocking=True),
        )

    def coarser(self, factor: int) -> Self:
        """The same truth on a grid ``factor`` times coarser."""
        if factor == 1:
            return self
        masks = avg_pool2d(self.masks[:, None], factor)[:, 0]  # there may be none
        valid = avg_pool2d(self.valid[None], factor)[0]
        return type(self)(self.class_indices, self.is_thing, masks, valid, self.exempt)

    def padded(self, grid_hw: tuple[int, int]) -> Self:
        """The same truth at the top left of a larger grid, which is void elsewhere."""
        below, right = (wanted - side for wanted, side in zip(grid_hw, self.valid.shape, strict=True))
        if not below and not right:
            return self
        masks, valid = (pad(mask, (0, right, 0, below)) for mask in (self.masks, self.valid))
        return type(self)(self.class_indices, self.is_thing, masks, valid, self.exempt)
