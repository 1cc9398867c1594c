"""Panoptic inference by the paper's rules (arXiv 2107.06278, section 3.4)."""

import torch

from core.inference.prediction import Prediction
from core.inference.upsample import picture_logits
from core.types import Fate, PanopticResult, QueryFate, SegmentInfo


def panoptic(
    prediction: Prediction,
    score_threshold: float | None = None,
    overlap_threshold: float | None = None,
    off: frozenset[int] = frozenset(),
) -> PanopticResult:
    """Assembles the queries into one segment a pixel; thresholds default to the checkpoint's own."""
    least_score = prediction.score_threshold if score_threshold is None else score_threshold
    least_share = prediction.overlap_threshold if overlap_threshold is None else overlap_threshold
    kept = [q for q in range(len(prediction)) if q not in off and prediction.is_object[q] and prediction.scores[q] > least_score]
    height, width = prediction.geometry.picture_hw
    label_map = torch.zeros((height, width), dtype=torch.int32)
    won, own = {}, {}
    if kept:
        probs = picture_logits(prediction, torch.tensor(kept)).sigmoid()
        owner = (probs * prediction.scores[kept][:, None, None]).argmax(0)
        for i, q in enumerate(kept):
            won[q], own[q] = owner == i, int((probs[i] >= 0.5).sum())
    segments: dict[int, SegmentInfo] = {}
    stuff: dict[int, int] = {}
    fates = []
    for q in range(len(prediction)):
        cls, score = int(prediction.best_classes[q]), float(prediction.scores[q])
        category = prediction.taxonomy[cls]
        if q not in won:
            fate = Fate.OFF if q in off else Fate.BELOW_THRESHOLD if prediction.is_object[q] else Fate.NO_OBJECT
            fates.append(QueryFate(q, fate, cls, score))
            continue
        area = int(won[q].sum())
        if area == 0 or own[q] == 0 or area / own[q] < least_share:
            fates.append(QueryFate(q, Fate.OVERLAPPED, cls, score, own[q], area))
            continue
        fused = not category.is_thing and cls in stuff
        segment_id = stuff[cls] if fused else len(segments) + 1
        if fused:
            old = segments[segment_id]
            segments[segment_id] = SegmentInfo(segment_id, old.category_id, max(old.score, score), old.area + area, (*old.queries, q))
        else:
            segments[segment_id] = SegmentInfo(segment_id, category.category_id, score, area, (q,))
            if not category.is_thing:
                stuff[cls] = segment_id
        label_map[won[q]] = segment_id
        fates.append(QueryFate(q, Fate.FUSED if fused else Fate.SEGMENT, cls, score, own[q], area, segment_id))
    return PanopticResult(label_map.numpy(), tuple(segments.values()), tuple(fates))
