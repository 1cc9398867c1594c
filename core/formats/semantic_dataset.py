"""Reading a folder of semantic PNGs in ADE20K's layout.

Layout: ``DIR/images/{split}/NAME.jpg`` and ``DIR/annotations/{split}/NAME.png``, in subfolders where there are any. A
pixel's value is its category's id. The categories are those of ``DIR/categories.json`` (COCO's list, or an object with
it under ``categories``) and without that file ADE20K's 150, whose ids start at 1: so its 0, "other", is no class, which
other programs call ``reduce_zero_label``. 0, 255 and 65535 are void where no category has them.

Every class in a picture is one segment, with the segment id value + 1.
"""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core import masks
from core.files import shown_name
from core.formats.coco_rows import read_taxonomy, reading
from core.formats.dataset import Annotation, PanopticDataset, require_size, some
from core.formats.dataset_files import is_file, read_values
from core.formats.paired_files import PICTURE_SUFFIXES, PairedFiles, Side
from core.messages import StudioError
from core.taxonomies import known_taxonomies
from core.types import VOID, SegmentInfo, Size, Taxonomy

SEMANTIC_FILES = PairedFiles(Side("images", suffixes=PICTURE_SUFFIXES), Side("annotations"))
KIND = "COCO category"
CATEGORIES = "categories.json"
VOID_VALUES = (0, 255, 65535)
LARGEST_VALUE = 65535


@dataclass(frozen=True, slots=True)
class SemanticTruth:
    """A PNG of category ids."""

    path: Path
    size_hw: Size
    taxonomy: Taxonomy

    def label_map(self) -> NDArray[np.int32]:
        """Value + 1 where a category has it, else void; raises StudioError where neither knows a value."""
        values = read_values(self.path)
        require_size(self.path, self.size_hw, values.shape)
        present = np.array(list(masks.label_areas(values)))
        unknown = unknown_values(present.tolist(), self.taxonomy)
        if unknown:
            raise StudioError("error.dataset_values", name=shown_name(self.path.name), values=some(unknown))
        return segment_ids(values, self.taxonomy)

    def annotation(self) -> Annotation:
        """One segment a class that is present."""
        areas = masks.label_areas(self.label_map())
        return Annotation(tuple(SegmentInfo(i, i - 1, 1.0, area) for i, area in areas.items() if i != VOID))


def read_semantic_dataset(folder: Path, split: str) -> PanopticDataset:
    """Pairs the pictures of ``folder``'s ``split`` with their PNGs.

    Raises:
        StudioError: a picture has no PNG or a PNG no picture, or the categories are broken.
    """
    return SEMANTIC_FILES.read(folder, split, semantic_taxonomy(folder), SemanticTruth)


def semantic_taxonomy(folder: Path) -> Taxonomy:
    """The categories of ``categories.json``, or ADE20K's; raises StudioError where the file is broken."""
    path = folder / CATEGORIES
    if not is_file(path):
        return known_taxonomies()["ade20k"]
    with reading(path, KIND):
        data = json.loads(path.read_bytes())
        taxonomy = read_taxonomy(folder.name, data["categories"] if isinstance(data, dict) else data)
    ids = [category.category_id for category in taxonomy.categories]
    if ids and not 0 <= min(ids) <= max(ids) <= LARGEST_VALUE:
        raise StudioError("error.semantic_ids", least=min(ids), most=max(ids))
    return taxonomy


def segment_ids(values: NDArray[np.int32], taxonomy: Taxonomy) -> NDArray[np.int32]:
    """Value + 1 where a category has the value, else void."""
    ids = np.array([category.category_id for category in taxonomy.categories], dtype=np.int32)
    return np.where(np.isin(values, ids), values + 1, VOID).astype(np.int32)


def unknown_values(values: list[int], taxonomy: Taxonomy) -> list[int]:
    """The values that are no category's id and no void either."""
    known = {category.category_id for category in taxonomy.categories}
    return [value for value in values if value not in known and value not in VOID_VALUES]
