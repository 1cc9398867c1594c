"""Doubt: the picture's entropy and margin as maps, and the segments by doubt."""

from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray

from app.answers.fields import Fields
from app.answers.reply import Reply
from app.encoding import deflated
from app.open_picture import OpenPicture
from app.palette import segment_color
from app.panels.maps import drawn_size
from app.panels.panel import Numbers, Row, source_of
from app.resample import resample
from core.explain.doubt import CLOSE, DoubtMaps, doubt_maps, segment_doubts

if TYPE_CHECKING:
    from matplotlib.figure import Figure

LONG_SIDE = 320


def show(picture: OpenPicture, fields: Fields) -> Reply:
    """Both maps over the picture, their distributions, and a row for each segment as the picture stands."""
    maps = _found(picture)
    layers = over_picture(picture, maps)
    taxonomy, segments = picture.document.taxonomy, picture.document.segments
    return {
        "entropy": deflated(_bytes(layers[0])),
        "margin": deflated(_bytes(layers[1])),
        "map_height": layers.shape[1],
        "map_width": layers.shape[2],
        **_figures(maps),
        "segments": [
            row | {"color": list(segment_color(segments[row["segment_id"]], taxonomy))} for row in _rows(picture, maps)
        ],
    }


def numbers(picture: OpenPicture, fields: Fields) -> Numbers:
    """The segments' means, and in JSON the maps themselves on the grid that the masks have."""
    maps, rows = _found(picture), _rows(picture, _found(picture))
    names = {category.category_id: category.name for category in picture.document.taxonomy.categories}
    rows = [row | {"class": names[row["category_id"]]} for row in rows]
    geometry = picture.prediction.geometry
    height, width = geometry.inner_hw
    facts: Row = {
        "picture": picture.name,
        "model": picture.card.name,
        **_figures(maps),
        "segments": rows,
        "grid_stride": geometry.stride,
        "grid_entropy": maps.entropy[:height, :width].tolist(),
        "grid_margin": maps.margin[:height, :width].tolist(),
    }
    return Numbers(facts, rows)


def draw(picture: OpenPicture, fields: Fields) -> "Figure":
    """Both maps over the picture with their distributions."""
    from app.plots.doubt import draw_doubt

    maps = _found(picture)
    return draw_doubt(picture.image, over_picture(picture, maps), _figures(maps), source_of(picture), fields.language)


def over_picture(picture: OpenPicture, maps: DoubtMaps) -> NDArray[np.float32]:
    """(2, h, w) entropy and margin over the picture, without the padding."""
    size = drawn_size(picture.document.size_hw, LONG_SIDE)
    layers = resample(torch.stack([maps.entropy, maps.margin]), picture.prediction.geometry, size)
    return np.asarray(layers.numpy(), dtype=np.float32)


def _found(picture: OpenPicture) -> DoubtMaps:
    score_threshold, _, off = picture.document.rules
    return doubt_maps(picture.prediction, score_threshold, off)


def _figures(maps: DoubtMaps) -> Row:
    return {
        "mean_entropy": maps.mean(maps.entropy),
        "mean_margin": maps.mean(maps.margin),
        "close": CLOSE,
        "close_share": maps.close_share,
        "entropy_histogram": maps.histogram(maps.entropy),
        "margin_histogram": maps.histogram(maps.margin),
    }


def _rows(picture: OpenPicture, maps: DoubtMaps) -> list[Row]:
    document = picture.document
    return [
        {
            "segment_id": row.segment_id,
            "category_id": document.segments[row.segment_id].category_id,
            "area": document.segments[row.segment_id].area,
            "entropy": row.entropy,
            "margin": row.margin,
            "close_share": row.close_share,
        }
        for row in segment_doubts(maps, document.label_map, document.segments.values(), picture.prediction)
    ]


def _bytes(shares: NDArray[np.float32]) -> NDArray[np.uint8]:
    return np.asarray(np.rint(shares.clip(0, 1) * 255), dtype=np.uint8)
