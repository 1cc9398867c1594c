"""Two results of one picture held against each other: which segments are the same, and where the two disagree.

The models may know different classes: two classes are the same where their names are.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from core.evaluation.overlaps import SegmentedPicture, compact_map, intersection_over_union, pair_counts, shared_runs
from core.evaluation.semantic import SemanticStat, semantic_stat
from core.masks import boxes_xyxy
from core.types import VOID, Box, PanopticResult, SegmentInfo, Taxonomy

SAME = 0.5  # IoU above which two segments are one: no other pair of either can reach it


class Kind(StrEnum):
    """How two results disagree about a pixel."""

    CLASS = "class"  # another class
    VOID = "void"  # a segment here, none there
    INSTANCE = "instance"  # the same class, but things that are not the same


KINDS = tuple(Kind)


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Pixels in a segment of the first result (or void, None) and one of the second that do not agree."""

    kind: Kind
    first: int | None
    second: int | None
    area: int
    box_xyxy: Box


@dataclass(frozen=True, eq=False)
class ResultComparison:
    """Two results of one picture.

    Attributes:
        firsts, seconds: their A and B segments.
        iou: (A, B), void left out.
        pairs: places (of firsts, of seconds) that are the same segment, by falling IoU, whatever their classes.
        same_class: (A, B) True where the classes have one name.
        kinds: (H, W) uint8, 0 where they agree, else 1 + the place in ``KINDS``.
        disagreements: the largest first.
    """

    firsts: tuple[SegmentInfo, ...]
    seconds: tuple[SegmentInfo, ...]
    iou: NDArray[np.float64]
    pairs: tuple[tuple[int, int], ...]
    same_class: NDArray[np.bool_]
    kinds: NDArray[np.uint8]
    disagreements: tuple[Disagreement, ...]

    @property
    def agreement(self) -> float:
        """Share of the picture."""
        return float((self.kinds == 0).mean())

    def share(self, kind: Kind) -> float:
        """Share of the picture with a disagreement of a kind."""
        return float((self.kinds == 1 + KINDS.index(kind)).mean())


def compare_results(
    first: PanopticResult, first_taxonomy: Taxonomy, second: PanopticResult, second_taxonomy: Taxonomy
) -> ResultComparison:
    """Holds a result against another of the same picture."""
    places = [compact_map(SegmentedPicture(result.panoptic_map, result.segments)) for result in (first, second)]
    firsts, seconds = len(first.segments), len(second.segments)
    rows, columns, lengths = shared_runs(*places)
    pixels = pair_counts(rows, columns, lengths, (1 + firsts, 1 + seconds))
    iou = _iou(pixels)
    found = [(first, second) for first, second in np.argwhere(iou > SAME).tolist()]
    pairs = sorted(found, key=lambda pair: -iou[pair])
    names = [_names(first.segments, first_taxonomy), _names(second.segments, second_taxonomy)]
    same = np.array([[a == b for b in names[1]] for a in names[0]], dtype=bool).reshape(firsts, seconds)
    things = [_things(first.segments, first_taxonomy), _things(second.segments, second_taxonomy)]
    kind_of = _kind_table(same, pairs, things[0][:, None] & things[1])
    both = places[0] * (1 + seconds) + places[1]
    return ResultComparison(
        firsts=first.segments,
        seconds=second.segments,
        iou=iou,
        pairs=tuple(pairs),
        same_class=same,
        kinds=kind_of.ravel()[both],
        disagreements=_listed(kind_of, pixels, both, first.segments, second.segments),
    )


def class_ious(
    class_map: NDArray[np.int32],
    taxonomy: Taxonomy,
    truth: NDArray[np.int32],
    segments: Mapping[int, SegmentInfo],
    truth_taxonomy: Taxonomy,
) -> SemanticStat:
    """A class map's pixels counted against labelled segments, classes by name; what has no true name counts as void.

    Args:
        class_map: (H, W) class indices of ``taxonomy``.
        truth: (H, W) ids of ``segments``, 0 = unlabelled.
    """
    index_of = {category.name.casefold(): index for index, category in enumerate(truth_taxonomy.categories)}
    translated = np.array([index_of.get(c.name.casefold(), -1) for c in taxonomy.categories], dtype=np.int32)
    class_of = np.full(1 + max(segments, default=VOID), -1, dtype=np.int32)
    for segment_id, segment in segments.items():
        class_of[segment_id] = truth_taxonomy.class_index(segment.category_id)
    return semantic_stat(class_of[truth], translated[class_map], len(truth_taxonomy))


def _iou(pixels: NDArray[np.int64]) -> NDArray[np.float64]:
    """(A, B) of counts (1 + A, 1 + B) whose first row and column are void, which is part of every union."""
    firsts, seconds = pixels.shape[0] - 1, pixels.shape[1] - 1
    padded = np.zeros((firsts + 2, seconds + 1), dtype=np.int64)
    padded[1:-1], padded[-1] = pixels[1:], pixels[0]  # void of the first is background: it stays in the union
    return intersection_over_union(padded, firsts, seconds)


def _names(segments: Sequence[SegmentInfo], taxonomy: Taxonomy) -> list[str]:
    return [taxonomy.category(segment.category_id).name.casefold() for segment in segments]


def _things(segments: Sequence[SegmentInfo], taxonomy: Taxonomy) -> NDArray[np.bool_]:
    return np.array([taxonomy.category(segment.category_id).is_thing for segment in segments], dtype=bool)


def _kind_table(
    same: NDArray[np.bool_], pairs: Sequence[tuple[int, int]], both_things: NDArray[np.bool_]
) -> NDArray[np.uint8]:
    """(1 + A, 1 + B) as :attr:`ResultComparison.kinds`."""
    matched = np.zeros_like(same)
    for pair in pairs:
        matched[pair] = True
    table = np.full((same.shape[0] + 1, same.shape[1] + 1), 1 + KINDS.index(Kind.VOID), dtype=np.uint8)
    table[0, 0] = 0
    apart = same & both_things & ~matched
    table[1:, 1:] = np.where(same, 0, 1 + KINDS.index(Kind.CLASS))
    table[1:, 1:][apart] = 1 + KINDS.index(Kind.INSTANCE)
    return table


def _listed(
    kind_of: NDArray[np.uint8],
    pixels: NDArray[np.int64],
    both: NDArray[np.int64],
    firsts: Sequence[SegmentInfo],
    seconds: Sequence[SegmentInfo],
) -> tuple[Disagreement, ...]:
    cells = np.flatnonzero((kind_of > 0) & (pixels > 0))
    cells = cells[np.argsort(-pixels.ravel()[cells], kind="stable")]
    boxes = boxes_xyxy(both, cells.tolist())
    found = []
    for cell, box in zip(cells.tolist(), boxes.tolist(), strict=True):
        row, column = divmod(cell, pixels.shape[1])
        found.append(
            Disagreement(
                kind=KINDS[kind_of[row, column] - 1],
                first=firsts[row - 1].segment_id if row else None,
                second=seconds[column - 1].segment_id if column else None,
                area=int(pixels[row, column]),
                box_xyxy=(box[0], box[1], box[2], box[3]),
            )
        )
    return tuple(found)
