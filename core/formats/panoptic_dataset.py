"""Reading a COCO panoptic data set from a folder.

Layout: ``DIR/{split}/*.jpg``, ``DIR/annotations/panoptic_{split}.json`` and the id maps in
``DIR/annotations/panoptic_{split}/``. Beside COCO's own keys an image may carry ``not_exhaustive_category_ids`` (LVIS's
key): classes that its source did not label, so that their absence there proves nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.files import shown_name
from core.formats.coco_rows import read_taxonomy, reading
from core.formats.dataset import (
    VOID_CLASS,
    Annotation,
    DatasetPicture,
    PanopticDataset,
    require_size,
    some,
)
from core.formats.dataset_files import existing, read_json
from core.formats.id_png import decode_ids
from core.masks import label_areas
from core.messages import StudioError
from core.types import VOID, SegmentInfo, Size, Taxonomy

__all__ = ["VOID_CLASS", "DatasetPicture", "PanopticDataset", "PanopticFiles", "read_panoptic_dataset"]

KIND = "COCO panoptic"


@dataclass(frozen=True, slots=True)
class PanopticFiles:
    """Where a split's files stand below the data set's folder; ``{split}`` is filled in."""

    annotations: str = "annotations/panoptic_{split}.json"
    maps: str = "annotations/panoptic_{split}"
    images: str = "{split}"

    def of(self, split: str) -> "PanopticFiles":
        """The paths of one split."""
        return PanopticFiles(*(path.format(split=split) for path in (self.annotations, self.maps, self.images)))


@dataclass(frozen=True, slots=True)
class PanopticTruth:
    """An id map and the segments that the JSON lists for it; their ``area`` is the file's own word."""

    path: Path
    size_hw: Size
    listed: Annotation

    def label_map(self) -> NDArray[np.int32]:
        """The id map; raises StudioError where it is damaged, of another size, or its ids are not the JSON's."""
        try:
            label_map = decode_ids(self.path.read_bytes())
        except (OSError, ValueError) as error:
            raise StudioError("error.dataset_png", name=shown_name(self.path.name)) from error
        require_size(self.path, self.size_hw, label_map.shape)
        differing = (label_areas(label_map).keys() - {VOID}) ^ {s.segment_id for s in self.listed.segments}
        if differing:
            raise StudioError("error.dataset_ids", name=shown_name(self.path.name), ids=some(differing))
        return label_map

    def annotation(self) -> Annotation:
        """What the JSON lists."""
        return self.listed


def read_panoptic_dataset(folder: Path, split: str, files: PanopticFiles = PanopticFiles()) -> PanopticDataset:
    """Reads the annotations of ``folder``'s ``split`` and checks that every file they name is there.

    Raises:
        StudioError: a folder or file is missing, the JSON is broken, or it names an unknown category or a foreign path.
    """
    places = files.of(split)
    path = existing(folder, places.annotations)
    data = read_json(path, KIND)
    with reading(path, KIND):
        taxonomy = read_taxonomy(folder.name, data["categories"])
        annotations = {int(row["image_id"]): row for row in data["annotations"]}
        rows = [(image, annotations[int(image["id"])]) for image in data["images"]]
        pictures = tuple(_picture(folder, places, image, annotation, taxonomy) for image, annotation in rows)
    return PanopticDataset(folder.name, split, taxonomy, pictures)


def _picture(
    folder: Path, places: PanopticFiles, image: Mapping[str, Any], annotation: Mapping[str, Any], taxonomy: Taxonomy
) -> DatasetPicture:
    rows = annotation["segments_info"]
    size_hw = int(image["height"]), int(image["width"])
    segments = tuple(_segment(row, taxonomy) for row in rows)
    crowd_ids = frozenset(int(row["id"]) for row in rows if row.get("iscrowd", 0))
    label_path = existing(folder, places.maps, str(annotation["file_name"]))
    return DatasetPicture(
        image_id=int(image["id"]),
        image_path=existing(folder, places.images, str(image["file_name"])),
        size_hw=size_hw,
        truth=PanopticTruth(label_path, size_hw, Annotation(segments, crowd_ids)),
        not_exhaustive_category_ids=frozenset(int(i) for i in image.get("not_exhaustive_category_ids", ())),
    )


def _segment(row: Mapping[str, Any], taxonomy: Taxonomy) -> SegmentInfo:
    category = taxonomy.category(int(row["category_id"]))
    return SegmentInfo(int(row["id"]), category.category_id, score=1.0, area=int(row["area"]))
