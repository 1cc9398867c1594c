"""Instance inference: the best (query, thing class) pairs, each with its own mask; masks may overlap."""

from functools import cache

import cv2
import numpy as np
import torch

from core.inference.masks import masks_of
from core.inference.prediction import Prediction
from core.masks import area, box_xyxy, encode
from core.types import Instance, InstanceResult, RunLength


def instances(prediction: Prediction, limit: int = 100, off: frozenset[int] = frozenset()) -> InstanceResult:
    """Instances of the ``limit`` pairs with the largest p(class), by falling score.

    A score is p(class) x mean mask probability inside the mask. Pairs whose mask has no pixel are left out, and so are
    the queries in ``off``. Masks are run lengths, so at most one full-size mask is held at a time. Per pixel, a class
    is one instance.
    """
    masks = masks_of(prediction)

    @cache
    def mask_and_mean(query: int) -> tuple[RunLength, float]:
        columns = cv2.transpose(masks.mask(query).view(np.uint8))  # (W, H): the order that run lengths read
        return encode(columns.view(bool).T), masks.mean_probability(query)

    found = []
    for query, class_index, p in _best_pairs(prediction, limit, off):
        mask, mean = mask_and_mean(query)
        if pixels := area(mask):
            category_id = prediction.taxonomy[class_index].category_id
            found.append(Instance(query, category_id, p * mean, pixels, box_xyxy(mask), mask))
    found.sort(key=lambda instance: -instance.score)
    return InstanceResult(prediction.geometry.picture_hw, tuple(found))


def _best_pairs(prediction: Prediction, limit: int, off: frozenset[int]) -> list[tuple[int, int, float]]:
    """(query, class index, p(class)) of thing classes by falling p, as long as it is any; ties by query, then class."""
    things = torch.from_numpy(prediction.taxonomy.is_thing).nonzero()[:, 0].tolist()
    queries = [query for query in range(len(prediction)) if query not in off]
    probs, order = prediction.class_probs[queries][:, things].flatten().sort(descending=True, stable=True)
    return [
        (queries[index // len(things)], things[index % len(things)], p)
        for index, p in zip(order[:limit].tolist(), probs[:limit].tolist(), strict=True)
        if p > 0
    ]
