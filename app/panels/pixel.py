"""The pixel inspector: which queries claim a pixel, and how their shares add up to each class's score."""

from typing import TYPE_CHECKING

from app.answers.fields import Fields
from app.answers.reply import Reply
from app.open_picture import OpenPicture
from app.panels.panel import Numbers, Row, category_of, shade_of, source_of
from core.explain.pixel import PixelClaims, pixel_claims

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MOST_QUERIES, MOST_CLASSES, MOST_PARTS = 8, 6, 5  # that the page shows
LEAST_PART = 0.005  # of a class's score: smaller contributions are shown together


def show(picture: OpenPicture, fields: Fields) -> Reply:
    """The strongest claims with the winner's, and the best classes in their largest contributions."""
    found = _found(picture, fields)
    queries = found.order[:MOST_QUERIES]
    if found.winner is not None and found.winner not in queries:  # stronger ones take no part
        queries[-1] = found.winner
    classes = found.class_scores.argsort(descending=True, stable=True)[:MOST_CLASSES].tolist()
    label = int(picture.document.label_map[found.y, found.x])
    return {
        "x": found.x,
        "y": found.y,
        "segment_id": label or None,
        "winner": found.winner,
        "margin": found.margin,
        "semantic": picture.prediction.taxonomy[found.semantic_class].category_id,
        "semantic_margin": found.semantic_margin,
        "queries": [_query_row(picture, found, query) for query in queries],
        "classes": [_class_row(picture, found, index) for index in classes],
    }


def numbers(picture: OpenPicture, fields: Fields) -> Numbers:
    """Every query, and every query's contribution to every class."""
    found, taxonomy = _found(picture, fields), picture.prediction.taxonomy
    names = [category_of(picture, index).name for index in range(len(taxonomy))]
    contributions = found.contributions.tolist()
    rows = [
        _query_row(picture, found, query) | {"class": names[int(picture.prediction.best_classes[query])]}
        for query in found.order
    ]
    facts: Row = {
        "picture": picture.name,
        "model": picture.card.name,
        "x": found.x,
        "y": found.y,
        "winner": found.winner,
        "margin": found.margin,
        "semantic_category_id": taxonomy[found.semantic_class].category_id,
        "semantic_margin": found.semantic_margin,
        "queries": rows,
        "classes": [
            {"category_id": category.category_id, "name": category.name, "score": score}
            for category, score in zip(taxonomy.categories, found.class_scores.tolist(), strict=True)
        ],
        "contributions": {str(query): dict(zip(names, row, strict=True)) for query, row in enumerate(contributions)},
    }
    sheet = [
        {key: value for key, value in row.items() if key != "color"}
        | {f"adds to {name}": value for name, value in zip(names, contributions[row["query"]], strict=True)}
        for row in rows
    ]
    return Numbers(facts, sheet)


def draw(picture: OpenPicture, fields: Fields) -> "Figure":
    """The place in the picture, the claims, and the classes as stacks of contributions."""
    from app.plots.pixel import draw_pixel

    shown, taxonomy = show(picture, fields), picture.document.taxonomy
    return draw_pixel(picture.image, shown, taxonomy, source_of(picture), fields.language)


def _found(picture: OpenPicture, fields: Fields) -> PixelClaims:
    (height, width), (score_threshold, _, off) = picture.document.size_hw, picture.document.rules
    return pixel_claims(
        picture.prediction,
        fields.integer("x", 0, width - 1),
        fields.integer("y", 0, height - 1),
        score_threshold=score_threshold,
        off=off,
    )


def _query_row(picture: OpenPicture, found: PixelClaims, query: int) -> Row:
    prediction, fate = picture.prediction, picture.fates.rows[query]
    return {
        "query": query,
        "category_id": prediction.taxonomy[int(prediction.best_classes[query])].category_id,
        "score": float(found.scores[query]),
        "mask_probability": float(found.mask_probs[query]),
        "claim": float(found.claims[query]),
        "takes_part": bool(found.takes_part[query]),
        "fate": fate.fate.value,
        "segment_id": fate.segment_id,
        "color": shade_of(picture, query),
    }


def _class_row(picture: OpenPicture, found: PixelClaims, class_index: int) -> Row:
    """A class's score, in parts by falling contribution; ``rest`` is what all other queries add."""
    score = float(found.class_scores[class_index])
    parts, queries = found.contributions[:, class_index].sort(descending=True, stable=True)
    shown = [
        {"query": query, "value": value, "color": shade_of(picture, query)}
        for query, value in zip(queries[:MOST_PARTS].tolist(), parts[:MOST_PARTS].tolist(), strict=True)
        if value >= LEAST_PART * max(score, 0.1)
    ]
    return {
        "category_id": picture.prediction.taxonomy[class_index].category_id,
        "score": score,
        "parts": shown,
        "rest": max(0.0, score - sum(part["value"] for part in shown)),
    }
