"""Reading a COCO panoptic data set from a folder.

Layout: ``DIR/{split}/*.jpg``, ``DIR/annotations/panoptic_{split}.json`` and the id maps in
``DIR/annotations/panoptic_{split}/``. Beside COCO's own keys an image may carry ``not_exhaustive_category_ids`` (LVIS's
key): classes that its source did not label, so that their absence there proves nothing.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core import images
from core.files import shown_name
from core.formats.id_png import decode_ids
from core.masks import label_areas
from core.messages import StudioError
from core.types import VOID, SegmentInfo, Size, Taxonomy

VOID_CLASS = -1  # in a class map: no class is known


@dataclass(frozen=True, slots=True)
class DatasetPicture:
    """One annotated picture of a data set.

    Attributes:
        segments: true segments (score 1), in the file's order; ``area`` is the file's own word.
        crowd_ids: ids of those segments that are crowds.
        not_exhaustive_category_ids: classes whose absence here is not evidence.
    """

    image_id: int
    image_path: Path
    label_path: Path
    size_hw: Size
    segments: tuple[SegmentInfo, ...]
    crowd_ids: frozenset[int] = frozenset()
    not_exhaustive_category_ids: frozenset[int] = frozenset()

    @property
    def file_name(self) -> str:
        """The picture's file name without its folder."""
        return self.image_path.name


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
        if pixels.shape[:2] != picture.size_hw:
            raise _wrong_size(picture, picture.image_path, pixels.shape[:2])
        return pixels

    def label_map(self, picture: DatasetPicture) -> NDArray[np.int32]:
        """(H, W) int32 segment ids, 0 = void.

        Raises:
            StudioError: the id map is missing, damaged, of another size, or its ids are not the JSON's.
        """
        try:
            label_map = decode_ids(picture.label_path.read_bytes())
        except (OSError, ValueError, SyntaxError) as error:
            raise StudioError("error.dataset_png", name=shown_name(picture.label_path.name)) from error
        if label_map.shape != picture.size_hw:
            raise _wrong_size(picture, picture.label_path, label_map.shape)
        differing = (label_areas(label_map).keys() - {VOID}) ^ {s.segment_id for s in picture.segments}
        if differing:
            raise StudioError("error.dataset_ids", name=shown_name(picture.label_path.name), ids=_some(differing))
        return label_map

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


def read_panoptic_dataset(folder: Path, split: str) -> PanopticDataset:
    """Reads the annotations of ``folder``'s ``split`` and checks that every file they name is there.

    Raises:
        StudioError: a folder or file is missing, the JSON is broken, or it names an unknown category or a foreign path.
    """
    annotation_path = _existing(folder, f"annotations/panoptic_{split}.json")
    data = _read_json(annotation_path)
    try:
        taxonomy = Taxonomy.from_json({"name": folder.name, **data})
        annotations = {int(row["image_id"]): row for row in data["annotations"]}
        rows = [(image, annotations[int(image["id"])]) for image in data["images"]]
        pictures = tuple(_picture(folder, split, image, annotation, taxonomy) for image, annotation in rows)
    except StudioError:
        raise
    except KeyError as error:
        raise StudioError("error.dataset_key", name=annotation_path.name, missing=error.args[0]) from error
    except (TypeError, AttributeError, ValueError) as error:
        raise StudioError("error.dataset_json", name=annotation_path.name) from error
    return PanopticDataset(folder.name, split, taxonomy, pictures)


def _read_json(path: Path) -> dict[str, Any]:
    try:
        data = json.loads(path.read_bytes())
    except ValueError as error:
        raise StudioError("error.dataset_json", name=path.name) from error
    if not isinstance(data, dict):
        raise StudioError("error.dataset_json", name=path.name)
    return data


def _picture(
    folder: Path, split: str, image: Mapping[str, Any], annotation: Mapping[str, Any], taxonomy: Taxonomy
) -> DatasetPicture:
    rows = annotation["segments_info"]
    return DatasetPicture(
        image_id=int(image["id"]),
        image_path=_existing(folder, split, str(image["file_name"])),
        label_path=_existing(folder, f"annotations/panoptic_{split}", str(annotation["file_name"])),
        size_hw=(int(image["height"]), int(image["width"])),
        segments=tuple(_segment(row, taxonomy) for row in rows),
        crowd_ids=frozenset(int(row["id"]) for row in rows if row.get("iscrowd", 0)),
        not_exhaustive_category_ids=frozenset(int(i) for i in image.get("not_exhaustive_category_ids", ())),
    )


def _segment(row: Mapping[str, Any], taxonomy: Taxonomy) -> SegmentInfo:
    category = taxonomy.category(int(row["category_id"]))
    return SegmentInfo(int(row["id"]), category.category_id, score=1.0, area=int(row["area"]))


def _existing(folder: Path, *names: str) -> Path:
    for name in names:
        parts = PurePosixPath(name.replace("\\", "/"))
        if parts.is_absolute() or ".." in parts.parts:
            raise StudioError("error.dataset_path", name=shown_name(name))
    path = folder.joinpath(*names)
    if not path.is_file():
        raise StudioError("error.dataset_missing", folder=folder, path="/".join(map(shown_name, names)))
    return path


def _wrong_size(picture: DatasetPicture, path: Path, got_hw: tuple[int, ...]) -> StudioError:
    stated, got = (f"{hw[1]} x {hw[0]}" for hw in (picture.size_hw, got_hw))
    return StudioError("error.dataset_size", name=shown_name(path.name), stated=stated, got=got)


def _some(ids: set[int]) -> str:
    listed = sorted(ids)
    return ", ".join(map(str, listed[:5])) + (" \u2026" if len(listed) > 5 else "")
