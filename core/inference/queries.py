"""Views of single queries: what it may be, where it looks, and which others look alike."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from torch.nn.functional import cosine_similarity

from core.inference.prediction import Prediction


def query_distribution(prediction: Prediction, query: int) -> list[tuple[int | None, float]]:
    """All K + 1 (category_id, probability) rows by falling probability; None stands for "no object"."""
    probs, order = prediction.class_probs[query].sort(descending=True, stable=True)
    ids: list[int | None] = [c.category_id for c in prediction.taxonomy.categories]
    ids.append(None)
    return [(ids[index], p) for index, p in zip(order.tolist(), probs.tolist(), strict=True)]


def shortlist(prediction: Prediction, queries: Sequence[int], limit: int = 9) -> list[tuple[int, float]]:
    """The ``limit`` most probable (category_id, probability) of a segment's queries taken together.

    A class counts with the largest probability that any of the queries gives it. No queries, no shortlist.
    """
    if not queries:
        return []
    probs, order = prediction.class_probs[list(queries), :-1].amax(dim=0).sort(descending=True, stable=True)
    rows = zip(order.tolist()[:limit], probs.tolist(), strict=False)
    return [(prediction.taxonomy[index].category_id, p) for index, p in rows]


def nearest_queries(prediction: Prediction, query: int, limit: int = 8) -> list[tuple[int, float]]:
    """The ``limit`` other queries with the largest cosine between mask embeddings, nearest first; per pixel none."""
    if prediction.is_per_pixel:
        return []
    similarity = cosine_similarity(prediction.mask_embeddings, prediction.mask_embeddings[query, None], dim=-1)  # (Q,)
    values, order = similarity.sort(descending=True, stable=True)
    rows = zip(order.tolist(), values.tolist(), strict=True)
    return [(other, value) for other, value in rows if other != query][:limit]


def mask_probability(prediction: Prediction, query: int) -> NDArray[np.float32]:
    """(h', w') mask probability 0..1 on the grid, cropped to the cells that cover the picture."""
    height, width = prediction.geometry.inner_hw
    probs: NDArray[np.float32] = prediction.mask_probs(prediction.mask_logits[query, :height, :width]).numpy()
    return probs
