"""Pictures: what each query does in the visitor's own pictures that were made with this model."""

from typing import TYPE_CHECKING

import numpy as np

from app.answers.fields import Fields
from app.answers.reply import Reply
from app.census_numbers import census_facts, query_rows
from app.encoding import deflated
from app.explained import UnpreparedError
from app.open_picture import OpenPicture
from app.panels.panel import Numbers
from core.explain.census import FOOTPRINT, Census, picture_census, take_census

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MOST_PICTURES = 500


def show(picture: OpenPicture, fields: Fields) -> Reply:
    """A row and a map for each query, and in which pictures it fires; pictures by their place in the message."""
    found = _found(picture, fields)
    largest = found.footprints.max(axis=(1, 2), keepdims=True).clip(min=0.05)
    return {
        "pictures": len(found.pictures),
        "fire": int((found.fires > 0).sum()),
        "half": found.busiest(0.5),
        "order": found.order(),
        "footprint": FOOTPRINT,
        "footprints": deflated(np.asarray(np.rint(255 * found.footprints / largest), dtype=np.uint8)),
        "queries": [row | {"counts": _counts(found, row["query"])} for row in query_rows(found)],
        "firings": [
            {"picture": place, "query": firing.query, "score": firing.score, "area": firing.area}
            for place, counted in enumerate(found.pictures)
            for firing in counted.firings
        ],
    }


def numbers(picture: OpenPicture, fields: Fields) -> Numbers:
    """Every query over all pictures, and in JSON every firing."""
    found = _found(picture, fields)
    facts = {"picture": picture.name, "model": picture.card.name} | {
        "counted_pictures" if key == "pictures" else key: value for key, value in census_facts(found).items()
    }
    return Numbers(facts, query_rows(found))


def draw(picture: OpenPicture, fields: Fields) -> "Figure":
    """A small map for each query."""
    from app.plots.census import draw_census

    found = _found(picture, fields)
    return draw_census(found, f"{picture.name} \u00b7 {picture.card.title} \u00b7 MaskFormer Studio", fields.language)


def _found(picture: OpenPicture, fields: Fields) -> Census:
    """The open picture and the others that the message names.

    Raises:
        UnpreparedError: one of them has not been counted yet.
    """
    counted = [picture_census(picture.name, picture.prediction)]
    for row in fields.rows("pictures", least=0, most=MOST_PICTURES):
        if (other := picture.explained.census.get(row.token("picture"))) is None:
            raise UnpreparedError
        counted.append(other)
    return take_census(counted, len(picture.prediction), picture.prediction.taxonomy)


def _counts(found: Census, query: int) -> list[Reply]:
    """The classes that a query fires as, the most frequent first."""
    order = np.argsort(-found.classes[query], kind="stable").tolist()
    return [
        {"category_id": found.taxonomy[index].category_id, "count": int(found.classes[query, index])}
        for index in order
        if found.classes[query, index]
    ]
