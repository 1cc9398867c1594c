"""The state of a picture as the page mirrors it: labels, segments, fates, thresholds, and what can be undone."""

import numpy as np

from app.anchors import anchors_xy
from app.answers.reply import Reply
from app.answers.sentences import edit_name
from app.encoding import deflated
from app.palette import segment_color
from app.sessions import OpenPicture
from core.document import Document, fates
from core.masks import boxes_xyxy
from core.types import QueryFate, Taxonomy


def state_of(picture: OpenPicture, language: str) -> Reply:
    """Everything that an edit can change."""
    document, history = picture.document, picture.history
    return {
        "version": document.version,
        "labels": deflated(document.label_map.astype(np.uint16)),
        "segments": _segments(document, picture.prediction.taxonomy),
        "fates": [_fate(row) for row in fates(document, picture.prediction)],
        "thresholds": {"score": document.settings.score_threshold, "overlap": document.settings.overlap_threshold},
        "off": sorted(document.off),
        "undo": edit_name(history.undoable, picture.prediction.taxonomy, language),
        "redo": edit_name(history.redoable, picture.prediction.taxonomy, language),
    }


def _segments(document: Document, taxonomy: Taxonomy) -> list[Reply]:
    """Rows by falling area; box and anchor are measured on the label map."""
    segments = sorted(document.segments.values(), key=lambda segment: (-segment.area, segment.segment_id))
    ids = [segment.segment_id for segment in segments]
    boxes = boxes_xyxy(document.label_map, ids)
    anchors = anchors_xy(document.label_map, ids, boxes)
    return [
        {
            "segment_id": segment.segment_id,
            "category_id": segment.category_id,
            "score": segment.score,
            "area": segment.area,
            "queries": list(segment.queries),
            "origin": segment.origin.value,
            "touched": segment.touched,
            "color": list(segment_color(segment, taxonomy)),
            "box_xyxy": box,
            "anchor_xy": list(anchor),
        }
        for segment, box, anchor in zip(segments, boxes.tolist(), anchors, strict=True)
    ]


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
