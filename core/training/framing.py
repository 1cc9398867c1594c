"""How a picture is brought to the size that the network is trained at: one frozen dataclass a way."""

from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from core.training.augmentation import View, random_view
from core.types import Size

PAD_MULTIPLE = 32  # the coarsest stride of a backbone


@dataclass(frozen=True, slots=True)
class Frame:
    """A part of the picture, the size it is scaled to, and the canvas on which it lies at the top left."""

    view: View
    scaled_hw: Size
    canvas_hw: Size


class Framing(Protocol):
    """Draws a frame for a picture of this size."""

    def __call__(self, picture_hw: Size, rng: np.random.Generator) -> Frame: ...


@dataclass(frozen=True, slots=True)
class LargestCrop:
    """The largest part with the crop's shape, shrunk by a share drawn from ``share`` and slightly out of shape.

    ``turned``: by any number of quarters, for square crops of what has no upside.
    """

    crop_hw: Size
    share: tuple[float, float]
    turned: bool = False

    def __post_init__(self) -> None:
        if self.turned and self.crop_hw[0] != self.crop_hw[1]:
            raise ValueError(f"only square crops are turned, got {self.crop_hw}")

    def __call__(self, picture_hw: Size, rng: np.random.Generator) -> Frame:
        view = random_view(picture_hw, self.crop_hw, self.share, rng)
        if self.turned:
            view = replace(view, quarters=int(rng.integers(4)))
        return Frame(view, self.crop_hw, self.crop_hw)


@dataclass(frozen=True, slots=True)
class ScaledCrop:
    """The paper's semantic recipes: the short side is drawn, then a crop is cut; what it lacks is left empty.

    ``max_long_side`` bounds the scaled picture.
    """

    crop_hw: Size
    short_sides: tuple[int, ...]
    max_long_side: int

    def __call__(self, picture_hw: Size, rng: np.random.Generator) -> Frame:
        scale = _scale(picture_hw, int(rng.choice(self.short_sides)), self.max_long_side)
        scaled_hw = _fitting(picture_hw, scale, self.crop_hw)
        return Frame(_part(picture_hw, scaled_hw, scale, rng), scaled_hw, self.crop_hw)


@dataclass(frozen=True, slots=True)
class DetrResize:
    """DETR's way (arXiv 2005.12872): half of the pictures are resized; the others are cropped in between.

    Attributes:
        short_sides, max_long_side: of the result.
        first_sides: short sides at which a crop is cut, without a bound on the long one.
        crop_sides: least and greatest side of that crop.
    """

    short_sides: tuple[int, ...]
    max_long_side: int
    first_sides: tuple[int, ...]
    crop_sides: tuple[int, int]

    def __call__(self, picture_hw: Size, rng: np.random.Generator) -> Frame:
        part_hw, scale = picture_hw, 1.0
        if rng.random() < 0.5:
            scale = int(rng.choice(self.first_sides)) / min(picture_hw)
            least, greatest = self.crop_sides
            drawn = int(rng.integers(least, greatest + 1)), int(rng.integers(least, greatest + 1))
            part_hw = _fitting(picture_hw, scale, drawn)
        view = _part(picture_hw, part_hw, scale, rng)
        last = _scale((view.height, view.width), int(rng.choice(self.short_sides)), self.max_long_side)
        scaled_hw = max(1, round(view.height * last)), max(1, round(view.width * last))
        height, width = (-(-side // PAD_MULTIPLE) * PAD_MULTIPLE for side in scaled_hw)
        return Frame(view, scaled_hw, (height, width))


def _scale(picture_hw: Size, short_side: int, max_long_side: int) -> float:
    return min(short_side / min(picture_hw), max_long_side / max(picture_hw))


def _fitting(picture_hw: Size, scale: float, crop_hw: Size) -> Size:
    """The crop's size, or the scaled picture's where that is smaller."""
    height, width = (min(crop, max(1, round(side * scale))) for side, crop in zip(picture_hw, crop_hw, strict=True))
    return height, width


def _part(picture_hw: Size, scaled_hw: Size, scale: float, rng: np.random.Generator) -> View:
    """Somewhere in the picture, the part that is ``scaled_hw`` when scaled; mirrored half of the time."""
    height, width = (
        min(side, max(1, round(scaled / scale))) for side, scaled in zip(picture_hw, scaled_hw, strict=True)
    )
    return View(
        top=int(rng.integers(picture_hw[0] - height + 1)),
        left=int(rng.integers(picture_hw[1] - width + 1)),
        height=height,
        width=width,
        mirrored=bool(rng.random() < 0.5),
    )
