"""The query grid's one picture: every query's mask in its class colour over a faint copy of the picture."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from app.encoding import webp
from app.resample import mask_probs
from core.inference import Prediction

TILE_WIDTH = 96
COLUMNS = 10
_TILE_HEIGHTS = (48, 144)
_FAINT = (0.34, 212)  # contrast kept of the picture, and the grey it fades towards
_OPAQUE = 0.86  # share of the class colour where the mask is certain


@dataclass(frozen=True, slots=True)
class Sprite:
    """Tiles in row-major order by query number; unused places of the last row are grey."""

    tile_width: int
    tile_height: int
    columns: int
    webp: bytes


def query_sprite(image: NDArray[np.uint8], prediction: Prediction) -> Sprite:
    """Draws all queries at tile size, never at the picture's."""
    height = int(np.clip(round(TILE_WIDTH * image.shape[0] / image.shape[1]), *_TILE_HEIGHTS))
    probs = mask_probs(prediction, slice(None), (height, TILE_WIDTH))
    palette = np.array([category.color for category in prediction.taxonomy.categories], dtype=np.float32)
    colors = palette[prediction.best_classes.numpy()]  # (Q, 3)
    tiles = tint(_faint(image, height), probs, colors)
    return Sprite(TILE_WIDTH, height, COLUMNS, webp(_sheet(tiles), quality=78))


def tint(background: NDArray[np.float32], probs: NDArray[np.float32], colors: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Lays ``colors`` (Q, 3) over a grey ``background`` (h, w) as far as ``probs`` (Q, h, w) say: (Q, h, w, 3)."""
    opacity = probs * np.float32(_OPAQUE)
    faded = background * (1 - opacity)
    tiles = np.empty((*probs.shape, 3), dtype=np.uint8)
    for channel in range(3):
        tiles[..., channel] = faded + opacity * colors[:, channel, None, None]
    return tiles


def _faint(image: NDArray[np.uint8], height: int) -> NDArray[np.float32]:
    small = cv2.resize(image, (TILE_WIDTH, height), interpolation=cv2.INTER_AREA)
    contrast, grey = _FAINT
    faint: NDArray[np.float32] = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY) * np.float32(contrast) + grey * (1 - contrast)
    return faint


def _sheet(tiles: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """(Q, h, w, 3) -> (rows x h, COLUMNS x w, 3)."""
    count, height, width = tiles.shape[:3]
    rows = -(-count // COLUMNS)
    padded = np.full((rows * COLUMNS, height, width, 3), _FAINT[1], dtype=np.uint8)
    padded[:count] = tiles
    sheet = padded.reshape(rows, COLUMNS, height, width, 3).swapaxes(1, 2)
    return sheet.reshape(rows * height, COLUMNS * width, 3)
