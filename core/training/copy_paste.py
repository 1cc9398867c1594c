"""Copy-paste (arXiv 2012.07177): things of another picture, with their pixels, onto a picture and its labels."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from core.types import SegmentInfo


@dataclass(frozen=True, slots=True)
class LabelledView:
    """What a frame shows.

    Attributes:
        image: (H, W, 3) uint8.
        labels: (H, W) int32 segment ids; 0 is void.
        segments: those that may be seen, by id; pixels of ids that are not among them are void.
    """

    image: NDArray[np.uint8]
    labels: NDArray[np.int32]
    segments: tuple[SegmentInfo, ...]

    def pasted(self, other: "LabelledView", chosen: Sequence[SegmentInfo]) -> "LabelledView":
        """With those segments of ``other`` on top, at their own places and with ids that are free here.

        Nothing overlaps: what is covered is lost to the segment below.
        """
        height, width = np.minimum(self.labels.shape, other.labels.shape)
        first = 1 + max([int(self.labels.max()), *(segment.segment_id for segment in self.segments)])
        added = tuple(replace(segment, segment_id=first + i) for i, segment in enumerate(chosen))
        image, labels = self.image.copy(), self.labels.copy()
        for new, old in zip(added, chosen, strict=True):
            covered = other.labels[:height, :width] == old.segment_id
            image[:height, :width][covered] = other.image[:height, :width][covered]
            labels[:height, :width][covered] = new.segment_id
        return LabelledView(image, labels, (*self.segments, *added))


@dataclass(frozen=True, slots=True)
class CopyPaste:
    """Whether to paste, and what.

    Attributes:
        chance: that a picture is pasted onto.
        share: of the other picture's things that are pasted, each drawn by itself.
    """

    chance: float = 0.5
    share: float = 0.5

    def __post_init__(self) -> None:
        if not (0 <= self.chance <= 1 and 0 <= self.share <= 1):
            raise ValueError(f"shares must lie between 0 and 1, got {self}")

    def wanted(self, rng: np.random.Generator) -> bool:
        """For one picture."""
        return bool(rng.random() < self.chance)

    def chosen(self, things: Sequence[SegmentInfo], rng: np.random.Generator) -> list[SegmentInfo]:
        """Some of the other picture's things."""
        drawn = rng.random(len(things)) < self.share
        return [thing for thing, is_drawn in zip(things, drawn, strict=True) if is_drawn]
