"""COCO instances, to be examined: masks that may overlap."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core import masks
from core.datasets.claims import Areas, Claim, ClaimedSplit, note_unused
from core.datasets.findings import Notes, differs, listed
from core.datasets.rows import Row, images_of, is_integer, is_known, load, path_inside, rows_of, taxonomy_of
from core.formats.coco_rows import is_number, read_box
from core.formats.instances_dataset import KIND, InstancesFiles, has_mask, instance_mask, is_crowd, paint
from core.formats.paired_files import PICTURE_SUFFIXES
from core.messages import StudioError
from core.types import VOID, RunLength, Size, Taxonomy

SAME = 0.95  # two masks of one class with at least this IoU are one object twice
NEAR_AREA, NEAR_BOX = 0.1, 0.02  # polygons and pixels agree to this fraction, and to some pixels along the border

ANNOTATION_FIELDS = {"id": is_integer, "image_id": is_integer, "category_id": is_integer}


@dataclass(frozen=True, slots=True)
class Instances:
    """A picture's annotation rows; their segment ids are 1, 2, ... in this order."""

    rows: tuple[Row, ...]
    size_hw: Size
    taxonomy: Taxonomy

    def label_map(self) -> NDArray[np.int32]:
        """The masks that can be read, the smaller on top."""
        return self._painted(self._masks(Notes("")))

    def examine(self, claim: Claim, notes: Notes) -> Areas:
        """Notes masks that are broken, empty, hidden, overlapping or the same, and measures that disagree."""
        found = self._masks(notes, claim.name)
        label_map = self._painted(found)
        seen = masks.label_areas(label_map)
        empty = {i for i, mask in found.items() if not masks.area(mask)}
        hidden = found.keys() - seen.keys() - empty
        if empty:
            notes.add("empty_segment", claim.name, listed(empty), empty)
        if hidden:
            notes.add("hidden_segment", claim.name, listed(hidden), hidden)
        self._note_overlap(found, sum(area for i, area in seen.items() if i != VOID), claim, notes)
        for i in found.keys() - empty:
            _compare_measures(i, self.rows[i - 1], found[i], claim, notes)
        return self._areas(seen)

    def _masks(self, notes: Notes, name: str = "") -> dict[int, RunLength]:
        found: dict[int, RunLength] = {}
        for segment_id, row in enumerate(self.rows, start=1):
            try:
                found[segment_id] = instance_mask(row, self.size_hw)
            except StudioError as error:
                notes.add("bad_mask", name, f"{row['id']}: {error}", [segment_id])
                continue
            if not has_mask(row):
                notes.add("box_only", name, row["id"], [segment_id])
        return found

    def _painted(self, found: dict[int, RunLength]) -> NDArray[np.int32]:
        crowds = [is_crowd(self.rows[i - 1]) for i in found]
        ids = np.array([VOID, *found], dtype=np.int32)
        return ids[paint(list(found.values()), crowds, self.size_hw)]

    def _note_overlap(self, found: dict[int, RunLength], seen: int, claim: Claim, notes: Notes) -> None:
        covered = sum(map(masks.area, found.values())) - seen
        if covered:
            notes.add("overlap", claim.name, f"{covered / seen:.1%}")
        for a, b in _alike(found):
            if self.rows[a - 1]["category_id"] == self.rows[b - 1]["category_id"]:
                notes.add("same_object", claim.name, listed([a, b]), [a, b])

    def _areas(self, seen: dict[int, int]) -> Areas:
        areas: dict[int, tuple[int, ...]] = {}
        for i, row in enumerate(self.rows, start=1):
            if i in seen and is_known(row, self.taxonomy):
                category_id = int(row["category_id"])
                areas[category_id] = (*areas.get(category_id, ()), seen[i])
        return areas


def instances_claims(folder: Path, split: str, files: InstancesFiles) -> ClaimedSplit:
    """What the JSON of a split says of its pictures."""
    notes, places = Notes(split), files.of(split)
    data = load(folder / places.annotations, KIND, notes)
    taxonomy, images = taxonomy_of(data, folder.name, notes), images_of(data, notes)
    rows = _rows_by_image(data, images, taxonomy, notes)
    claims = []
    for image_id, image in images.items():
        path = path_inside(folder, places.images, image["file_name"], notes)
        size_hw = int(image["height"]), int(image["width"])
        if path is not None:
            instances = Instances(tuple(rows[image_id]), size_hw, taxonomy)
            claims.append(Claim(split, image["file_name"], path, size_hw, instances))
    note_unused(folder / places.images, (row["file_name"] for row in images.values()), PICTURE_SUFFIXES, notes)
    return ClaimedSplit(split, taxonomy, tuple(claims), tuple(notes.found))


def _rows_by_image(data: Row, images: dict[int, Row], taxonomy: Taxonomy, notes: Notes) -> dict[int, list[Row]]:
    rows: dict[int, list[Row]] = {image_id: [] for image_id in images}
    ids: set[int] = set()
    for row in rows_of(data, "annotations", ANNOTATION_FIELDS, notes):
        image_id, annotation_id = int(row["image_id"]), int(row["id"])
        if image_id not in images:
            notes.add("unknown_picture", f"annotation {annotation_id}", image_id)
            continue
        name = images[image_id]["file_name"]
        if annotation_id in ids:
            notes.add("duplicate_id", name, annotation_id)
        if not is_known(row, taxonomy):
            notes.add("unknown_category", name, row["category_id"], [len(rows[image_id]) + 1])
        ids.add(annotation_id)
        rows[image_id].append(row)
    return rows


def _alike(found: dict[int, RunLength]) -> Iterator[tuple[int, int]]:
    """Pairs of masks that are nearly one: only those of nearly one box are compared pixel by pixel."""
    boxes = {i: masks.box_xyxy(mask) for i, mask in found.items() if masks.area(mask)}
    ids = list(boxes)
    for index, a in enumerate(ids):
        for b in ids[index + 1 :]:
            if _box_iou(boxes[a], boxes[b]) >= SAME**2 and _mask_iou(found[a], found[b]) >= SAME:
                yield a, b


def _box_iou(a: Sequence[int], b: Sequence[int]) -> float:
    width, height = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    shared = max(0, width) * max(0, height)
    return shared / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - shared)


def _mask_iou(a: RunLength, b: RunLength) -> float:
    first, second = masks.decode(a), masks.decode(b)
    return float((first & second).sum() / (first | second).sum())


def _compare_measures(segment_id: int, row: Row, mask: RunLength, claim: Claim, notes: Notes) -> None:
    """Polygons have areas and boxes with fractions: only what is far off is noted."""
    x0, y0, x1, y1 = masks.box_xyxy(mask)
    found, box, area = masks.area(mask), (x0, y0, x1 - x0, y1 - y0), row.get("area")
    border = box[2] + box[3]
    if has_mask(row) and area is not None and not _is_near(area, found, NEAR_AREA * found + 2 * border):
        notes.add("far_area", claim.name, f"{row['id']}: {differs(found, area)}", [segment_id])
    stated = read_box(row)
    if has_mask(row) and "bbox" in row and (stated is None or not _boxes_near(stated, box, 2 + NEAR_BOX * border)):
        notes.add("far_box", claim.name, f"{row['id']}: {differs(list(box), row['bbox'])}", [segment_id])


def _is_near(stated: Any, found: int, tolerance: float) -> bool:
    return is_number(stated) and abs(stated - found) <= tolerance


def _boxes_near(stated: Sequence[float], found: Sequence[int], tolerance: float) -> bool:
    return all(abs(a - b) <= tolerance for a, b in zip(stated, found, strict=True))
