"""What a person decided about a picture, apart from what the model fills in, and how each edit changes it."""

from dataclasses import dataclass, replace
from typing import Self, TypeAlias

import numpy as np
from numpy.typing import NDArray

from core.document.checks import find_unlocked, require_query
from core.document.document import Document, Settings
from core.document.edits import Delete, SetThresholds, Switch
from core.inference import Prediction, query_mask
from core.messages import StudioError
from core.types import SegmentInfo, Taxonomy

Assembling: TypeAlias = Delete | Switch | SetThresholds  # a deletion whose pixels go to the next claim


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
        StudioError: the edit names something that is not there, or a locked segment would lose its pixels.
    """
    decisions = Decisions.of(document)
    match edit:
        case Delete():
            return _set_free(decisions, document, edit)
        case Switch():
            return _switch(decisions, edit, prediction)
        case SetThresholds():
            return _set_thresholds(decisions, edit)


def _set_free(decisions: Decisions, document: Document, edit: Delete) -> Decisions:
    """The segment's queries are off, and its pixels go to whoever claims them next."""
    queries = frozenset(find_unlocked(document, edit.segment_id).queries)
    touched = {key: segment for key, segment in decisions.touched.items() if key != edit.segment_id}
    return replace(
        decisions,
        touched=touched,
        touched_map=_only(decisions.touched_map, list(touched), largest=max(decisions.touched, default=0)),
        off=decisions.off | queries,
        silent=decisions.silent - queries,
    )


def _switch(decisions: Decisions, edit: Switch, prediction: Prediction) -> Decisions:
    require_query(edit.query, prediction)
    if edit.on:
        voided = decisions.voided
        if edit.query in decisions.silent:
            voided = voided & ~query_mask(prediction, edit.query)
        off, silent = decisions.off - {edit.query}, decisions.silent - {edit.query}
        return replace(decisions, off=off, silent=silent, voided=voided)
    left = {key: _without(segment, edit.query) for key, segment in decisions.touched.items()}
    touched = {key: segment for key, segment in left.items() if segment is not None}
    touched_map = _only(decisions.touched_map, list(touched), largest=max(left, default=0))
    return replace(decisions, off=decisions.off | {edit.query}, touched=touched, touched_map=touched_map)


def _without(segment: SegmentInfo, query: int) -> SegmentInfo | None:
    """The segment without a query; None where it goes with it."""
    if segment.queries == (query,) and segment.locked:
        raise StudioError("error.segment_locked", segment_id=segment.segment_id)
    if segment.queries == (query,):
        return None
    return replace(segment, queries=tuple(other for other in segment.queries if other != query))


def _set_thresholds(decisions: Decisions, edit: SetThresholds) -> Decisions:
    if not (0 <= edit.score <= 1 and 0 <= edit.overlap <= 1):
        raise StudioError("error.threshold_range", score=edit.score, overlap=edit.overlap)
    return replace(decisions, settings=Settings(edit.score, edit.overlap))


def _only(labels: NDArray[np.int32], kept: list[int], largest: int) -> NDArray[np.int32]:
    """The map with every label 0 that is not kept; ``largest`` bounds its labels."""
    table = np.zeros(largest + 1, dtype=np.int32)
    table[kept] = kept
    return table[labels]
