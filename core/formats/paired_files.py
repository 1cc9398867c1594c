"""Data sets of two folders: pictures in one, and in the other a PNG of labels for each of them."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from core.files import shown_name
from core.formats.dataset import DatasetPicture, PanopticDataset, Truth
from core.formats.dataset_files import files_below, png_size_hw, subfolders
from core.messages import StudioError
from core.types import Size, Taxonomy

PICTURE_SUFFIXES = (".bmp", ".gif", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp")


@dataclass(frozen=True, slots=True)
class Side:
    """The files ``FOLDER/SPLIT/**/NAME{ending}{suffix}``; what NAME stands for is the same on both sides."""

    folder: str
    ending: str = ""
    suffixes: tuple[str, ...] = (".png",)

    def files(self, folder: Path, split: str) -> dict[str, Path]:
        """The files of a split by NAME, which keeps the subfolders."""
        start = folder / self.folder / split
        found = files_below(start, *(f"{self.ending}{suffix}" for suffix in self.suffixes))
        return {path.relative_to(start).with_suffix("").as_posix().removesuffix(self.ending): path for path in found}

    def shown(self, split: str, name: str) -> str:
        """What an error calls the file of NAME."""
        return shown_name(f"{self.folder}/{split}/{name}{self.ending}{self.suffixes[0]}")


@dataclass(frozen=True, slots=True)
class PairedFiles:
    """Where pictures and labels stand below the data set's folder."""

    images: Side
    labels: Side

    def splits(self, folder: Path) -> list[str]:
        """The splits that have a folder on both sides, and labels."""
        both = set(subfolders(folder / self.images.folder)) & set(subfolders(folder / self.labels.folder))
        return sorted(split for split in both if self.labels.files(folder, split))

    def read(
        self, folder: Path, split: str, taxonomy: Taxonomy, truth: Callable[[Path, Size, Taxonomy], Truth]
    ) -> PanopticDataset:
        """Pairs the files of a split; raises StudioError where one has no partner."""
        images, labels = self.images.files(folder, split), self.labels.files(folder, split)
        for name in sorted(images.keys() ^ labels.keys()):
            lacking = self.labels if name in images else self.images
            raise StudioError("error.dataset_missing", folder=folder, path=lacking.shown(split, name))
        sizes = {name: png_size_hw(path) for name, path in labels.items()}
        pictures = tuple(
            DatasetPicture(index, images[name], sizes[name], truth(labels[name], sizes[name], taxonomy))
            for index, name in enumerate(sorted(images), start=1)
        )
        return PanopticDataset(folder.name, split, taxonomy, pictures)
