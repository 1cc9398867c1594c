"""An annotation from elsewhere takes the place of all segments."""

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from core.document.checks import MOST_SEGMENTS
from core.document.document import Document
from core.document.edits import Import
from core.document.packing import unpack_labels
from core.document.patch import Patch
from core.inference import Prediction
from core.masks import label_areas
from core.messages import StudioError
from core.types import VOID, Category, Origin, SegmentInfo, Taxonomy


def import_annotation(document: Document, edit: Import, prediction: Prediction) -> Patch:
    """Every pixel is the annotation's: a touched segment's, or voided.

    Raises:
        StudioError: it is of another size, its labels and rows disagree, or a category is unknown or stands twice.
    """
    if edit.size_hw != document.size_hw:
        (height, width), (picture_height, picture_width) = edit.size_hw, document.size_hw
        sizes = {"picture_height": picture_height, "picture_width": picture_width}
        raise StudioError("error.annotation_size", height=height, width=width, **sizes)
    labels = unpack_labels(edit.labels, edit.size_hw).astype(np.int32)
    taxonomy = _extended(document.taxonomy, edit.categories)
    segments = _counted(edit.segments, label_areas(labels), taxonomy)
    voided = labels == VOID
    differs = (labels != document.label_map) | (voided != document.voided)
    rows = {**dict.fromkeys(document.segments), **segments}
    changed = {key: row for key, row in rows.items() if document.segments.get(key) != row}
    tables = {} if taxonomy is document.taxonomy else {"taxonomy": taxonomy}
    return Patch.drawn((0, 0), differs, labels, voided, segments=changed, **tables)


def _extended(taxonomy: Taxonomy, categories: Iterable[Category]) -> Taxonomy:
    added = tuple(category for category in categories if category not in taxonomy.categories)
    return Taxonomy(taxonomy.name, taxonomy.categories + added) if added else taxonomy


def _counted(segments: Iterable[SegmentInfo], areas: dict[int, int], taxonomy: Taxonomy) -> dict[int, SegmentInfo]:
    areas.pop(VOID, None)
    rows = {segment.segment_id: segment for segment in segments}
    wrong = rows.keys() ^ areas.keys() | {key for key in rows if not VOID < key <= MOST_SEGMENTS}
    if wrong:
        raise StudioError("error.import_labels", labels=", ".join(str(key) for key in sorted(wrong)[:10]))
    for row in rows.values():
        taxonomy.class_index(row.category_id)
    return {key: _imported(row, areas[key]) for key, row in rows.items()}


def _imported(row: SegmentInfo, area: int) -> SegmentInfo:
    return replace(row, area=area, queries=(), origin=Origin.IMPORT, touched=True)
