"""What a segment may be that no query stands behind: painted, imported or split off."""

import numpy as np
from numpy.typing import NDArray

from app.answers.fields import Fields
from app.answers.reply import Reply
from app.open_picture import OpenPicture
from core.document.checks import MOST_SEGMENTS, find_segment
from core.refinement.embedding import embedding_of, mask_shortlist
from core.refinement.window import Window


def shortlist(picture: OpenPicture, fields: Fields) -> Reply:
    """Classes that the queries take it for whose masks are most like it, the likeliest first."""
    segment = find_segment(picture.document, fields.integer("segment_id", 1, MOST_SEGMENTS))
    mask = picture.document.label_map == segment.segment_id
    rows = mask_shortlist(picture.prediction, _whole(picture), mask)
    return {"shortlist": [{"category_id": category_id, "probability": p} for category_id, p in rows]}


def embedding_of_segment(picture: OpenPicture, segment_id: int) -> NDArray[np.float32]:
    """(C,) the query that a segment of the document amounts to; zeros for per-pixel models."""
    return embedding_of(picture.prediction, _whole(picture), picture.document.label_map == segment_id)


def _whole(picture: OpenPicture) -> Window:
    height, width = picture.document.size_hw
    return Window.around((0, 0, width, height), picture.prediction.geometry)
