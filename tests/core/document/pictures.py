"""Small predictions to edit, and what must be true of every document made from them."""

import numpy as np
import torch

from core.document import Document, Settings, fates
from core.inference import Geometry, Prediction, fit, panoptic
from core.types import Fate
from tests.core.inference.oracle import random_prediction, taxonomy

GEOMETRY = fit((23, 31), short_side=32, max_long_side=64)
SETTINGS = Settings(0.4, 0.5)


def drawn(classes: list[int], masks: list[str], things: int = 2, stuff: int = 2) -> Prediction:
    """One grid sample to a pixel: ``#`` sure, ``+`` weak (p 0.73), ``-`` weaker (p 0.27), ``.`` none.

    Queries are numbered as given and a little less sure from one to the next; class ``things + stuff`` = no object.
    """
    value = {"#": 8.0, "+": 1.0, "-": -1.0, ".": -8.0}
    mask_logits = torch.tensor([[[value[c] for c in line] for line in mask.split()] for mask in masks])
    class_logits = torch.zeros(len(masks), things + stuff + 1)
    class_logits[range(len(masks)), classes] = 9.0 - 0.5 * torch.arange(len(masks))
    size = mask_logits.shape[1], mask_logits.shape[2]
    return Prediction(
        class_logits=class_logits,
        mask_logits=mask_logits,
        mask_embeddings=torch.zeros(len(masks), 2),
        pixel_embeddings=torch.zeros(2, *size),
        geometry=Geometry(size, size, size, stride=1),
        taxonomy=taxonomy(things, stuff),
    )


def blobs(seed: int) -> Prediction:
    return random_prediction(seed, GEOMETRY, queries=9)


def opened(prediction: Prediction, settings: Settings = SETTINGS) -> Document:
    result = panoptic(prediction, settings.score_threshold, settings.overlap_threshold)
    return Document.from_result(result, prediction, settings)


def contents(document: Document) -> tuple[object, ...]:
    """All that a person or an export can see, version excepted."""
    return (
        document.label_map.tobytes(),
        document.label_map.shape,
        dict(document.segments),
        document.settings,
        document.off,
        document.silent,
        document.voided.tobytes(),
        document.assembled,
        document.taxonomy,
    )


def check(document: Document, prediction: Prediction) -> None:
    """Labels and segments agree, areas are true, every pixel a person voided is void, badges tell the truth."""
    labels, counts = np.unique(document.label_map, return_counts=True)
    areas = dict(zip(labels.tolist(), counts.tolist(), strict=True))
    areas.pop(0, None)
    assert areas == {key: segment.area for key, segment in document.segments.items()}
    assert all(key == segment.segment_id for key, segment in document.segments.items())
    assert (document.label_map[document.voided] == 0).all()
    assert document.silent <= document.off
    queries = [q for segment in document.segments.values() for q in segment.queries]
    assert len(queries) == len(set(queries))
    assert not document.off & set(queries)
    assert {segment.category_id for segment in document.segments.values()} <= {
        category.category_id for category in document.taxonomy.categories
    }
    rows = fates(document, prediction)
    assert [row.query for row in rows] == list(range(len(prediction)))
    behind = {row.query: row.segment_id for row in rows if row.segment_id is not None}
    assert behind == {q: s.segment_id for s in document.segments.values() for q in s.queries}
    assert {row.query for row in rows if row.fate is Fate.OFF} == document.off
    assert all((row.segment_id is not None) == (row.fate in (Fate.SEGMENT, Fate.FUSED)) for row in rows)
