"""Models that see what was drawn: predictions with known masks for a picture of any size, and no network."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import TypeAlias

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import interpolate

from app.models import Models
from core.checkpoints import Card
from core.checkpoints.zoo import ModelEntry, State
from core.inference import Geometry, Prediction
from core.types import Category, Size, Taxonomy
from tests.e2e.drawn_street import CATEGORIES, drawn_queries

STRIDE, LONG_SIDE, TILED_LONG_SIDE = 4, 640, 1280
SURE = 1e-4  # probabilities stay this far from 0 and 1
STREET = Taxonomy("drawn", tuple(Category(*row) for row in CATEGORIES))
CARD = Card("drawn", "Drawn street", "drawings", "CC0", "A model that sees what was drawn.")

Predict: TypeAlias = Callable[[Size], Prediction]


def street_prediction(picture_hw: Size) -> Prediction:
    """The 100 queries of the drawn street, stretched over a picture of any size: 12 of them make 11 segments."""
    geometry = _geometry(picture_hw, LONG_SIDE)
    queries = drawn_queries()
    masks = np.stack([_on_grid(query.mask_probs, geometry.grid_hw) for query in queries])
    return _prediction(masks, np.stack([query.class_probs for query in queries]), geometry)


def tiles_prediction(picture_hw: Size, count: int = 100) -> Prediction:
    """``count`` queries that each claim one rectangle of a chequered picture for certain.

    Edges are soft, as a network's are: were they hard, all queries would claim the pixels at them equally weakly.
    """
    geometry = _geometry(picture_hw, TILED_LONG_SIDE)
    height, width = geometry.grid_hw
    columns = int(np.ceil(np.sqrt(count * width / height)))
    rows = -(-count // columns)
    tile_of = np.arange(height)[:, None] * rows // height * columns + np.arange(width) * columns // width  # (h, w)
    tiles = (np.where(tile_of == query, np.float32(1), np.float32(0)) for query in range(count))
    masks = np.stack([cv2.GaussianBlur(tile, (0, 0), 1.5) for tile in tiles])
    classes = np.full((count, len(CATEGORIES) + 1), 0.02 / len(CATEGORIES), dtype=np.float32)
    classes[np.arange(count), 5 + np.arange(count) % 5] = 0.98  # things, so that nothing is fused
    return _prediction(masks, classes, geometry)


class DrawnModels(Models):
    """The menu's rows and the predictor of a single model that is drawn, not learned."""

    def __init__(self, predict: Predict = street_prediction, card: Card = CARD) -> None:
        self.first = card.name
        self._card = card
        self._predictor = _DrawnPredictor(predict)

    def entries(self) -> list[ModelEntry]:
        card = self._card
        return [ModelEntry(card.name, card.title, State.BUNDLED, data=card.domain, license=card.license)]

    def card(self, name: str) -> Card:
        self.entry(name)
        return self._card

    def predictor(self, name: str) -> "_DrawnPredictor":  # type: ignore[override]
        self.entry(name)
        return self._predictor


class _DrawnPredictor:
    """Answers by the picture's size alone; a size is drawn once."""

    checkpoint = SimpleNamespace(model=torch.nn.Identity())  # its weights are counted

    def __init__(self, predict: Predict) -> None:
        self._predict = predict
        self._drawn: dict[Size, Prediction] = {}

    def predict(self, image: NDArray[np.uint8]) -> Prediction:
        height, width = image.shape[:2]
        if (height, width) not in self._drawn:
            self._drawn[height, width] = self._predict((height, width))
        return self._drawn[height, width]

    def finer_features(self, image: NDArray[np.uint8], geometry: Geometry) -> tuple[Tensor, ...]:
        """The picture itself at strides 4 and 8, where a network would have features."""
        pixels = torch.tensor(image).permute(2, 0, 1)[None].float() / 255
        height, width = geometry.padded_hw
        sizes = [(-(-height // stride), -(-width // stride)) for stride in (STRIDE, 2 * STRIDE)]
        return tuple(interpolate(pixels, size, mode="bilinear", antialias=True)[0] for size in sizes)


def _geometry(picture_hw: Size, long_side: int) -> Geometry:
    """Without padding, the long side at ``long_side`` pixels of the grid's picture."""
    scale = long_side / max(picture_hw)
    height, width = (max(STRIDE, round(edge * scale / STRIDE) * STRIDE) for edge in picture_hw)
    return Geometry(picture_hw, (height, width), (height, width), STRIDE)


def _on_grid(mask_probs: NDArray[np.float32], grid_hw: Size) -> NDArray[np.float32]:
    resized = cv2.resize(mask_probs, (grid_hw[1], grid_hw[0]), interpolation=cv2.INTER_AREA)
    return np.asarray(resized, dtype=np.float32)


def _prediction(masks: NDArray[np.float32], classes: NDArray[np.float32], geometry: Geometry) -> Prediction:
    """Embeddings are the masks themselves: query q's embedding picks channel q."""
    mask_logits = torch.from_numpy(masks).clamp(SURE, 1 - SURE).logit()  # (Q, h, w)
    return Prediction(
        class_logits=torch.from_numpy(classes).clamp(min=1e-9).log(),
        mask_logits=mask_logits,
        mask_embeddings=torch.eye(len(masks)) + 0.1,
        pixel_embeddings=mask_logits,
        geometry=geometry,
        taxonomy=STREET,
    )
