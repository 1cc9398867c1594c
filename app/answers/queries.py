"""The query browser's messages: the grid of all queries, and everything about one of them."""

import numpy as np
from torch import Tensor

from app.answers.fields import Fields
from app.answers.reply import Reply
from app.encoding import base64_text, deflated
from app.open_picture import OpenPicture
from app.resample import mask_probs
from app.sprite import query_sprite
from core.inference import Prediction, nearest_queries, query_distribution, shortlist
from core.types import Size

_HEAT_LONG_SIDE = 640


def queries(picture: OpenPicture, fields: Fields) -> Reply:
    """The sprite of all queries and a row of numbers for each."""
    sprite = query_sprite(picture.image, picture.prediction)
    return {
        "tile_width": sprite.tile_width,
        "tile_height": sprite.tile_height,
        "columns": sprite.columns,
        "sprite": base64_text(sprite.webp),
        "rows": _rows(picture.prediction),
    }


def query(picture: OpenPicture, fields: Fields) -> Reply:
    """One query: its class distribution, its mask as heat, and the queries that look alike."""
    prediction = picture.prediction
    number = fields.integer("query", 0, len(prediction) - 1)
    heat_hw = _within(prediction.geometry.picture_hw, _HEAT_LONG_SIDE)
    heat = mask_probs(prediction, slice(number, number + 1), heat_hw)[0]
    return {
        "distribution": [
            {"category_id": category_id, "probability": probability}
            for category_id, probability in query_distribution(prediction, number)
        ],
        "neighbours": [{"query": q, "similarity": s} for q, s in nearest_queries(prediction, number, 8)],
        "shortlist": [{"category_id": c, "probability": p} for c, p in shortlist(prediction, [number])],
        "heat": deflated(np.rint(heat * 255).astype(np.uint8)),
        "heat_height": heat_hw[0],
        "heat_width": heat_hw[1],
    }


def _rows(prediction: Prediction) -> list[Reply]:
    height, width = prediction.geometry.picture_hw
    areas = (_shares(prediction) * (height * width)).round().int()
    columns = (
        prediction.best_classes.tolist(),
        prediction.scores.tolist(),
        prediction.class_probs[:, -1].tolist(),
        areas.tolist(),
    )
    return [
        {
            "query": number,
            "category_id": prediction.taxonomy[class_index].category_id,
            "score": score,
            "no_object": no_object,
            "area": area,
        }
        for number, (class_index, score, no_object, area) in enumerate(zip(*columns, strict=True))
    ]


def _shares(prediction: Prediction) -> Tensor:
    """(Q,) share of the picture, counted on the stride-4 grid, where p >= 0.5 or, per pixel, no class is likelier."""
    height, width = prediction.geometry.inner_hw
    logits = prediction.mask_logits[:, :height, :width]
    if prediction.is_per_pixel:
        return logits.argmax(dim=0).flatten().bincount(minlength=len(prediction)) / (height * width)
    return (logits >= 0).float().mean(dim=(1, 2))


def _within(size_hw: Size, long_side: int) -> Size:
    scale = min(1.0, long_side / max(size_hw))
    return max(1, round(size_hw[0] * scale)), max(1, round(size_hw[1] * scale))
