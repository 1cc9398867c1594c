"""Label maps as see-through layers over a faint photograph."""

from collections.abc import Mapping, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

OPAQUE = 0.66
NOBODYS = (12, 14, 20, 160)


def labels_layer(
    labels: NDArray[np.integer], colors: Mapping[int, Sequence[int]], nobodys: tuple[int, ...] | None = None
) -> NDArray[np.uint8]:
    """(h, w, 4) with every label in its colour and white lines between them; label 0 is dark, or ``nobodys``."""
    table = np.zeros((int(labels.max(initial=0)) + 1, 4), dtype=np.uint8)
    table[0] = NOBODYS if nobodys is None else nobodys
    for label, color in colors.items():
        if label < len(table):
            table[label] = (*color, round(255 * OPAQUE))
    layer = table[labels]
    layer[:-1][labels[:-1] != labels[1:]] = (255, 255, 255, 255)
    layer[:, :-1][labels[:, :-1] != labels[:, 1:]] = (255, 255, 255, 255)
    return np.asarray(layer, dtype=np.uint8)


def lay_over(photograph: NDArray[np.uint8], layer: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """(h, w, 3): a layer (h, w, 4) over a photograph of the same size, which is grey and faint."""
    grey = cv2.cvtColor(photograph, cv2.COLOR_RGB2GRAY).astype(np.float32)[..., None] * 0.5 + 128
    share = layer[..., 3:].astype(np.float32) / 255
    return np.asarray(grey * (1 - share) + layer[..., :3] * share, dtype=np.uint8)
