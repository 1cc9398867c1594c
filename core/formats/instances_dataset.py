"""Reading a COCO instances data set from a folder.

Layout: ``DIR/annotations/instances_{split}.json`` and pictures in ``DIR/{split}/``. Instances may overlap, a label map
may not. What lies on what: crowds lie at the bottom, then instances by falling area, so the smaller is on top; of
equally large ones the later in the file. Instances of which nothing is seen are left out. A row with a box and no mask
is read as a crowd of its box: nothing can be learned from its shape, and predictions there are no errors.

Segment ids are 1, 2, ... in the file's order, as COCO's own annotation ids do not fit into a label map.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core import masks
from core.files import shown_name
from core.formats.coco_rows import read_box, read_taxonomy, reading
from core.formats.dataset import Annotation, DatasetPicture, PanopticDataset
from core.formats.dataset_files import existing, read_json
from core.formats.segmentation import read_segmentation
from core.images import Limits
from core.messages import StudioError
from core.types import RunLength, SegmentInfo, Size

KIND = "COCO instances"


@dataclass(frozen=True, slots=True)
class InstancesFiles:
    """Where a split's files stand below the data set's folder; ``{split}`` is filled in."""

    annotations: str = "annotations/instances_{split}.json"
    images: str = "{split}"

    def of(self, split: str) -> "InstancesFiles":
        """The paths of one split."""
        return InstancesFiles(self.annotations.format(split=split), self.images.format(split=split))


@dataclass(frozen=True, slots=True)
class InstancesTruth:
    """A picture's annotation rows, kept as JSON text: a hundred thousand pictures of parsed polygons fill a memory."""

    path: Path
    size_hw: Size
    rows: bytes

    def label_map(self) -> NDArray[np.int32]:
        """The instances painted over each other; raises StudioError where a mask is damaged."""
        rows = self._parsed()
        return paint([self._mask(row) for row in rows], [is_crowd(row) for row in rows], self.size_hw)

    def annotation(self) -> Annotation:
        """The instances that are seen, with the area that is seen of them."""
        rows, areas = self._parsed(), masks.label_areas(self.label_map())
        seen = [(index, row) for index, row in enumerate(rows, start=1) if index in areas]
        segments = tuple(SegmentInfo(index, int(row["category_id"]), 1.0, areas[index]) for index, row in seen)
        return Annotation(segments, frozenset(index for index, row in seen if is_crowd(row)))

    def _parsed(self) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = json.loads(self.rows)
        return rows

    def _mask(self, row: Mapping[str, Any]) -> RunLength:
        try:
            return instance_mask(row, self.size_hw)
        except StudioError as error:
            name, shown_id = shown_name(self.path.name), shown_name(str(row.get("id")))
            raise StudioError("error.dataset_mask", name=name, annotation_id=shown_id, reason=error) from error


def read_instances_dataset(folder: Path, split: str, files: InstancesFiles = InstancesFiles()) -> PanopticDataset:
    """Reads the annotations of ``folder``'s ``split`` and checks that every picture is there; masks are drawn later.

    Raises:
        StudioError: a file is missing, the JSON is broken, or it names an unknown category or a foreign path.
    """
    places = files.of(split)
    path = existing(folder, places.annotations)
    data = read_json(path, KIND)
    with reading(path, KIND):
        taxonomy = read_taxonomy(folder.name, data["categories"])
        rows: dict[int, list[Mapping[str, Any]]] = {int(image["id"]): [] for image in data["images"]}
        for row in data["annotations"]:
            taxonomy.category(int(row["category_id"]))
            rows[int(row["image_id"])].append(row)
        pictures = tuple(_picture(folder, places, path, image, rows[int(image["id"])]) for image in data["images"])
    return PanopticDataset(folder.name, split, taxonomy, pictures)


def instance_mask(row: Mapping[str, Any], size_hw: Size) -> RunLength:
    """The mask of an annotation row, or of its box where it has no mask; raises StudioError where it is damaged."""
    if has_mask(row):
        return read_segmentation(row["segmentation"], size_hw)
    box = read_box(row)
    if box is None:
        raise StudioError("error.segmentation")
    x, y, width, height = box
    return read_segmentation([[x, y, x + width, y, x + width, y + height, x, y + height]], size_hw)


def has_mask(row: Mapping[str, Any]) -> bool:
    """False for a row with a box alone."""
    return bool(row.get("segmentation"))


def is_crowd(row: Mapping[str, Any]) -> bool:
    """Whether a row is a crowd, or is read as one because it has a box alone."""
    return bool(row.get("iscrowd", 0)) or not has_mask(row)


def paint(run_lengths: Sequence[RunLength], crowds: Sequence[bool], size_hw: Size) -> NDArray[np.int32]:
    """(H, W) int32 with 1, 2, ... for the masks in their order, by the rule of what lies on what."""
    areas = [masks.area(run_length) for run_length in run_lengths]
    from_below = sorted(range(len(run_lengths)), key=lambda index: (not crowds[index], -areas[index], index))
    label_map = np.zeros(size_hw, dtype=np.int32)
    for index in from_below:
        label_map[masks.decode(run_lengths[index])] = index + 1
    return label_map


def _picture(
    folder: Path, places: InstancesFiles, path: Path, image: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]
) -> DatasetPicture:
    size_hw = height, width = int(image["height"]), int(image["width"])
    if height < 1 or width < 1 or height * width > Limits().pixels:
        raise StudioError("error.dataset_no_size", name=shown_name(str(image["file_name"])), size=f"{width} x {height}")
    return DatasetPicture(
        image_id=int(image["id"]),
        image_path=existing(folder, places.images, str(image["file_name"])),
        size_hw=size_hw,
        truth=InstancesTruth(path, size_hw, json.dumps(rows, separators=(",", ":")).encode()),
        void_is_background=True,
    )
