"""Instance inference: the best (query, thing class) pairs, each with its own mask; masks may overlap."""

import torch

from core.inference.prediction import Prediction
from core.inference.upsample import picture_logits
from core.masks import encode
from core.types import Instance, InstanceResult


def instances(prediction: Prediction, limit: int = 100) -> InstanceResult:
    """At most ``limit`` instances by falling score = p(class) x mean mask probability inside the mask."""
    things = torch.from_numpy(prediction.taxonomy.is_thing).nonzero()[:, 0]
    pairs = prediction.class_probs[:, things]
    best = pairs.flatten().topk(min(limit, pairs.numel()))
    found = []
    for p, index in zip(best.values.tolist(), best.indices.tolist(), strict=True):
        query, category = index // len(things), prediction.taxonomy[int(things[index % len(things)])]
        logits = picture_logits(prediction, torch.tensor([query]))[0]
        mask = logits >= 0
        if not mask.any():
            continue
        ys, xs = mask.any(1).nonzero()[:, 0], mask.any(0).nonzero()[:, 0]
        score = p * float(logits.sigmoid()[mask].mean())
        box = int(xs[0]), int(ys[0]), int(xs[-1]) + 1, int(ys[-1]) + 1
        found.append(Instance(query, category.category_id, score, int(mask.sum()), box, encode(mask.numpy())))
    found.sort(key=lambda i: -i.score)
    return InstanceResult(prediction.geometry.picture_hw, tuple(found))
