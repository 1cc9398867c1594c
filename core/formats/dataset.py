"""A data set as training and evaluation read it, whatever its layout on the disk."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from core import images
from core.files import shown_name
from core.messages import StudioError
from core.types import VOID, SegmentInfo, Size, Taxonomy

VOID_CLASS = -1  # in a class map: no class is known


@dataclass(frozen=True, slots=True)
class Annotation:
    """The true segments of a picture (score 1), and the ids of those that are crowds."""

    segments: tuple[SegmentInfo, ...]
    crowd_ids: frozenset[int] = frozenset()


class Truth(Protocol):
    """What a layout says of one picture; ``label_map`` and ``annotation`` speak of the same segments."""

    @property
    def path(self) -> Path:
        """The file that holds the picture's labels."""

    def label_map(self) -> NDArray[np.int32]:
        """(H, W) int32 segment ids, 0 = void.

        Raises:
            StudioError: the file is missing, damaged, of another size than the picture, or holds what it must not.
        """

    def annotation(self) -> Annotation:
        """The segments of the label map; raises StudioError as that does."""


@dataclass(frozen=True)
class DatasetPicture:
    """One annotated picture of a data set.

    Attributes:
        truth: where its segments stand; layouts without lists of segments are read when they are first asked for.
        not_exhaustive_category_ids: classes whose absence here is not evidence.
        void_is_background: pixels without a segment belong to no class, instead of being unlabelled: so it is where
            only things were labelled.
    """

    image_id: int
    image_path: Path
    size_hw: Size
    truth: Truth = field(repr=False)
    not_exhaustive_category_ids: frozenset[int] = frozenset()
    void_is_background: bool = False

    @property
    def file_name(self) -> str:
        """The picture's file name without its folder."""
        return self.image_path.name

    @property
    def label_path(self) -> Path:
        """The file that holds the picture's labels."""
        return self.truth.path

    @property
    def segments(self) -> tuple[SegmentInfo, ...]:
        """True segments (score 1), in the file's order."""
        return self._annotation.segments

    @property
    def crowd_ids(self) -> frozenset[int]:
        """Ids of those segments that are crowds."""
        return self._annotation.crowd_ids

    @cached_property
    def _annotation(self) -> Annotation:
        return self.truth.annotation()


@dataclass(frozen=True, slots=True)
class PanopticDataset:
    """Pictures and the taxonomy they are labelled in; pixels are read when asked for."""

    name: str
    split: str
    taxonomy: Taxonomy
    pictures: tuple[DatasetPicture, ...]

    def __len__(self) -> int:
        return len(self.pictures)

    def image(self, picture: DatasetPicture) -> NDArray[np.uint8]:
        """(H, W, 3) upright RGB; raises StudioError where it is unreadable or not of the stated size."""
        pixels = images.read(picture.image_path)
        require_size(picture.image_path, picture.size_hw, pixels.shape[:2])
        return pixels

    def label_map(self, picture: DatasetPicture) -> NDArray[np.int32]:
        """(H, W) int32 segment ids, 0 = void, exactly those of ``picture.segments``.

        Raises:
            StudioError: the labels are missing, damaged, of another size, or disagree with what is said of them.
        """
        return picture.truth.label_map()

    def class_map(self, picture: DatasetPicture, label_map: NDArray[np.int32] | None = None) -> NDArray[np.int32]:
        """(H, W) int32 class indices of the true segments (crowds included), ``VOID_CLASS`` where there is none.

        ``label_map`` saves reading the picture's ids again.
        """
        if label_map is None:
            label_map = self.label_map(picture)
        class_of = np.full(int(label_map.max(initial=VOID)) + 1, VOID_CLASS, dtype=np.int32)
        for segment in picture.segments:
            class_of[segment.segment_id] = self.taxonomy.class_index(segment.category_id)
        return class_of[label_map]


def require_size(path: Path, stated_hw: Size, got_hw: tuple[int, ...]) -> None:
    """Raises StudioError where a file is not of the size that is stated for it."""
    if got_hw != stated_hw:
        stated, got = (f"{hw[1]} x {hw[0]}" for hw in (stated_hw, got_hw))
        raise StudioError("error.dataset_size", name=shown_name(path.name), stated=stated, got=got)


def some(ids: Iterable[int]) -> str:
    """The lowest five of ``ids``, as they may stand in a sentence."""
    listed = sorted(ids)
    return ", ".join(map(str, listed[:5])) + (" \u2026" if len(listed) > 5 else "")
