"""A picture's annotation from elsewhere, as one edit."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from core.document.packing import pack_labels
from core.types import Category, SegmentInfo, Size


@dataclass(frozen=True, slots=True)
class Import:
    """Replaces every segment, locked ones included, by imported ones; all other pixels are void.

    Attributes:
        size_hw: the picture's.
        labels: the whole label map as :func:`core.document.packing.pack_labels` packs it; 0 = void.
        segments: one row a label; areas are counted anew, queries left out.
        categories: those that the taxonomy lacks.
    """

    size_hw: Size
    labels: bytes
    segments: tuple[SegmentInfo, ...]
    categories: tuple[Category, ...] = ()

    @classmethod
    def of(
        cls,
        label_map: NDArray[np.integer],
        segments: Iterable[SegmentInfo],
        categories: Iterable[Category] = (),
    ) -> Self:
        """From a (H, W) map of labels below 65536."""
        height, width = label_map.shape
        return cls((height, width), pack_labels(label_map), tuple(segments), tuple(categories))
