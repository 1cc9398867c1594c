"""Edits that ask the model's queries: a new assembly, or pixels that go to one query or to many."""

from dataclasses import replace

import numpy as np
import torch
from numpy.typing import NDArray

from core.document.checks import find_unlocked, free_ids, require_query
from core.document.composition import compose
from core.document.decisions import Decisions, decide
from core.document.document import Document
from core.document.edits import Delete, Fill, FillVoid, Promote, SetThresholds, Switch
from core.document.patch import Patch, slices
from core.document.redraw import box_of, redraw, window_of
from core.inference import Prediction, own_masks, query_mask
from core.inference.contest import compete
from core.messages import StudioError
from core.types import VOID, Box, Origin, RunLength, SegmentInfo


def assemble_again(document: Document, edit: Switch | SetThresholds, prediction: Prediction) -> Patch:
    """What the model fills in is filled in anew."""
    return Patch.between(document, compose(decide(document, edit, prediction), prediction, document))


def delete(document: Document, edit: Delete, prediction: Prediction) -> Patch:
    """The pixels go to void, or to the next claim."""
    segment = find_unlocked(document, edit.segment_id)
    if edit.fill is Fill.NEXT:
        return Patch.between(document, compose(decide(document, edit, prediction), prediction, document))
    box, mask = window_of(document, edit.segment_id)
    return redraw(document, box, mask, VOID, [replace(segment, touched=True)])


def promote(document: Document, edit: Promote, prediction: Prediction) -> Patch:
    """The query's own mask becomes a segment, as far as it is free; where the query was off, all is assembled anew."""
    _require_unused(document, edit.query, prediction)
    mask = query_mask(prediction, edit.query)
    box = box_of(mask)
    kept = [key for key, row in document.segments.items() if row.locked or (row.touched and not edit.over)]
    free = mask[slices(box)] & ~np.isin(document.label_map[slices(box)], kept)
    if not free.any():
        raise StudioError("error.query_empty", query=edit.query)
    row = _promoted(document, edit.query, prediction)
    patch = redraw(document, box, free, row.segment_id, [row], switched_on=frozenset({edit.query}))
    if edit.query not in document.off - document.silent:
        return patch
    after = patch.apply(document)
    return Patch.between(document, compose(Decisions.of(after), prediction, after))


def fill_void(document: Document, edit: FillVoid, prediction: Prediction) -> Patch:
    """Void pixels go to the segments whose queries claim them most."""
    label_of = {q: s.segment_id for s in document.segments.values() if not s.locked for q in s.queries}
    box, void = window_of(document, VOID)
    if not label_of or not void.any():
        return Patch.of_tables()
    labels = _claimed(label_of, void, box, prediction)
    gaining = [document.segments[key] for key in np.unique(labels[labels != VOID]).tolist()]
    return redraw(document, box, labels != VOID, labels, [replace(row, touched=True) for row in gaining])


def _require_unused(document: Document, query: int, prediction: Prediction) -> None:
    require_query(query, prediction)
    for segment in document.segments.values():
        if query in segment.queries:
            raise StudioError("error.query_used", query=query, segment_id=segment.segment_id)


def _promoted(document: Document, query: int, prediction: Prediction) -> SegmentInfo:
    return SegmentInfo(
        segment_id=free_ids(1, set(document.segments))[0],
        category_id=prediction.taxonomy[int(prediction.best_classes[query])].category_id,
        score=float(prediction.scores[query]),
        area=0,
        queries=(query,),
        origin=Origin.PROMOTED,
        touched=True,
    )


def _claimed(label_of: dict[int, int], void: NDArray[np.bool_], box: Box, prediction: Prediction) -> NDArray[np.int32]:
    """(h, w) label of the strongest claim on each void pixel of a box; 0 where it is none."""
    contest = compete(prediction, torch.tensor(sorted(label_of)))
    ys, xs = np.nonzero(void)
    winners = contest.winners[slices(box)][ys, xs]
    places = np.unique(winners).tolist()
    queries = [contest.queries[place] for place in places]
    labels = np.zeros(void.shape, dtype=np.int32)
    for place, query, own in zip(places, queries, own_masks(prediction, queries), strict=True):
        y, x = ys[winners == place], xs[winners == place]
        claimed = _holds(own.mask, y + box[1], x + box[0])
        labels[y[claimed], x[claimed]] = label_of[query]
    return labels


def _holds(mask: RunLength, ys: NDArray[np.int64], xs: NDArray[np.int64]) -> NDArray[np.bool_]:
    """(N,) True where a pixel lies in the mask: every second run, column by column, does."""
    ends = np.cumsum(mask.counts, dtype=np.int64)
    run = np.searchsorted(ends, xs * mask.size_hw[0] + ys, side="right")
    return np.asarray(run % 2 == 1)
