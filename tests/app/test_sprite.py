"""The sprite shows each query's own mask, in its class colour, where the picture has it."""

import io

import numpy as np
import torch
from PIL import Image

from app.resample import resample
from app.sprite import TILE_WIDTH, query_sprite, tint
from core.inference import Geometry
from tests.app.pictures import QUERIES, TAXONOMY, toy_image, toy_prediction


def slow_probs(logits: torch.Tensor, geometry: Geometry, size_hw: tuple[int, int]) -> np.ndarray:
    """Bilinear reading pixel by pixel: centres map to centres, the rim repeats."""

    def cells(place: int, axis: int) -> tuple[int, int, float]:
        position = (place + 0.5) * geometry.resized_hw[axis] / (geometry.stride * size_hw[axis]) - 0.5
        position = min(max(position, 0.0), logits.shape[1 + axis] - 1)
        before = int(position)
        return before, min(before + 1, logits.shape[1 + axis] - 1), position - before

    shown = np.empty((len(logits), *size_hw))
    for y, x in np.ndindex(size_hw):
        top, bottom, down = cells(y, 0)
        left, right, across = cells(x, 1)
        upper = logits[:, top, left] * (1 - across) + logits[:, top, right] * across
        lower = logits[:, bottom, left] * (1 - across) + logits[:, bottom, right] * across
        shown[:, y, x] = (upper * (1 - down) + lower * down).sigmoid().numpy()
    return shown


def test_padding_is_cropped_exactly():
    geometry = Geometry(picture_hw=(30, 50), resized_hw=(45, 75), padded_hw=(64, 96))
    logits = torch.randn(3, *geometry.grid_hw, generator=torch.Generator().manual_seed(1)) * 4
    found = resample(logits, geometry, (11, 17)).sigmoid().numpy()
    assert np.abs(found - slow_probs(logits, geometry, (11, 17))).max() < 1e-4


def test_a_certain_mask_shows_the_class_and_an_empty_one_the_picture():
    background = np.full((1, 2), 100, dtype=np.float32)
    probs = np.array([[[1.0, 0.0]]], dtype=np.float32)
    tile = tint(background, probs, np.array([[250, 10, 40]], dtype=np.float32))[0, 0]
    assert tile[1].tolist() == [100, 100, 100]
    assert np.abs(tile[0].astype(int) - [250, 10, 40]).max() <= 30


def test_every_tile_is_that_query():
    sprite = query_sprite(toy_image(), toy_prediction())
    sheet = np.asarray(Image.open(io.BytesIO(sprite.webp)).convert("RGB")).astype(int)
    assert sheet.shape == (sprite.tile_height, sprite.columns * TILE_WIDTH, 3)
    for query, (class_index, (y0, y1, x0, x1)) in enumerate(QUERIES[:4]):
        tile = sheet[:, query * TILE_WIDTH : (query + 1) * TILE_WIDTH]
        inside = tile[(y0 + y1) * 3, (x0 + x1) * 3]
        assert np.abs(inside - TAXONOMY[class_index].color).max() < 70, query
