"""Any edit of any kind, drawn from three numbers, that names something of the document where there is something."""

from collections.abc import Callable

import numpy as np

from core.document import (
    Adopt,
    Delete,
    Document,
    Edit,
    Fill,
    FillAt,
    FillHoles,
    FillVoid,
    Grow,
    Import,
    Lock,
    Merge,
    Paint,
    Promote,
    Refine,
    Relabel,
    RemoveCategory,
    RemoveIslands,
    Review,
    SetCategory,
    SetThresholds,
    Smooth,
    SplitComponents,
    SplitLine,
    Subtract,
    Switch,
    pack_labels,
    pack_mask,
)
from core.inference import Prediction
from core.types import Box, Click, SegmentInfo


class Drawn:
    """What an edit can name: everything is chosen by one seed."""

    def __init__(self, first: int, second: int, document: Document, prediction: Prediction) -> None:
        self.first, self.second = first, second
        self.random = np.random.default_rng([first, second])
        self.document, self.prediction = document, prediction

    @property
    def segment_id(self) -> int:
        ids = sorted(self.document.segments) or [1]
        return ids[self.first % len(ids)]

    @property
    def category_id(self) -> int:
        categories = self.document.taxonomy.categories
        return categories[self.second % len(categories)].category_id

    @property
    def query(self) -> int:
        return self.first % len(self.prediction)

    @property
    def pixel(self) -> tuple[int, int]:
        height, width = self.document.size_hw
        return int(self.random.integers(width)), int(self.random.integers(height))

    @property
    def target(self) -> tuple[int | None, int | None]:
        return ((self.segment_id, None), (None, self.category_id), (0, None))[self.second % 3]

    def stroke(self) -> tuple[Box, bytes]:
        """A blot: the pixels of a box, most of them."""
        (x0, y0), (x1, y1) = self.pixel, self.pixel
        box = min(x0, x1), min(y0, y1), max(x0, x1) + 1, max(y0, y1) + 1
        return box, pack_mask(self.random.random((box[3] - box[1], box[2] - box[0])) < 0.8)

    def refinement(self) -> Refine:
        """A blot for a segment or a new one; what it loses goes to any segment, or to void."""
        box, mask = self.stroke()
        target = (self.segment_id, None) if self.second % 2 else (None, self.category_id)
        heirs = self.labels(box) if self.first % 3 else None
        return Refine(box, mask, *target, heirs, self.query, (Click(*self.pixel),))

    def proposal(self) -> Adopt:
        box, _ = self.stroke()
        return Adopt(box, self.labels(box))

    def labels(self, box: Box) -> bytes:
        """A label of the document, or void, for each pixel of a box."""
        ids = np.array([0, *self.document.segments])
        return pack_labels(self.random.choice(ids, (box[3] - box[1], box[2] - box[0])))

    def annotation(self) -> Import:
        """Three segments in vertical bars, void between them."""
        height, width = self.document.size_hw
        label_map = np.repeat([np.arange(width) * 7 // width], height, axis=0)
        label_map[label_map % 2 == 0] = 0
        segments = [
            SegmentInfo(int(key), self.category_id, 1.0, 0, source="a.json") for key in np.unique(label_map)[1:]
        ]
        return Import.of(label_map, segments)


KINDS: tuple[Callable[[Drawn], Edit], ...] = (
    lambda d: Relabel(d.segment_id, d.category_id),
    lambda d: Delete(d.segment_id, Fill.NEXT),
    lambda d: Delete(d.segment_id, Fill.VOID),
    lambda d: Promote(d.query, over=d.second % 2 == 0),
    lambda d: Switch(d.query, on=d.second % 2 == 0),
    lambda d: SetThresholds(score=d.first % 10 / 10, overlap=d.second % 10 / 10),
    lambda d: Paint(*d.stroke(), *d.target, only_void=d.first % 4 == 0),
    lambda d: Paint(*d.stroke(), *d.target),
    lambda d: FillAt(*d.pixel, *d.target),
    lambda d: Subtract(d.segment_id, *d.stroke()),
    lambda d: d.refinement(),
    lambda d: d.proposal(),
    lambda d: Merge(tuple(sorted(d.document.segments)[d.second % 3 :][:2])),
    lambda d: SplitLine(d.segment_id, (d.pixel, d.pixel, d.pixel)),
    lambda d: SplitComponents(d.segment_id),
    lambda d: FillHoles(d.segment_id),
    lambda d: RemoveIslands(d.segment_id, d.second),
    lambda d: Grow(d.segment_id, d.second % 9 - 4),
    lambda d: Smooth(d.segment_id, 1 + d.second % 5),
    lambda d: FillVoid(),
    lambda d: Lock(d.segment_id, d.second % 3 > 0),
    lambda d: Review(d.segment_id, d.second % 3 > 0),
    lambda d: SetCategory(None if d.first % 2 else d.category_id, f"name {d.first}", d.second > 50, (1, 2, d.first)),
    lambda d: RemoveCategory(d.category_id),
    lambda d: d.annotation(),
)
THRESHOLDS = 5  # its place in the row


def any_edit(numbers: tuple[int, int, int], document: Document, prediction: Prediction) -> Edit:
    kind, first, second = numbers
    return KINDS[kind % len(KINDS)](Drawn(first, second, document, prediction))
