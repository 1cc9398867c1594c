"""The state of a picture as the page mirrors it: labels, segments, fates, thresholds, and what can be undone.

The whole of it travels when a picture is opened; after that only what each edit changed.
"""

from collections.abc import Iterable

import numpy as np

from app.answers.reply import Reply
from app.answers.sentences import edit_name
from app.encoding import base64_text, deflated
from app.open_picture import OpenPicture
from app.palette import segment_color
from core.document import Edit, Patch
from core.types import Category, QueryFate, SegmentInfo, Taxonomy


def state_of(picture: OpenPicture) -> Reply:
    """Everything that an edit can change."""
    document = picture.document
    return {
        "labels": deflated(document.label_map.astype(np.uint16)),
        "segments": _rows(picture, document.segments.values()),
        "fates": [_fate(row) for row in picture.fates.rows],
        "thresholds": _thresholds(picture),
        "off": sorted(document.off),
        **_standing(picture),
    }


def delta_of(picture: OpenPicture, patch: Patch) -> Reply:
    """What ``patch``, the one that led to the present document, changed of it; ``base`` is the version before."""
    document = picture.document
    recolored = patch.taxonomy is not None
    changed = document.segments.keys() if recolored else patch.segments.keys() & document.segments.keys()
    reply: Reply = {
        "base": document.version - 1,
        "segments": _rows(picture, (document.segments[key] for key in changed)),
        "gone": sorted(key for key, row in patch.segments.items() if row is None),
        **_standing(picture),
    }
    if patch.size_hw != (0, 0):
        reply |= {"box_xyxy": list(patch.box_xyxy), "labels": base64_text(patch.labels)}
    if picture.fates.changed:
        reply["fates"] = [_fate(row) for row in picture.fates.changed]
    if patch.settings is not None:
        reply["thresholds"] = _thresholds(picture)
    if patch.off is not None:
        reply["off"] = sorted(patch.off)
    if recolored:
        reply["taxonomy"] = taxonomy_rows(document.taxonomy)
    return reply


def unchanged(picture: OpenPicture) -> Reply:
    """A delta that changes nothing: a page with another version than ``base`` learns that it has to reload."""
    return {"base": picture.document.version, "segments": [], "gone": [], **_standing(picture)}


def taxonomy_rows(taxonomy: Taxonomy) -> list[Reply]:
    """The categories in their order."""
    return [_category(category) for category in taxonomy.categories]


def _category(category: Category) -> Reply:
    return {
        "category_id": category.category_id,
        "name": category.name,
        "is_thing": category.is_thing,
        "color": list(category.color),
    }


def _standing(picture: OpenPicture) -> Reply:
    """What every reply about an edit ends with."""
    document, history = picture.document, picture.history
    return {
        "version": document.version,
        "undo": _name(history.undoable, document.taxonomy),
        "redo": _name(history.redoable, document.taxonomy),
    }


def _name(edit: Edit | None, taxonomy: Taxonomy) -> Reply | None:
    """What the page says of the edit in whatever language it has at the time; None for None."""
    if edit is None:
        return None
    name = edit_name(edit, taxonomy)
    return {"key": name.key, "values": name.values}


def _thresholds(picture: OpenPicture) -> Reply:
    settings = picture.document.settings
    return {"score": settings.score_threshold, "overlap": settings.overlap_threshold}


def _rows(picture: OpenPicture, segments: Iterable[SegmentInfo]) -> list[Reply]:
    """Rows by falling area."""
    falling = sorted(segments, key=lambda segment: (-segment.area, segment.segment_id))
    return [_row(picture, segment) for segment in falling]


def _row(picture: OpenPicture, segment: SegmentInfo) -> Reply:
    mark = picture.marks[segment.segment_id]
    return {
        "segment_id": segment.segment_id,
        "category_id": segment.category_id,
        "score": segment.score,
        "area": segment.area,
        "queries": list(segment.queries),
        "origin": segment.origin.value,
        "touched": segment.touched,
        "locked": segment.locked,
        "reviewed": segment.reviewed,
        "source": segment.source,
        "color": list(segment_color(segment, picture.document.taxonomy)),
        "box_xyxy": list(mark.box_xyxy),
        "anchor_xy": list(mark.anchor_xy),
    }


def _fate(row: QueryFate) -> Reply:
    return {
        "query": row.query,
        "fate": row.fate.value,
        "class_index": row.class_index,
        "score": row.score,
        "mask_area": row.mask_area,
        "won_area": row.won_area,
        "segment_id": row.segment_id,
    }
