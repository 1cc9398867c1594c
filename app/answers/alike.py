"""More like this: other places in the picture that would be a segment like one of the document's."""

import numpy as np
from numpy.typing import NDArray

from app.answers.fields import Fields
from app.answers.reply import Reply
from app.answers.shortlist import embedding_of_segment
from app.encoding import mask_fields
from app.open_picture import OpenPicture
from core.document import Document
from core.document.checks import MOST_SEGMENTS, find_segment
from core.refinement import Refiner, similar


def alike(picture: OpenPicture, refiner: Refiner, fields: Fields) -> Reply:
    """Candidates with box, mask and score, the most alike first, and the category that they would have."""
    document, prediction = picture.document, picture.prediction
    segment = find_segment(document, fields.integer("segment_id", 1, MOST_SEGMENTS))
    embedding = embedding_of_segment(picture, segment.segment_id)
    known = _known(document, segment.category_id)
    found = similar(prediction, embedding, known) if embedding.any() else []  # a per-pixel model has no such thing
    rows = [{"box_xyxy": list(c.box), **mask_fields(c.mask), "score": c.score} for c in found]
    return {"category_id": segment.category_id, "candidates": rows}


def _known(document: Document, category_id: int) -> NDArray[np.bool_]:
    """(H, W) True where a person has decided, or where there is such a segment already."""
    keys = [k for k, row in document.segments.items() if row.touched or row.locked or row.category_id == category_id]
    return np.isin(document.label_map, keys)
