"""Instance inference: the best (query, thing class) pairs, each with its own mask; masks may overlap."""

from collections.abc import Mapping

import torch

from core.inference.own_masks import OwnMask, own_masks
from core.inference.prediction import Prediction
from core.masks import area, box_xyxy
from core.types import Instance, InstanceResult


def instances(
    prediction: Prediction,
    limit: int = 100,
    off: frozenset[int] = frozenset(),
    known: Mapping[int, OwnMask] | None = None,
) -> InstanceResult:
    """Instances of the ``limit`` pairs with the largest p(class), by falling score.

    A score is p(class) x mean mask probability inside the mask. Pairs whose mask has no pixel are left out, and so are
    the queries in ``off``. ``known`` saves computing masks again. Per pixel, a class is one instance.
    """
    pairs = _best_pairs(prediction, limit, off)
    masks = dict(known or {})
    missing = sorted({query for query, _, _ in pairs} - masks.keys())
    masks.update(zip(missing, own_masks(prediction, missing), strict=True))
    found = []
    for query, class_index, p in pairs:
        own = masks[query]
        if pixels := area(own.mask):
            category_id = prediction.taxonomy[class_index].category_id
            score = p * own.mean_probability
            found.append(Instance(query, category_id, score, pixels, box_xyxy(own.mask), own.mask))
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
