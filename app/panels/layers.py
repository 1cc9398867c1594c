"""Layer by layer: what one query was after each decoder layer, which layer settled it, and where each layer looked."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from app.answers.fields import Fields
from app.answers.reply import Reply
from app.encoding import deflated
from app.explained import UnpreparedError
from app.open_picture import OpenPicture
from app.panels.panel import Numbers, Row, source_of
from app.resample import resample
from core.explain.layers import LayerTrail
from core.inference import Geometry
from core.messages import StudioError
from core.types import Size

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MASK_LONG_SIDE, ATTENTION_LONG_SIDE = 200, 72  # of what the page draws


def show(picture: OpenPicture, fields: Fields) -> Reply:
    """The query's masks and classes, its attention by layer and head, and when the queries of the result settled."""
    trail, query = _found(picture, fields)
    masks, attention = mask_probs(picture, trail, query), attention_shares(picture, trail, query)
    used = [fate.query for fate in picture.fates.rows if fate.segment_id is not None]
    return {
        "query": query,
        "beginnings": trail.beginnings,
        "settled": int(trail.settled[query]),
        "layers": [_layer_row(picture, trail, layer, query) for layer in range(len(trail))],
        "masks": deflated(_bytes(masks)),
        "mask_height": masks.shape[1],
        "mask_width": masks.shape[2],
        "heads": attention.shape[1] - 1,
        "attention": deflated(_bytes(attention / attention.max(axis=(2, 3), keepdims=True))),
        "attention_height": attention.shape[2],
        "attention_width": attention.shape[3],
        "used": len(used),
        "settling": trail.settled[used].bincount(minlength=len(trail)).tolist(),
    }


def numbers(picture: OpenPicture, fields: Fields) -> Numbers:
    """Every query after every layer, and the attention of the one that is shown."""
    trail, query = _found(picture, fields)
    facts: Row = {
        "picture": picture.name,
        "model": picture.card.name,
        "query": query,
        "predictions_before_the_first_layer": trail.beginnings,
        "settled": trail.settled.tolist(),
        "layers": [_layer_row(picture, trail, layer, query) for layer in range(len(trail))],
        "attention_hw": list(trail.memory.grid_hw),
        "attention": [trail.attention_maps(layer, query).flatten(1).tolist() for layer in range(len(trail.attention))],
    }
    rows = [
        {"query": other} | _layer_row(picture, trail, layer, other) | {"settles_at": int(trail.settled[other])}
        for other in range(trail.iou.shape[1])
        for layer in range(len(trail))
    ]
    return Numbers(facts, rows)


def draw(picture: OpenPicture, fields: Fields) -> "Figure":
    """The filmstrip of masks, that of attention, and the heads of the last layer."""
    from app.plots.layers import draw_layers

    trail, query = _found(picture, fields)
    return draw_layers(
        picture.image,
        show(picture, fields),
        mask_probs(picture, trail, query),
        attention_shares(picture, trail, query),
        picture.document.taxonomy,
        source_of(picture),
        fields.language,
    )


def mask_probs(picture: OpenPicture, trail: LayerTrail, query: int) -> NDArray[np.float32]:
    """(L, h, w) probabilities of one query's mask over the picture."""
    logits = trail.mask_logits(query, picture.prediction)
    return _over_picture(logits.sigmoid(), picture.prediction.geometry, MASK_LONG_SIDE)


def attention_shares(picture: OpenPicture, trail: LayerTrail, query: int) -> NDArray[np.float32]:
    """(decoder layers, 1 + heads, h, w) over the picture: the mean of the heads first."""
    layers = []
    for layer in range(len(trail.attention)):
        heads = trail.attention_maps(layer, query)
        mean = heads.mean(dim=0, keepdim=True)
        layers += [_over_picture(maps, trail.memory, ATTENTION_LONG_SIDE) for maps in (mean, heads)]
    pairs = zip(layers[::2], layers[1::2], strict=True)
    return np.stack([np.concatenate(pair) for pair in pairs])


def _over_picture(maps: Tensor, geometry: Geometry, long_side: int) -> NDArray[np.float32]:
    """(n, h, w) of maps on a padded grid, without the padding."""
    height, width = geometry.picture_hw
    scale = long_side / max(height, width)
    size: Size = (max(1, round(height * scale)), max(1, round(width * scale)))
    resampled: NDArray[np.float32] = resample(maps, geometry, size).numpy()
    return resampled


def _found(picture: OpenPicture, fields: Fields) -> tuple[LayerTrail, int]:
    if picture.prediction.is_per_pixel:
        raise StudioError("error.explain_no_queries")
    query = fields.integer("query", 0, len(picture.prediction) - 1)
    trail = picture.explained.trail  # another visitor's picture may want the memory at any moment
    if trail is None:
        raise UnpreparedError
    return trail, query


def _layer_row(picture: OpenPicture, trail: LayerTrail, layer: int, query: int) -> Row:
    taxonomy = picture.prediction.taxonomy
    probs = trail.class_probs[layer, query]
    best, is_object = int(probs[:-1].argmax()), int(probs.argmax()) < len(taxonomy)
    return {
        "layer": layer,
        "is_object": is_object,
        "category_id": taxonomy[best].category_id,
        "score": float(probs[best]),
        "no_object": float(probs[-1]),
        "iou": float(trail.iou[layer, query]),
    }


def _bytes(shares: NDArray[np.float32]) -> NDArray[np.uint8]:
    return np.asarray(np.rint(shares.clip(0, 1) * 255), dtype=np.uint8)
