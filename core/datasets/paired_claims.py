"""Folders of pictures and label PNGs, to be examined: ADE20K's layout and Cityscapes."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core import masks
from core.datasets.claims import Areas, Claim, ClaimedSplit, note_void
from core.datasets.findings import Notes, listed
from core.formats.cityscapes_dataset import CITYSCAPES_FILES, class_id
from core.formats.dataset_files import png_size_hw, read_values
from core.formats.paired_files import PairedFiles
from core.formats.semantic_dataset import semantic_taxonomy, unknown_values
from core.messages import StudioError
from core.taxonomies import known_taxonomies
from core.types import VOID, Size, Taxonomy

IGNORE_VALUES = (255, 65535)
CITYSCAPES_CLASSES = 34  # with those that are not evaluated


@dataclass(frozen=True, slots=True)
class ValueMap:
    """A picture's PNG, whose values are category ids or, as in Cityscapes, hold them."""

    path: Path
    taxonomy: Taxonomy
    numbers_instances: bool = False

    def label_map(self) -> NDArray[np.int32]:
        """The PNG's values, each one larger, so that 0 is seen too."""
        return read_values(self.path) + 1

    def examine(self, claim: Claim, notes: Notes) -> Areas:
        """Notes values that no category has, and those that stand for nothing."""
        try:
            values = read_values(self.path)
        except StudioError as error:
            notes.add("unreadable_labels", claim.name, error)
            return {}
        found = masks.label_areas(values)
        areas = self._areas(found)
        unknown = self._unknown(list(found))
        if unknown:
            notes.add("unknown_value", claim.name, listed(unknown), (value + 1 for value in unknown))
        self._note_ignored(found, claim, notes)
        note_void(claim, sum(map(sum, areas.values())), values.size, notes)
        return areas

    def _areas(self, found: dict[int, int]) -> Areas:
        known = {category.category_id for category in self.taxonomy.categories}
        areas: dict[int, tuple[int, ...]] = {}
        for value, area in found.items():
            category_id = self._category_id(value)
            if category_id in known:
                areas[category_id] = (*areas.get(category_id, ()), area)
        return areas

    def _category_id(self, value: int) -> int:
        return class_id(value) if self.numbers_instances else value

    def _unknown(self, values: list[int]) -> list[int]:
        if not self.numbers_instances:
            return unknown_values(values, self.taxonomy)
        return [value for value in values if self._category_id(value) >= CITYSCAPES_CLASSES]

    def _note_ignored(self, found: dict[int, int], claim: Claim, notes: Notes) -> None:
        """Values that are read as void; with ADE20K's classes they say that 1 was taken off all others before."""
        ignored = [value for value in IGNORE_VALUES if value in found and not self._areas({value: 1})]
        if ignored and not self.numbers_instances:
            ids = [category.category_id for category in self.taxonomy.categories]
            kind = "shifted_values" if VOID in found and VOID not in ids else "ignore_value"
            notes.add(kind, claim.name, listed(ignored), (value + 1 for value in ignored))


def semantic_claims(folder: Path, split: str, files: PairedFiles) -> ClaimedSplit:
    """The pictures and PNGs of a folder of semantic labels."""
    notes = Notes(split)
    try:
        taxonomy = semantic_taxonomy(folder)
    except StudioError as error:
        notes.add("unreadable_json", "categories.json", error)
        taxonomy = Taxonomy(folder.name, ())
    return _paired(folder, files, taxonomy, lambda path: ValueMap(path, taxonomy), notes)


def cityscapes_claims(folder: Path, split: str, files: PairedFiles = CITYSCAPES_FILES) -> ClaimedSplit:
    """The pictures and PNGs of a Cityscapes split."""
    taxonomy = known_taxonomies()["cityscapes"]
    return _paired(folder, files, taxonomy, lambda path: ValueMap(path, taxonomy, True), Notes(split))


def _paired(
    folder: Path,
    files: PairedFiles,
    taxonomy: Taxonomy,
    labels_of: Callable[[Path], ValueMap],
    notes: Notes,
) -> ClaimedSplit:
    images, labels = files.images.files(folder, notes.split), files.labels.files(folder, notes.split)
    for name in sorted(images.keys() ^ labels.keys()):
        kind, lacking = ("missing_labels", files.labels) if name in images else ("missing_picture", files.images)
        notes.add(kind, lacking.shown(notes.split, name))
    claims = tuple(
        Claim(notes.split, name, images[name], _size_hw(labels[name]), labels_of(labels[name]))
        for name in sorted(images.keys() & labels.keys())
    )
    return ClaimedSplit(notes.split, taxonomy, claims, tuple(notes.found))


def _size_hw(path: Path) -> Size | None:
    try:
        return png_size_hw(path)
    except StudioError:  # said when the labels are examined
        return None
