"""Reading Cityscapes: ``DIR/leftImg8bit/{split}/CITY/*_leftImg8bit.png`` and ``DIR/gtFine/{split}/CITY/*``.

``*_gtFine_instanceIds.png`` holds class * 1000 + number for every thing, and the class alone for stuff; a thing's class
alone means a group whose members nobody told apart, which is a crowd. Of its classes the 19 that are evaluated count,
the others are void. Segment ids are the PNG's values.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core import masks
from core.formats.dataset import Annotation, PanopticDataset, require_size
from core.formats.dataset_files import read_values
from core.formats.paired_files import PairedFiles, Side
from core.taxonomies import known_taxonomies
from core.types import VOID, SegmentInfo, Size, Taxonomy

CITYSCAPES_FILES = PairedFiles(Side("leftImg8bit", "_leftImg8bit"), Side("gtFine", "_gtFine_instanceIds"))

_FIRST_INSTANCE = 1000


@dataclass(frozen=True, slots=True)
class CityscapesTruth:
    """A PNG of instance ids."""

    path: Path
    size_hw: Size
    taxonomy: Taxonomy

    def label_map(self) -> NDArray[np.int32]:
        """The PNG's values where their class counts, else void."""
        values = read_values(self.path)
        require_size(self.path, self.size_hw, values.shape)
        counting = [category.category_id for category in self.taxonomy.categories]
        return np.where(np.isin(class_of(values), counting), values, VOID).astype(np.int32)

    def annotation(self) -> Annotation:
        """The segments that are present; things without a number are crowds."""
        areas = masks.label_areas(self.label_map())
        present = [(value, class_id(value), area) for value, area in areas.items() if value != VOID]
        segments = tuple(SegmentInfo(value, category_id, 1.0, area) for value, category_id, area in present)
        crowds = (s.segment_id for s in segments if s.segment_id == s.category_id)
        return Annotation(segments, frozenset(i for i in crowds if self.taxonomy.category(i).is_thing))


def read_cityscapes_dataset(folder: Path, split: str) -> PanopticDataset:
    """Pairs the pictures of ``folder``'s ``split`` with their PNGs; raises StudioError where one is missing."""
    return CITYSCAPES_FILES.read(folder, split, known_taxonomies()["cityscapes"], CityscapesTruth)


def class_id(value: int) -> int:
    """The class of one value of an instance PNG."""
    return value // _FIRST_INSTANCE if value >= _FIRST_INSTANCE else value


def class_of(values: NDArray[np.int32]) -> NDArray[np.int32]:
    """The class of every value of an instance PNG."""
    return np.where(values >= _FIRST_INSTANCE, values // _FIRST_INSTANCE, values)
