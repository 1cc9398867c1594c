"""What a person decided about a picture, apart from what the model fills in, and how each edit changes it."""

from dataclasses import dataclass, replace
from typing import Self, TypeAlias

import numpy as np
from numpy.typing import NDArray

from core.document.document import Document, Settings
from core.document.edits import Delete, Fill, Promote, Relabel, SetThresholds, Switch
from core.inference import Prediction, query_mask
from core.messages import StudioError
from core.types import VOID, Origin, SegmentInfo, Taxonomy

Assembling: TypeAlias = Relabel | Delete | Promote | Switch | SetThresholds


@dataclass(frozen=True, slots=True)
class Decisions:
    """The part of a document that the model has no say in.

    Attributes:
        touched: segments that a person decided about, by id.
        touched_map: (H, W) int32, their labels; 0 where the model decides.
        voided, off, silent, settings, taxonomy: as in :class:`Document`.
    """

    touched: dict[int, SegmentInfo]
    touched_map: NDArray[np.int32]
    voided: NDArray[np.bool_]
    off: frozenset[int]
    silent: frozenset[int]
    settings: Settings
    taxonomy: Taxonomy

    @classmethod
    def of(cls, document: Document) -> Self:
        """What a document holds of them."""
        touched = {key: segment for key, segment in document.segments.items() if segment.touched}
        return cls(
            touched=touched,
            touched_map=_only(document.label_map, list(touched), largest=max(document.segments, default=0)),
            voided=document.voided,
            off=document.off,
            silent=document.silent,
            settings=document.settings,
            taxonomy=document.taxonomy,
        )


def decide(document: Document, edit: Assembling, prediction: Prediction) -> Decisions:
    """The decisions after an edit.

    Raises:
        StudioError: the edit names something that is not there, or makes nothing.
    """
    decisions = Decisions.of(document)
    match edit:
        case Relabel():
            return _relabel(decisions, document, edit, prediction)
        case Delete():
            return _delete(decisions, document, edit)
        case Promote():
            return _promote(decisions, document, edit, prediction)
        case Switch():
            return _switch(decisions, edit, prediction)
        case SetThresholds():
            return _set_thresholds(decisions, edit)


def find_segment(document: Document, segment_id: int) -> SegmentInfo:
    """Raises StudioError where the document has no such segment."""
    if segment_id not in document.segments:
        raise StudioError("error.no_segment", segment_id=segment_id)
    return document.segments[segment_id]


def _relabel(decisions: Decisions, document: Document, edit: Relabel, prediction: Prediction) -> Decisions:
    segment = find_segment(document, edit.segment_id)
    class_index = prediction.taxonomy.class_index(edit.category_id)
    score = float(prediction.class_probs[list(segment.queries), class_index].amax())
    segment = replace(segment, category_id=edit.category_id, score=score, touched=True)
    touched_map = np.where(document.label_map == edit.segment_id, np.int32(edit.segment_id), decisions.touched_map)
    return replace(decisions, touched={**decisions.touched, edit.segment_id: segment}, touched_map=touched_map)


def _delete(decisions: Decisions, document: Document, edit: Delete) -> Decisions:
    queries = frozenset(find_segment(document, edit.segment_id).queries)
    is_deleted = document.label_map == edit.segment_id
    to_void = edit.fill is Fill.VOID
    return replace(
        decisions,
        touched={key: segment for key, segment in decisions.touched.items() if key != edit.segment_id},
        touched_map=np.where(is_deleted, np.int32(VOID), decisions.touched_map),
        voided=decisions.voided | is_deleted if to_void else decisions.voided,
        off=decisions.off | queries,
        silent=decisions.silent | queries if to_void else decisions.silent - queries,
    )


def _promote(decisions: Decisions, document: Document, edit: Promote, prediction: Prediction) -> Decisions:
    _require_query(edit.query, prediction)
    for segment in document.segments.values():
        if edit.query in segment.queries:
            raise StudioError("error.query_used", query=edit.query, segment_id=segment.segment_id)
    pixels = query_mask(prediction, edit.query) & (decisions.touched_map == VOID)
    if not pixels.any():
        raise StudioError("error.query_empty", query=edit.query)
    segment_id = free_ids(1, set(document.segments))[0]
    category_id = prediction.taxonomy[int(prediction.best_classes[edit.query])].category_id
    segment = SegmentInfo(
        segment_id=segment_id,
        category_id=category_id,
        score=float(prediction.scores[edit.query]),
        area=int(pixels.sum()),
        queries=(edit.query,),
        origin=Origin.PROMOTED,
        touched=True,
    )
    return replace(
        decisions,
        touched={**decisions.touched, segment_id: segment},
        touched_map=np.where(pixels, np.int32(segment_id), decisions.touched_map),
        voided=decisions.voided & ~pixels,
        off=decisions.off - {edit.query},
        silent=decisions.silent - {edit.query},
    )


def _switch(decisions: Decisions, edit: Switch, prediction: Prediction) -> Decisions:
    _require_query(edit.query, prediction)
    if edit.on:
        voided = decisions.voided
        if edit.query in decisions.off and voided.any():
            voided = voided & ~query_mask(prediction, edit.query)
        off, silent = decisions.off - {edit.query}, decisions.silent - {edit.query}
        return replace(decisions, off=off, silent=silent, voided=voided)
    without = {
        key: replace(segment, queries=tuple(query for query in segment.queries if query != edit.query))
        for key, segment in decisions.touched.items()
    }
    touched = {key: segment for key, segment in without.items() if segment.queries}
    touched_map = _only(decisions.touched_map, list(touched), largest=max(without, default=0))
    return replace(decisions, off=decisions.off | {edit.query}, touched=touched, touched_map=touched_map)


def _set_thresholds(decisions: Decisions, edit: SetThresholds) -> Decisions:
    if not (0 <= edit.score <= 1 and 0 <= edit.overlap <= 1):
        raise StudioError("error.threshold_range", score=edit.score, overlap=edit.overlap)
    return replace(decisions, settings=Settings(edit.score, edit.overlap))


def _only(labels: NDArray[np.int32], kept: list[int], largest: int) -> NDArray[np.int32]:
    """The map with every label 0 that is not kept; ``largest`` bounds its labels."""
    table = np.zeros(largest + 1, dtype=np.int32)
    table[kept] = kept
    return table[labels]


def _require_query(query: int, prediction: Prediction) -> None:
    if not 0 <= query < len(prediction):
        raise StudioError("error.no_query", query=query, last=len(prediction) - 1)


def free_ids(count: int, taken: set[int]) -> list[int]:
    """The ``count`` smallest positive ids that are not taken."""
    candidates = range(1, count + len(taken) + 1)
    return [candidate for candidate in candidates if candidate not in taken][:count]
