"""Panoptic inference by the paper's rules (arXiv 2107.06278, section 3.4).

1. A query is kept when its best class is not "no object" and p(class) exceeds the score threshold.
2. Each pixel goes to the kept query with the largest p(class) x mask probability; there is no further cut at 0.5.
3. A kept query is dropped, its pixels void, when the pixels it won are less than the overlap threshold's share of the
   pixels where its own, unweighted mask probability is at least 0.5, or when either of the two is none at all.
4. Stuff of one class is one segment. Segments are numbered 1, 2, ... in the order of the queries that open them.

A per-pixel prediction's classes all take part and keep what they win: its segments are those of semantic inference.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray

from core.inference.contest import Contest, compete
from core.inference.prediction import Prediction
from core.types import VOID, Fate, PanopticResult, QueryFate, SegmentInfo

NOBODY = -1  # the owner of a pixel that no query keeps


@dataclass(frozen=True, slots=True)
class Assembly:
    """The assembled queries: ``owners`` (H, W) int16 holds query numbers, -1 = nobody; one fate for every query."""

    owners: NDArray[np.int16]
    fates: tuple[QueryFate, ...]


def panoptic(
    prediction: Prediction,
    score_threshold: float | None = None,
    overlap_threshold: float | None = None,
    off: frozenset[int] = frozenset(),
) -> PanopticResult:
    """One segment or void for each pixel; thresholds default to the checkpoint's, queries in ``off`` take no part.

    A fused segment's score is the largest of its queries'.
    """
    assembly = assemble(prediction, score_threshold, overlap_threshold, off)
    labels = np.full(len(prediction) + 1, VOID, dtype=np.int32)  # the last row serves NOBODY = -1
    for fate in assembly.fates:
        labels[fate.query] = fate.segment_id or VOID
    segments = segments_of(assembly.fates, prediction)
    return PanopticResult(panoptic_map=labels[assembly.owners], segments=segments, fates=assembly.fates)


def assemble(
    prediction: Prediction,
    score_threshold: float | None = None,
    overlap_threshold: float | None = None,
    off: frozenset[int] = frozenset(),
) -> Assembly:
    """Like :func:`panoptic`, but tells the query behind each pixel instead of the segment it is fused into."""
    least_score = prediction.score_threshold if score_threshold is None else score_threshold
    least_share = prediction.overlap_threshold if overlap_threshold is None else overlap_threshold
    if prediction.is_per_pixel:
        least_score = least_share = 0.0
    fates = [_standing(prediction, query, least_score, query in off) for query in range(len(prediction))]
    kept = [fate.query for fate in fates if fate.fate is Fate.SEGMENT]
    if not kept:
        return Assembly(np.full(prediction.geometry.picture_hw, NOBODY, dtype=np.int16), tuple(fates))
    contest = compete(prediction, torch.tensor(kept))
    for fate in _judged(prediction, contest, least_share):
        fates[fate.query] = fate
    owners = [query if fates[query].segment_id else NOBODY for query in kept]
    return Assembly(np.array(owners, dtype=np.int16)[contest.winners], tuple(fates))


def segments_of(fates: Iterable[QueryFate], prediction: Prediction) -> tuple[SegmentInfo, ...]:
    """The segments that fates tell of, in the order in which they were opened."""
    segments: dict[int, SegmentInfo] = {}
    for fate in fates:
        if fate.segment_id is None:
            continue
        if earlier := segments.get(fate.segment_id):
            segments[fate.segment_id] = replace(
                earlier,
                score=max(earlier.score, fate.score),
                area=earlier.area + fate.won_area,
                queries=(*earlier.queries, fate.query),
            )
        else:
            category_id = prediction.taxonomy[fate.class_index].category_id
            segments[fate.segment_id] = SegmentInfo(
                fate.segment_id, category_id, fate.score, fate.won_area, queries=(fate.query,)
            )
    return tuple(segments.values())


def _standing(prediction: Prediction, query: int, least_score: float, is_off: bool) -> QueryFate:
    """What the class alone decides; ``SEGMENT`` for those that take part in the contest."""
    class_index, score = int(prediction.best_classes[query]), float(prediction.scores[query])
    if is_off:
        fate = Fate.OFF
    elif not prediction.is_object[query]:
        fate = Fate.NO_OBJECT
    else:
        fate = Fate.SEGMENT if score > least_score else Fate.BELOW_THRESHOLD
    return QueryFate(query, fate, class_index, score)


def _judged(prediction: Prediction, contest: Contest, least_share: float) -> list[QueryFate]:
    """The contestants' fates, segment ids included."""
    judged: list[QueryFate] = []
    stuff: dict[int, int] = {}  # class index -> segment id
    segments = 0
    for query, own, won in zip(contest.queries, contest.mask_areas, contest.won_areas, strict=True):
        class_index, score = int(prediction.best_classes[query]), float(prediction.scores[query])
        segment_id, fate = stuff.get(class_index), Fate.FUSED
        if min(own, won) == 0 or won / own < least_share:
            segment_id, fate = None, Fate.OVERLAPPED
        elif segment_id is None:
            segments += 1
            segment_id, fate = segments, Fate.SEGMENT
            if not prediction.taxonomy[class_index].is_thing:
                stuff[class_index] = segment_id
        judged.append(QueryFate(query, fate, class_index, score, own, won, segment_id))
    return judged
