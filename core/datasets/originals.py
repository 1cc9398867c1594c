"""What the builders of our data sets share: an original's folder, pictures still to be read, and their size."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from core.datasets.writer import LabelledPicture
from core.messages import StudioError
from core.types import Taxonomy

LONGEST_SIDE = 512


@dataclass(frozen=True, slots=True)
class Original:
    """A public data set as it is published.

    Attributes:
        folders: the names under which it may stand in the folder that a person names, the likeliest first.
        marks: what stands in it.
        url: where it is found.
    """

    title: str
    folders: Sequence[str]
    marks: Sequence[str]
    url: str

    def find(self, raw: Path) -> Path:
        """Its folder; raises StudioError where there is none."""
        for name in (*self.folders, "."):
            if (raw / name).is_dir() and all((raw / name / mark).is_dir() for mark in self.marks):
                return raw / name
        raise self.absent(raw)

    def absent(self, raw: Path) -> StudioError:
        """Says what is missing, and where it is found."""
        return StudioError("error.no_original", title=self.title, folder=raw / self.folders[0], url=self.url)


@dataclass(frozen=True, slots=True)
class Task:
    """A picture that is still to be read, and the split into which it goes."""

    split: str
    read: Callable[[], LabelledPicture]


@dataclass(frozen=True, slots=True)
class Build:
    """How a data set of ours is made from its originals.

    Attributes:
        tasks: its pictures in their order, from the folder that holds the originals.
        pictures: how many each split has when the originals are complete.
    """

    taxonomy: Taxonomy
    description: str
    tasks: Callable[[Path], list[Task]]
    pictures: Mapping[str, int]


def shrink(image: NDArray[np.uint8], labels: NDArray[np.int32]) -> tuple[NDArray[np.uint8], NDArray[np.int32]]:
    """Picture and labels with the long side at most ``LONGEST_SIDE``; labels keep their values."""
    height, width = labels.shape
    scale = LONGEST_SIDE / max(height, width)
    if scale >= 1:
        return image, labels
    size = max(1, round(width * scale)), max(1, round(height * scale))
    smaller = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    nearest = cv2.resize(labels, size, interpolation=cv2.INTER_NEAREST_EXACT)
    return np.asarray(smaller, dtype=np.uint8), np.asarray(nearest, dtype=np.int32)
