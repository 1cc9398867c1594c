"""COCO panoptic, to be examined: an id map and the segments that the JSON lists for it."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core import masks
from core.datasets.claims import Areas, Claim, ClaimedSplit, note_size, note_unused, note_void
from core.datasets.findings import Notes, differs, listed
from core.datasets.rows import (
    Row,
    has_fields,
    images_of,
    is_integer,
    is_known,
    is_list,
    is_text,
    load,
    path_inside,
    rows_of,
    taxonomy_of,
)
from core.formats.coco_rows import is_number, read_box
from core.formats.dataset_files import is_file
from core.formats.id_png import decode_ids
from core.formats.paired_files import PICTURE_SUFFIXES
from core.formats.panoptic_dataset import KIND, PanopticFiles
from core.messages import StudioError
from core.types import VOID, Taxonomy

IGNORE_IDS = {255, 65535, 16777215}  # what other programs paint where nothing is labelled, read as ids

ANNOTATION_FIELDS = {"image_id": is_integer, "file_name": is_text, "segments_info": is_list}
SEGMENT_FIELDS = {"id": is_integer, "category_id": is_integer, "area": is_number}


@dataclass(frozen=True, slots=True)
class IdMap:
    """A picture's PNG and its rows of ``segments_info``."""

    path: Path
    rows: tuple[Row, ...]
    taxonomy: Taxonomy

    def label_map(self) -> NDArray[np.int32]:
        """The PNG's ids."""
        try:
            return decode_ids(self.path.read_bytes())
        except (OSError, ValueError) as error:
            raise StudioError("error.dataset_png", name=self.path.name) from error

    def examine(self, claim: Claim, notes: Notes) -> Areas:
        """Compares the ids, areas and boxes of PNG and JSON, both ways."""
        if not is_file(self.path):
            notes.add("missing_labels", claim.name, self.path.name)
            return {}
        try:
            label_map = self.label_map()
        except StudioError as error:
            notes.add("unreadable_labels", claim.name, error)
            return {}
        note_size(claim, label_map.shape, notes)
        areas = {i: area for i, area in masks.label_areas(label_map).items() if i != VOID}
        self._compare_ids(set(areas), claim, notes)
        self._compare_measures(label_map, areas, claim, notes)
        note_void(claim, sum(areas.values()), label_map.size, notes)
        return self._areas(areas, claim, notes)

    def _compare_ids(self, found: set[int], claim: Claim, notes: Notes) -> None:
        """Ids in the PNG and not in the JSON, and the reverse."""
        ids = [int(row["id"]) for row in self.rows]
        twice = {i for i, count in Counter(ids).items() if count > 1}
        empty = {int(row["id"]) for row in self.rows if row["area"] == 0} - found
        lacking = {
            "ignore_id": (found - set(ids)) & IGNORE_IDS,
            "id_not_in_json": found - set(ids) - IGNORE_IDS,
            "id_not_in_png": set(ids) - found - empty,
            "empty_segment": empty,
            "duplicate_id": twice,
        }
        for kind, wrong in lacking.items():
            if wrong:
                notes.add(kind, claim.name, listed(wrong), wrong)

    def _compare_measures(
        self, label_map: NDArray[np.int32], areas: dict[int, int], claim: Claim, notes: Notes
    ) -> None:
        rows = [row for row in self.rows if int(row["id"]) in areas]
        boxes = masks.boxes_xyxy(label_map, [int(row["id"]) for row in rows]).tolist()
        for row, (x0, y0, x1, y1) in zip(rows, boxes, strict=True):
            segment_id, box = int(row["id"]), [x0, y0, x1 - x0, y1 - y0]
            if row["area"] != areas[segment_id]:
                detail = f"{segment_id}: {differs(areas[segment_id], row['area'])}"
                notes.add("wrong_area", claim.name, detail, [segment_id])
            if "bbox" in row and read_box(row) != tuple(box):
                notes.add("wrong_box", claim.name, f"{segment_id}: {differs(box, row['bbox'])}", [segment_id])

    def _areas(self, areas: dict[int, int], claim: Claim, notes: Notes) -> Areas:
        """By category; notes stuff in several segments, which panoptic quality counts as one."""
        ids_of: dict[int, list[int]] = {}
        for row in self.rows:
            if int(row["id"]) in areas and is_known(row, self.taxonomy):
                ids_of.setdefault(int(row["category_id"]), []).append(int(row["id"]))
        for category_id, ids in ids_of.items():
            category = self.taxonomy.category(category_id)
            if len(set(ids)) > 1 and not category.is_thing:
                notes.add("divided_stuff", claim.name, f"{category.name}: {listed(ids)}", ids)
        return {category_id: tuple(areas[i] for i in ids) for category_id, ids in ids_of.items()}


def panoptic_claims(folder: Path, split: str, files: PanopticFiles) -> ClaimedSplit:
    """What the JSON of a split says of its pictures."""
    notes, places = Notes(split), files.of(split)
    path = folder / places.annotations
    data = load(path, KIND, notes)
    taxonomy, images = taxonomy_of(data, folder.name, notes), images_of(data, notes)
    annotations = _annotations_of(data, images, notes)
    claims = []
    for image_id, image in images.items():
        name = image["file_name"]
        if image_id not in annotations:
            notes.add("no_annotation", name)
            continue
        image_path = path_inside(folder, places.images, name, notes)
        map_path = path_inside(folder, places.maps, annotations[image_id]["file_name"], notes)
        if image_path is not None and map_path is not None:
            labels = IdMap(map_path, _segments_of(annotations[image_id], name, taxonomy, notes), taxonomy)
            size_hw = int(image["height"]), int(image["width"])
            claims.append(Claim(split, name, image_path, size_hw, labels))
    note_unused(folder / places.images, (row["file_name"] for row in images.values()), PICTURE_SUFFIXES, notes)
    note_unused(folder / places.maps, (row["file_name"] for row in annotations.values()), [".png"], notes)
    return ClaimedSplit(split, taxonomy, tuple(claims), tuple(notes.found))


def _annotations_of(data: Row, images: dict[int, Row], notes: Notes) -> dict[int, Row]:
    annotations: dict[int, Row] = {}
    for row in rows_of(data, "annotations", ANNOTATION_FIELDS, notes):
        image_id = int(row["image_id"])
        if image_id not in images:
            notes.add("unknown_picture", row["file_name"], image_id)
        elif image_id in annotations:
            notes.add("duplicate_image_id", row["file_name"], image_id)
        else:
            annotations[image_id] = row
    return annotations


def _segments_of(annotation: Row, name: str, taxonomy: Taxonomy, notes: Notes) -> tuple[Row, ...]:
    rows = enumerate(annotation["segments_info"])
    readable = [row for i, row in rows if has_fields(row, f"{name} segments_info[{i}]", SEGMENT_FIELDS, notes)]
    for row in readable:
        if not is_known(row, taxonomy):
            notes.add("unknown_category", name, row["category_id"], [int(row["id"])])
    return tuple(readable)
