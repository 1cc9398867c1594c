"""Edits of the tables: a segment's row, or a category's."""

from dataclasses import replace

from core.document.checks import find_segment
from core.document.document import Document
from core.document.edits import Lock, Relabel, RemoveCategory, Review, SetCategory
from core.document.patch import Patch
from core.inference import Prediction
from core.messages import StudioError
from core.types import Category, SegmentInfo, Taxonomy


def relabel(document: Document, edit: Relabel, prediction: Prediction) -> Patch:
    """The score is the new category's."""
    segment = find_segment(document, edit.segment_id)
    document.taxonomy.class_index(edit.category_id)
    score = score_of(segment, edit.category_id, prediction)
    return _row(document, replace(segment, category_id=edit.category_id, score=score, touched=True))


def lock(document: Document, edit: Lock, prediction: Prediction) -> Patch:
    """Protected, or no longer."""
    segment = find_segment(document, edit.segment_id)
    is_new = segment.locked != edit.locked
    return _row(document, replace(segment, locked=edit.locked, touched=segment.touched or is_new))


def review(document: Document, edit: Review, prediction: Prediction) -> Patch:
    """Found right, or no longer."""
    segment = find_segment(document, edit.segment_id)
    is_new = segment.reviewed != edit.reviewed
    return _row(document, replace(segment, reviewed=edit.reviewed, touched=segment.touched or is_new))


def set_category(document: Document, edit: SetCategory, prediction: Prediction) -> Patch:
    """A changed row, or a new one at the end."""
    if not edit.name.strip():
        raise StudioError("error.category_name")
    rows, name = document.taxonomy.categories, edit.name.strip()
    if edit.category_id is None:
        category_id = 1 + max((row.category_id for row in rows), default=0)
        return _taxonomy(document, (*rows, Category(category_id, name, edit.is_thing, edit.color)))
    old = document.taxonomy.category(edit.category_id)
    new = replace(old, name=name, is_thing=edit.is_thing, color=edit.color)
    return _taxonomy(document, tuple(new if row is old else row for row in rows))


def remove_category(document: Document, edit: RemoveCategory, prediction: Prediction) -> Patch:
    """Refused where a segment needs the category, or the model's next assembly may."""
    category = document.taxonomy.category(edit.category_id)
    count = sum(segment.category_id == edit.category_id for segment in document.segments.values())
    if count:
        raise StudioError("error.category_used", name=category.name, count=count)
    if _knows(prediction, edit.category_id):
        raise StudioError("error.category_of_model", name=category.name)
    return _taxonomy(document, tuple(row for row in document.taxonomy.categories if row is not category))


def score_of(segment: SegmentInfo, category_id: int, prediction: Prediction) -> float:
    """The probability that the segment's queries give a category; 1 where they cannot know it."""
    if not segment.queries or not _knows(prediction, category_id):
        return 1.0
    class_index = prediction.taxonomy.class_index(category_id)
    return float(prediction.class_probs[list(segment.queries), class_index].amax())


def _knows(prediction: Prediction, category_id: int) -> bool:
    return any(row.category_id == category_id for row in prediction.taxonomy.categories)


def _row(document: Document, row: SegmentInfo) -> Patch:
    changed = document.segments[row.segment_id] != row
    return Patch.of_tables(segments={row.segment_id: row} if changed else {})


def _taxonomy(document: Document, categories: tuple[Category, ...]) -> Patch:
    if categories == document.taxonomy.categories:
        return Patch.of_tables()
    return Patch.of_tables(taxonomy=Taxonomy(document.taxonomy.name, categories))
