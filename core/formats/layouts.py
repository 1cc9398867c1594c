"""Which layout a data set's folder has: one call reads any of them."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from core.formats.cityscapes_dataset import CITYSCAPES_FILES, read_cityscapes_dataset
from core.formats.dataset import PanopticDataset
from core.formats.dataset_files import is_file
from core.formats.instances_dataset import InstancesFiles, read_instances_dataset
from core.formats.paired_files import PairedFiles
from core.formats.panoptic_dataset import PanopticFiles, read_panoptic_dataset
from core.formats.semantic_dataset import SEMANTIC_FILES, read_semantic_dataset
from core.messages import StudioError, text

# One part of a data set has many names; the first is ours.
SPLIT_NAMES = (
    ("train", "train2017", "training"),
    ("val", "val2017", "validation", "valid"),
    ("test", "test2017", "testing"),
)


@dataclass(frozen=True, slots=True)
class Layout:
    """One way to lay out a data set; its title is ``layout.{kind}`` of the catalogue.

    Attributes:
        splits: the splits that stand in a folder, by their own names.
        read: reads one of them.
        files: where a split's files stand.
    """

    kind: str
    splits: Callable[[Path], list[str]]
    read: Callable[[Path, str], PanopticDataset]
    files: PanopticFiles | InstancesFiles | PairedFiles

    @property
    def title(self) -> str:
        """What people call it."""
        return text(f"layout.{self.kind}")


def open_dataset(folder: Path, split: str) -> PanopticDataset:
    """Reads a split of a data set, whatever its layout: ``train`` also means ``train2017`` or ``training``.

    Raises:
        StudioError: the folder is missing, in no layout that is read, has no such split, or the split is broken.
    """
    found = found_splits(folder)
    for layout, name in found:
        if name in names_of(split):
            return layout.read(folder, name)
    known = ", ".join(dict.fromkeys(name for _, name in found))
    raise StudioError("error.dataset_split", folder=folder, split=split, known=known)


def found_splits(folder: Path) -> list[tuple[Layout, str]]:
    """Every split of a folder with its layout; where two layouts have a split, the richer one comes first.

    Raises:
        StudioError: the folder is missing or in no layout that is read.
    """
    if not folder.is_dir():
        raise StudioError("error.dataset_folder", folder=folder)
    found = [(layout, split) for layout in LAYOUTS for split in layout.splits(folder)]
    if not found:
        raise StudioError("error.dataset_layout", folder=folder)
    return found


def names_of(split: str) -> tuple[str, ...]:
    """The names under which a split may stand in a folder."""
    return next((names for names in SPLIT_NAMES if split == names[0]), (split,))


def _coco_splits(pattern: str, folder: Path) -> list[str]:
    """The splits whose annotation file is there: ``annotations/panoptic_{split}.json``."""
    before, after = pattern.split("{split}")
    found = (path.relative_to(folder).as_posix() for path in folder.glob(f"{before}*{after}") if is_file(path))
    return sorted(name[len(before) : -len(after)] for name in found)


def _export_splits(folder: Path) -> list[str]:
    return ["train"] if is_file(folder / EXPORT.annotations) and (folder / EXPORT.images).is_dir() else []


def _panoptic(files: PanopticFiles) -> Layout:
    splits = partial(_coco_splits, files.annotations)
    return Layout("coco_panoptic", splits, partial(read_panoptic_dataset, files=files), files)


def _instances(files: InstancesFiles) -> Layout:
    splits = partial(_coco_splits, files.annotations)
    return Layout("coco_instances", splits, partial(read_instances_dataset, files=files), files)


# What the studio exports, with the pictures put beside it in ``images``.
EXPORT = PanopticFiles("panoptic.json", "panoptic", "images")

LAYOUTS = (
    _panoptic(PanopticFiles()),
    Layout("export", _export_splits, partial(read_panoptic_dataset, files=EXPORT), EXPORT),
    _instances(InstancesFiles()),
    _instances(InstancesFiles("{split}/_annotations.coco.json", "{split}")),
    Layout("cityscapes", CITYSCAPES_FILES.splits, read_cityscapes_dataset, CITYSCAPES_FILES),
    Layout("semantic", SEMANTIC_FILES.splits, read_semantic_dataset, SEMANTIC_FILES),
)
