"""The assistant's pass: what corrections leave behind of the segments that nobody has decided about.

Who gives a part of a segment to another one by hand or by clicks leaves crumbs at its edges, pieces that are still the
old segment's though the rest of them went. What the model assembled is compared with what stands now: a small piece
that was cut off, and lies along what a person decided, is proposed to go there as well. Nothing is changed here.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from core.document.document import Document
from core.document.patch import slices
from core.document.redraw import box_of, widened
from core.inference import Prediction, assemble
from core.masks import components
from core.types import VOID, Box

SMALL = 0.1  # of the piece that it was a part of: a crumb is smaller
ALONG = 0.5  # of a crumb's pixels lie nearer than a cell to what was decided


@dataclass(frozen=True, eq=False, slots=True)
class Proposal:
    """``labels`` (h, w) int32 of a half-open box as they would be; :class:`core.document.Adopt` takes it over."""

    box: Box
    labels: NDArray[np.int32]


def assist(document: Document, prediction: Prediction) -> Proposal | None:
    """What should go where the person's corrections point; None where nothing is left behind.

    Touched segments lose no pixel, those that are locked or reviewed gain none either, and void stays as it is.
    """
    takers = [k for k, row in document.segments.items() if row.touched and not (row.locked or row.reviewed)]
    if not takers:
        return None
    assembled, after = _assembled(document, prediction), document.label_map.copy()
    for key, row in document.segments.items():
        if row.queries and not (row.touched or row.locked or row.reviewed):
            _sweep(document, key, assembled == key, takers, _reach(prediction), after)
    box = box_of(after != document.label_map)
    return Proposal(box, after[slices(box)]) if box[2] else None


def _assembled(document: Document, prediction: Prediction) -> NDArray[np.int32]:
    """(H, W) the label of the segment whose query wins each pixel by the model's rules alone; 0 where there is none."""
    owners = assemble(prediction, *document.rules).owners
    label_of_query = np.full(len(prediction) + 1, VOID, dtype=np.int32)  # the last row serves owner -1
    for key, row in document.segments.items():
        label_of_query[list(row.queries)] = key
    return label_of_query[owners]


def _reach(prediction: Prediction) -> int:
    """Pixels of a cell's side."""
    return int(np.ceil(1 / min(prediction.geometry.scale_hw)))


def _sweep(
    document: Document, key: int, before: NDArray[np.bool_], takers: list[int], reach: int, after: NDArray[np.int32]
) -> None:
    """Gives the crumbs of a segment in ``after`` to the decided segment that each lies along."""
    window = slices(widened(box_of(before), reach, document))
    labels = document.label_map[window]
    crumbs = _crumbs(before[window], labels == key)
    is_decided = np.isin(labels, takers)
    if not crumbs.any() or not is_decided.any():
        return
    distance, nearest = _nearest(is_decided, labels)
    along = (crumbs > 0) & (distance <= reach)
    taker_of = _takers(crumbs, along, nearest)
    moves = taker_of[crumbs] != VOID
    after[window][moves] = taker_of[crumbs[moves]]


def _takers(crumbs: NDArray[np.int32], along: NDArray[np.bool_], nearest: NDArray[np.int32]) -> NDArray[np.int32]:
    """(n + 1,) the label that most of each crumb's pixels lie along; 0 where it is too far off."""
    sizes = np.bincount(crumbs.ravel())
    pairs, counts = np.unique(np.stack((crumbs[along], nearest[along])), axis=1, return_counts=True)
    rising = counts.argsort(kind="stable")  # of one crumb's, the last is written over the others
    taker_of = np.zeros(len(sizes), dtype=np.int32)
    taker_of[pairs[0, rising]] = pairs[1, rising]
    taker_of[np.bincount(crumbs[along], minlength=len(sizes)) <= ALONG * sizes] = VOID
    return taker_of


def _crumbs(before: NDArray[np.bool_], now: NDArray[np.bool_]) -> NDArray[np.int32]:
    """(h, w) 1..n where small pieces were cut off what was one before, else 0."""
    whole, _ = components(before)
    parts, count = components(now & before)
    sizes_before, sizes = np.bincount(whole.ravel()), np.bincount(parts.ravel(), minlength=count + 1)
    whole_of = np.zeros(count + 1, dtype=np.int32)
    whole_of[parts] = whole
    is_crumb = sizes < SMALL * sizes_before[whole_of]
    is_crumb[0] = False
    numbers = np.cumsum(is_crumb) * is_crumb
    return numbers.astype(np.int32)[parts]


def _nearest(where: NDArray[np.bool_], labels: NDArray[np.int32]) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
    """(h, w) how far the nearest pixel of ``where`` is, and its label."""
    distance, numbers = cv2.distanceTransformWithLabels(
        (~where).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_5, labelType=cv2.DIST_LABEL_PIXEL
    )
    label_of = np.zeros(int(numbers.max()) + 1, dtype=np.int32)
    label_of[numbers[where]] = labels[where]
    return np.asarray(distance, np.float32), label_of[numbers]
