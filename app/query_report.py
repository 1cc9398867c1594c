"""What every query says about a picture, as JSON for a program or a person without the page."""

from typing import Any

from core.inference import Prediction, query_distribution
from core.inference.contest import mask_area
from core.messages import text
from core.types import Fate, QueryFate, Taxonomy

TOP_CLASSES = 10


def query_rows(prediction: Prediction, fates: tuple[QueryFate, ...]) -> list[dict[str, Any]]:
    """One row a query, by its number.

    ``top_classes`` stand by falling probability, ``area`` counts the pixels with a mask probability of at least 0.5,
    ``fate`` is a :class:`~core.types.Fate`, and ``reason`` is a sentence where the query has no segment of its own.
    """
    return [_row(prediction, fate) for fate in fates]


def _row(prediction: Prediction, fate: QueryFate) -> dict[str, Any]:
    distribution = query_distribution(prediction, fate.query)
    named = [(category_id, p) for category_id, p in distribution if category_id is not None]
    return {
        "query": fate.query,
        "top_classes": [_class_row(prediction.taxonomy, category_id, p) for category_id, p in named[:TOP_CLASSES]],
        "no_object": next(p for category_id, p in distribution if category_id is None),
        "area": mask_area(prediction, fate.query),
        "won_area": fate.won_area,
        "segment_id": fate.segment_id,
        "fate": fate.fate.value,
        "reason": None if fate.fate is Fate.SEGMENT else text(f"cli.fate.{fate.fate.value}"),
    }


def _class_row(taxonomy: Taxonomy, category_id: int, probability: float) -> dict[str, Any]:
    return {"category_id": category_id, "name": taxonomy.category(category_id).name, "probability": probability}
