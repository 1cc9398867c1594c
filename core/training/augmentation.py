"""Scale, crop, flip and colour: one random view of a picture and its labels."""

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from core.types import Size

ASPECT_JITTER = 0.15  # relative
OUTSIDE = -1  # on a label map: no picture there


@dataclass(frozen=True, slots=True)
class View:
    """A crop (half open, picture pixels), whether it is mirrored, and by how many quarters it is then turned."""

    top: int
    left: int
    height: int
    width: int
    mirrored: bool
    quarters: int = 0


def random_view(picture_hw: Size, crop_hw: Size, share: tuple[float, float], rng: np.random.Generator) -> View:
    """The largest crop of ``crop_hw``'s shape that fits, shrunk by a random share and slightly out of shape."""
    fit = min(picture_hw[0] / crop_hw[0], picture_hw[1] / crop_hw[1])
    scale = fit * rng.uniform(*share)
    stretch = np.exp(rng.uniform(-ASPECT_JITTER, ASPECT_JITTER) / 2)
    height = min(picture_hw[0], max(1, round(crop_hw[0] * scale * stretch)))
    width = min(picture_hw[1], max(1, round(crop_hw[1] * scale / stretch)))
    return View(
        top=int(rng.integers(picture_hw[0] - height + 1)),
        left=int(rng.integers(picture_hw[1] - width + 1)),
        height=height,
        width=width,
        mirrored=bool(rng.random() < 0.5),
    )


def cut_image(image: NDArray[np.uint8], view: View, crop_hw: Size) -> NDArray[np.uint8]:
    """(H, W, 3) -> (crop_h, crop_w, 3), area-averaged where it shrinks."""
    shrinks = view.height > crop_hw[0]
    return _cut(image, view, crop_hw, cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR)


def cut_labels(label_map: NDArray[np.int32], view: View, crop_hw: Size) -> NDArray[np.int32]:
    """(H, W) -> (crop_h, crop_w) by nearest, on contiguous 16-bit labels (floats would corrupt large ids)."""
    ids, compact = np.unique(label_map, return_inverse=True)
    small = _cut(compact.reshape(label_map.shape).astype(np.uint16), view, crop_hw, cv2.INTER_NEAREST)
    labels: NDArray[np.int32] = ids[small].astype(np.int32)
    return labels


def _cut(pixels: NDArray, view: View, crop_hw: Size, interpolation: int) -> NDArray:  # type: ignore[type-arg]
    part = pixels[view.top : view.top + view.height, view.left : view.left + view.width]
    resized = cv2.resize(part, crop_hw[::-1], interpolation=interpolation)
    mirrored = resized[:, ::-1] if view.mirrored else resized
    return np.ascontiguousarray(np.rot90(mirrored, view.quarters))


def padded(pixels: NDArray[Any], canvas_hw: Size, empty: Any) -> NDArray[Any]:
    """(h, w, ...) at the top left of a canvas that is ``empty`` elsewhere."""
    if pixels.shape[:2] == canvas_hw:
        return pixels
    canvas = np.empty((*canvas_hw, *pixels.shape[2:]), pixels.dtype)
    canvas[:] = empty
    canvas[: pixels.shape[0], : pixels.shape[1]] = pixels
    return canvas


@dataclass(frozen=True, slots=True)
class ColorJitter:
    """Random hue, saturation, contrast and brightness.

    Attributes:
        brightness: greatest shift, of half the range; contrast and saturation change by up to these shares.
        hue: greatest turn, of OpenCV's 180 steps.
        chance: that each of the four changes.
    """

    brightness: float = 0.3
    contrast: float = 0.3
    saturation: float = 0.3
    hue: float = 9.0
    chance: float = 1.0

    def __call__(self, image: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
        """(H, W, 3) RGB uint8 in and out."""
        hsv = cv2.cvtColor(image, cv2.COLOR_RGB2HSV).astype(np.float32)
        hsv[..., 0] = (hsv[..., 0] + self._drawn(self.hue, rng)) % 180
        hsv[..., 1] *= 1 + self._drawn(self.saturation, rng)
        rgb = cv2.cvtColor(hsv.clip(0, 255).astype(np.uint8), cv2.COLOR_HSV2RGB).astype(np.float32)
        contrast = 1 + self._drawn(self.contrast, rng)
        brightness = self._drawn(self.brightness, rng) * 128
        jittered: NDArray[np.uint8] = ((rgb - 128) * contrast + 128 + brightness).clip(0, 255).astype(np.uint8)
        return jittered

    def _drawn(self, greatest: float, rng: np.random.Generator) -> float:
        if self.chance < 1 and rng.random() >= self.chance:
            return 0.0
        return rng.uniform(-greatest, greatest)


MILD_JITTER = ColorJitter()
