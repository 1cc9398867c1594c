"""Matching: queries held against the corrected picture as truth, as training does it, and how the result is scored."""

from typing import TYPE_CHECKING

import numpy as np

from app.answers.fields import Fields
from app.answers.reply import Reply
from app.encoding import deflated
from app.open_picture import OpenPicture
from app.palette import segment_color
from app.panels.panel import Numbers, Row, category_of, shade_of, source_of
from core.explain.matching import CRITERION, MATCHER, MatchedPicture, match_picture
from core.explain.truth import truth_of
from core.inference import own_masks, panoptic
from core.types import Origin, SegmentInfo

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FOUND = 0.5  # IoU above which a segment counts as found


def show(picture: OpenPicture, fields: Fields) -> Reply:
    """Both sides, the costs of every pair, the assignment with its losses, and the score."""
    found = found_matching(picture)
    costs = np.stack([part.numpy() for part in (found.costs.classes, found.costs.focal, found.costs.dice)])
    return {
        "is_corrected": is_corrected(picture),
        "left_out": [picture.document.taxonomy.category(key).name for key in sorted(found.truth.left_out)],
        "weights": _weights(),
        "truths": [
            _truth_row(picture, found, place) | {"color": list(segment_color(segment, picture.document.taxonomy))}
            for place, segment in enumerate(found.truth.segments)
        ],
        "queries": [_query_row(picture, found, query) for query in range(len(picture.prediction))],
        "costs": deflated(costs.astype("<f4").view(np.uint8)),
        "predicted": _predicted_rows(found),
        **_figures(found),
    }


def numbers(picture: OpenPicture, fields: Fields) -> Numbers:
    """Every pair's costs, and everything else in JSON."""
    found, taxonomy = found_matching(picture), picture.document.taxonomy
    pairs = {(query, target) for target, query in found.query_of.items()}
    rows = [
        {
            "query": query,
            "segment_id": segment.segment_id,
            "class": taxonomy.category(segment.category_id).name,
            "cost": float(found.total[query, place]),
            "class_cost": float(found.costs.classes[query, place]),
            "focal_cost": float(found.costs.focal[query, place]),
            "dice_cost": float(found.costs.dice[query, place]),
            "iou": float(found.iou[query, place]),
            "matched": (query, place) in pairs,
        }
        for query in range(len(found.total))
        for place, segment in enumerate(found.truth.segments)
    ]
    facts: Row = {
        "picture": picture.name,
        "model": picture.card.name,
        "truth_is_corrected": is_corrected(picture),
        "left_out_category_ids": sorted(found.truth.left_out),
        "weights": _weights() | {"no_object": CRITERION.no_object_weight},
        "segments": [_truth_row(picture, found, place) for place in range(len(found.truth.segments))],
        "queries": [_query_row(picture, found, query) for query in range(len(picture.prediction))],
        "predicted": _predicted_rows(found),
        "costs": rows,
    }
    return Numbers(facts | _figures(found), rows)


def draw(picture: OpenPicture, fields: Fields) -> "Figure":
    """The assignment as lines, and the matrices of costs."""
    from app.plots.matching import draw_matching

    found = found_matching(picture)
    return draw_matching(
        show(picture, fields), found, picture.document.taxonomy, _names(picture), source_of(picture), fields.language
    )


def found_matching(picture: OpenPicture) -> MatchedPicture:
    """The document is the truth; what is scored is the model's part of it, before any correction."""
    document, prediction = picture.document, picture.prediction
    own = picture.explained.own  # another visitor's picture may want the memory at any moment
    if own is None:
        own = picture.explained.own = own_masks(prediction, range(len(prediction)))
    score_threshold, overlap_threshold, _ = document.rules  # queries switched off are corrections
    result = panoptic(prediction, score_threshold, overlap_threshold)
    truth = truth_of(document.label_map, tuple(document.segments.values()), prediction)
    return match_picture(prediction, truth, own, result)


def is_corrected(picture: OpenPicture) -> bool:
    """False while the picture is what the model made of it: then it agrees with itself."""
    document = picture.document
    decided = any(_is_persons(segment) for segment in document.segments.values())
    return decided or bool(document.off) or bool(document.voided.any())


def _is_persons(segment: SegmentInfo) -> bool:
    return segment.touched or segment.reviewed or segment.origin is not Origin.MODEL


def _names(picture: OpenPicture) -> list[str]:
    best = picture.prediction.best_classes.tolist()
    return [category_of(picture, class_index).name for class_index in best]


def _weights() -> Row:
    return {"classes": MATCHER.class_weight, "focal": MATCHER.focal_weight, "dice": MATCHER.dice_weight}


def _truth_row(picture: OpenPicture, found: MatchedPicture, place: int) -> Row:
    segment, best = found.truth.segments[place], int(found.best_queries[place])
    row: Row = {
        "segment_id": segment.segment_id,
        "category_id": segment.category_id,
        "area": segment.area,
        "by_person": _is_persons(segment),
        "query": found.query_of.get(place),
        "best_query": best,
        "best_iou": float(found.iou[best, place]),
    }
    if (query := found.query_of.get(place)) is not None:
        pair = found.targets.tolist().index(place)
        row |= {
            "iou": float(found.iou[query, place]),
            "cost": float(found.total[query, place]),
            "class_loss": float(found.losses.classes[pair]),
            "focal_loss": float(found.losses.focal[pair]),
            "dice_loss": float(found.losses.dice[pair]),
        }
    places = found.scored.pairs[:, 0].tolist()
    is_match = place in places
    row["outcome"] = "tp" if is_match else "fn" if found.scored.missed[place] else "ignored"
    row["scored_iou"] = float(found.scored.iou[places.index(place)]) if is_match else None
    return row


def _query_row(picture: OpenPicture, found: MatchedPicture, query: int) -> Row:
    prediction, fate = picture.prediction, found.result.fates[query]
    matched = np.flatnonzero(found.queries == query)
    return {
        "query": query,
        "category_id": prediction.taxonomy[fate.class_index].category_id,
        "score": fate.score,
        "no_object": float(prediction.class_probs[query, -1]),
        "no_object_loss": float(found.losses.no_object[query]),
        "takes_part": fate.segment_id is not None,
        "truth": int(found.targets[matched[0]]) if len(matched) else None,
        "color": shade_of(picture, query),
    }


def _predicted_rows(found: MatchedPicture) -> list[Row]:
    """The model's segments, each right, wrong, or not judged because it lies on void."""
    right = dict(zip(found.scored.pairs[:, 1].tolist(), found.scored.iou.tolist(), strict=True))
    return [
        {
            "segment_id": segment.segment_id,
            "category_id": segment.category_id,
            "queries": list(segment.queries),
            "area": segment.area,
            "outcome": "tp" if place in right else "fp" if found.scored.wrong[place] else "ignored",
            "iou": right.get(place),
        }
        for place, segment in enumerate(found.result.segments)
    ]


def _figures(found: MatchedPicture) -> Row:
    """The picture's score by COCO's rules, what the best of N queries could reach, and the loss."""
    scored, best = found.scored, found.iou.max(axis=0)
    stat = scored.stat(1 + int(np.concatenate([scored.true_classes, scored.predicted_classes]).max()))
    quality = stat.average()
    return {
        "pq": quality.pq,
        "sq": quality.sq,
        "rq": quality.rq,
        "tp": int(stat.tp.sum()),
        "fp": int(stat.fp.sum()),
        "fn": int(stat.fn.sum()),
        "best_recall": float((best > FOUND).mean()),
        "best_mean_iou": float(best.mean()),
        "loss": found.losses.total,
        "loss_parts": found.losses.parts,
    }
