"""What clicks lead to: the shape that a segment, or a new one, would have. Nothing is changed yet."""

import numpy as np
from numpy.typing import NDArray

from app.answers.fields import Fields
from app.answers.prompt_fields import read_prompts
from app.answers.reply import Reply
from app.encoding import mask_fields
from app.open_picture import OpenPicture
from core.document import Document
from core.document.checks import MOST_SEGMENTS, find_unlocked
from core.document.patch import slices
from core.document.redraw import box_of
from core.refinement import Refinement, Refiner
from core.types import VOID

LARGE_SHARE = 0.25  # of a segment that a person has decided about: taking as much of it is asked first


def refine(picture: OpenPicture, refiner: Refiner, fields: Fields) -> Reply:
    """Box and mask of the pixels that the answer is about, and the classes that a new segment of this shape may have.

    Without a box the prompts change nothing. ``ask`` is there where the change is large: it is to be shown first.
    """
    document = picture.document
    segment_id = fields.integer("segment_id", 1, MOST_SEGMENTS) if fields.given("segment_id") else None
    if segment_id is not None:
        find_unlocked(document, segment_id)
    found = refiner.solve(
        read_prompts(fields.inside("prompts")),
        label_map=document.label_map,
        segment_id=segment_id,
        locked=frozenset(key for key, row in document.segments.items() if row.locked),
    )
    reply = _change(document, segment_id, found)
    if reply and segment_id is None:
        reply["shortlist"] = [{"category_id": category_id, "probability": p} for category_id, p in found.shortlist]
    return reply


def _change(document: Document, segment_id: int | None, found: Refinement) -> Reply:
    before = document.label_map[slices(found.box)]
    box = box_of(found.mask != (before == (segment_id or -1)))
    if box[0] == box[2]:
        return {}
    rows, columns = slices(box)
    (left, top), mask = found.box[:2], found.mask[rows, columns]
    reply: Reply = {
        "box_xyxy": [box[0] + left, box[1] + top, box[2] + left, box[3] + top],
        **mask_fields(mask),
    }
    if question := _question(document, segment_id, mask, before[rows, columns], found):
        reply["ask"] = question
    return reply


def _question(
    document: Document, segment_id: int | None, mask: NDArray[np.bool_], before: NDArray[np.int32], found: Refinement
) -> Reply | None:
    """Why the change is to be shown first: it goes far, or takes much of what a person has decided about."""
    if found.is_preview:
        return {"why": "far"}
    labels, counts = np.unique(before[mask], return_counts=True)
    for label, count in zip(labels.tolist(), counts.tolist(), strict=True):
        if label in (VOID, segment_id):
            continue
        row = document.segments[label]
        if row.touched and count > LARGE_SHARE * row.area:
            return {"why": "takes", "segment_id": label, "share": count / row.area}
    return None
