"""A person's decisions laid over the model's assembly: the one way in which a label map comes to be."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from core.document.checks import free_ids
from core.document.decisions import Decisions
from core.document.document import Document
from core.inference import Prediction, assemble, segments_of
from core.masks import label_areas
from core.types import VOID, SegmentInfo


def compose(decisions: Decisions, prediction: Prediction, earlier: Document) -> Document:
    """The document that follows from decisions; ``earlier`` is the one they grew out of.

    The model's assembly is painted first, then what stays void, then the touched segments. Queries of touched segments
    still win their pixels in the assembly, but for nobody: touching a segment moves no other. A segment keeps its id as
    long as it keeps a query; new ones take the smallest ids that ``earlier`` does not use.
    """
    thresholds = decisions.settings.score_threshold, decisions.settings.overlap_threshold
    assembly = assemble(prediction, *thresholds, off=decisions.off - decisions.silent)
    held = decisions.silent.union(*(segment.queries for segment in decisions.touched.values()))
    free = segments_of((row for row in assembly.fates if row.query not in held), prediction)
    painted = _numbered(free, decisions, earlier)
    label_map = _paint(painted, assembly.owners, decisions, len(prediction))
    areas = label_areas(label_map)
    segments = [*painted, *decisions.touched.values()]
    return Document(
        label_map=label_map,
        segments={s.segment_id: replace(s, area=areas[s.segment_id]) for s in segments if s.segment_id in areas},
        settings=decisions.settings,
        off=decisions.off,
        silent=decisions.silent,
        voided=decisions.voided,
        assembled=assembly.fates,
        taxonomy=decisions.taxonomy,
        version=earlier.version + 1,
    )


def _numbered(segments: tuple[SegmentInfo, ...], decisions: Decisions, earlier: Document) -> list[SegmentInfo]:
    """The model's segments under the ids that their queries had, or under free ones.

    No two claim one id: queries of one earlier segment are of one stuff class, and so fused again.
    """
    id_of_query = {q: s.segment_id for s in earlier.segments.values() if not s.touched for q in s.queries}
    fresh = iter(free_ids(len(segments), set(earlier.segments) | set(decisions.touched)))
    numbered = []
    for segment in segments:
        known = [id_of_query[query] for query in segment.queries if query in id_of_query]
        numbered.append(replace(segment, segment_id=known[0] if known else next(fresh)))
    return numbered


def _paint(
    painted: list[SegmentInfo], owners: NDArray[np.int16], decisions: Decisions, queries: int
) -> NDArray[np.int32]:
    label_of_query = np.full(queries + 1, VOID, dtype=np.int32)  # the last row serves owner -1
    for segment in painted:
        label_of_query[list(segment.queries)] = segment.segment_id
    label_map = label_of_query[owners]
    label_map[decisions.voided] = VOID
    np.copyto(label_map, decisions.touched_map, where=decisions.touched_map != VOID)
    return label_map
