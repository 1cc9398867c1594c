"""A fluorescence picture of nuclei, drawn: the sample of the nuclei model, and pictures whose truth is known."""

import cv2
import numpy as np
from numpy.typing import NDArray

SEED = 18
SAMPLE_HW, SAMPLE_NUCLEI = (360, 480), 46
_CORNERS = 40  # of a nucleus' outline


def drawn_nuclei(
    size_hw: tuple[int, int] = SAMPLE_HW, count: int = SAMPLE_NUCLEI, seed: int = SEED
) -> tuple[NDArray[np.uint8], NDArray[np.int32]]:
    """(H, W, 3) uint8 RGB and its label map (H, W): up to ``count`` nuclei, 0 = background; some touch."""
    rng = np.random.default_rng(seed)
    label_map = np.zeros(size_hw, np.int32)
    light = np.full(size_hw, 7.0, np.float32)
    for label in range(1, count + 1):
        mask = _nucleus(size_hw, rng) & (label_map == 0)
        label_map[mask] = label
        glow = rng.uniform(45, 130) * (1 + 0.25 * _grain(size_hw, 3.0, rng))
        light += cv2.GaussianBlur(mask.astype(np.float32), (0, 0), 0.9) * glow
    light += 6 * cv2.GaussianBlur((label_map > 0).astype(np.float32), (0, 0), 9)
    seen = rng.poisson(light.clip(0)).astype(np.float32) + rng.normal(0, 1.5, size_hw)
    grey = cv2.GaussianBlur(seen.astype(np.float32), (0, 0), 0.6).clip(0, 255).astype(np.uint8)
    return np.repeat(grey[..., None], 3, axis=2), label_map


def _nucleus(size_hw: tuple[int, int], rng: np.random.Generator) -> NDArray[np.bool_]:
    """A dented ellipse somewhere in the picture."""
    angles = np.linspace(0, 2 * np.pi, _CORNERS, endpoint=False)
    dents = 1 + sum(rng.normal(0, 0.05) * np.cos(wave * angles + rng.uniform(0, 6)) for wave in (2, 3, 4))
    radius, stretch, turn = rng.uniform(9, 17), rng.uniform(0.7, 1.0), rng.uniform(0, np.pi)
    along, across = radius * dents * np.cos(angles), radius * stretch * dents * np.sin(angles)
    x = rng.uniform(0, size_hw[1]) + along * np.cos(turn) - across * np.sin(turn)
    y = rng.uniform(0, size_hw[0]) + along * np.sin(turn) + across * np.cos(turn)
    canvas = np.zeros(size_hw, np.uint8)
    cv2.fillPoly(canvas, [np.rint(np.stack([x, y], axis=1)).astype(np.int32)], 1)
    return canvas.astype(bool)


def _grain(size_hw: tuple[int, int], sigma: float, rng: np.random.Generator) -> NDArray[np.float32]:
    """Soft noise of unit spread."""
    noise = cv2.GaussianBlur(rng.normal(size=size_hw).astype(np.float32), (0, 0), sigma)
    return noise / noise.std()
