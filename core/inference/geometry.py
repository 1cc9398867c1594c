"""Where a picture's pixels lie on the model's grid: resized, padded, sampled at a stride, and back."""

from dataclasses import dataclass

from core.types import Size


@dataclass(frozen=True, slots=True)
class Geometry:
    """One picture's way into the model: resized, then padded at the bottom and the right, then read at ``stride``.

    Raises:
        ValueError: a size is empty, or the padded size does not hold the resized one.
    """

    picture_hw: Size
    resized_hw: Size
    padded_hw: Size
    stride: int = 4

    def __post_init__(self) -> None:
        if min(*self.picture_hw, *self.resized_hw, self.stride) < 1:
            raise ValueError(f"sizes must be positive, got {self}")
        if self.padded_hw[0] < self.resized_hw[0] or self.padded_hw[1] < self.resized_hw[1]:
            raise ValueError(f"padded size must hold the resized one, got {self}")

    @property
    def grid_hw(self) -> Size:
        """Size (h, w) of the mask logits, padding included."""
        return -(-self.padded_hw[0] // self.stride), -(-self.padded_hw[1] // self.stride)

    @property
    def inner_hw(self) -> Size:
        """Size of the part of the grid that covers the picture, its last row and column perhaps in part."""
        return -(-self.resized_hw[0] // self.stride), -(-self.resized_hw[1] // self.stride)

    @property
    def scale_hw(self) -> tuple[float, float]:
        """Grid cells for one picture pixel, down and across.

        A pixel centre ``y + 0.5`` lies at ``(y + 0.5) * scale - 0.5`` on the grid (``align_corners=False``).
        """
        return (
            self.resized_hw[0] / (self.picture_hw[0] * self.stride),
            self.resized_hw[1] / (self.picture_hw[1] * self.stride),
        )


def fit(picture_hw: Size, short_side: int, max_long_side: int, pad_multiple: int = 32, stride: int = 4) -> Geometry:
    """Scales the short side to ``short_side`` unless the long one would pass ``max_long_side``; pads to a multiple.

    A ``short_side`` of 0 asks for no scaling.
    """
    height, width = picture_hw
    wanted = short_side / min(height, width) if short_side else 1.0
    scale = min(wanted, max_long_side / max(height, width))
    resized = max(1, int(height * scale + 0.5)), max(1, int(width * scale + 0.5))
    padded = -(-resized[0] // pad_multiple) * pad_multiple, -(-resized[1] // pad_multiple) * pad_multiple
    return Geometry(picture_hw=picture_hw, resized_hw=resized, padded_hw=padded, stride=stride)
