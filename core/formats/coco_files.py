"""COCO exports as files: built, read back, compared pixel by pixel, and only then given away.

Layout of a folder or an archive: ``instances.json``, ``panoptic.json``, ``panoptic/STEM.png``.
"""

import json
from collections.abc import Mapping, Sequence
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import numpy as np

from core import masks
from core.files import file_name, shown_name
from core.formats.coco import AnnotatedPicture, Json, export_instances, export_panoptic, png_names, things
from core.formats.id_png import decode_ids
from core.messages import StudioError
from core.types import VOID, RunLength, Taxonomy

INSTANCES = "instances.json"
PANOPTIC = "panoptic.json"
PNG_FOLDER = "panoptic"

# Harmless where the JSON is pasted into a page; the same text to a JSON reader. They occur inside strings only.
_ESCAPES = {ord(character): f"\\u{ord(character):04x}" for character in "<>&\u2028\u2029"}


def coco_files(pictures: Sequence[AnnotatedPicture], taxonomy: Taxonomy) -> dict[str, bytes]:
    """Both exports as file contents by relative name, verified.

    Raises:
        StudioError: the pictures are inconsistent, or what was written does not read back as it was.
    """
    panoptic, pngs = export_panoptic(pictures, taxonomy)
    files = {f"{PNG_FOLDER}/{name}": content for name, content in pngs.items()}
    files[PANOPTIC] = to_bytes(panoptic)
    files[INSTANCES] = to_bytes(export_instances(pictures, taxonomy))
    verify(files, pictures, taxonomy)
    return files


def zip_coco(pictures: Sequence[AnnotatedPicture], taxonomy: Taxonomy) -> bytes:
    """Both exports as one ZIP archive that is read back; the same pictures give the same bytes.

    Raises:
        StudioError: as :func:`coco_files`.
    """
    files = coco_files(pictures, taxonomy)
    stream = BytesIO()
    with ZipFile(stream, "w", ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(ZipInfo(name), content, compress_type=ZIP_DEFLATED)
    with ZipFile(stream) as archive:
        for name, content in files.items():
            if archive.read(name) != content:
                raise StudioError("error.export_differs", name=name)
    return stream.getvalue()


def verify(files: Mapping[str, bytes], pictures: Sequence[AnnotatedPicture], taxonomy: Taxonomy) -> None:
    """Reads file contents as a foreign reader would and compares every pixel, id, class, area and box.

    Raises:
        StudioError: anything differs from ``pictures``.
    """
    instances, panoptic = json.loads(files[INSTANCES]), json.loads(files[PANOPTIC])
    _require(_ids_from_one(instances["images"]) and _ids_from_one(instances["annotations"]), INSTANCES)
    _require(_ids_from_one(panoptic["images"]), PANOPTIC)
    by_image: dict[int, list[Json]] = {}
    for row in instances["annotations"]:
        by_image.setdefault(row["image_id"], []).append(row)
    names = png_names(pictures)
    _require(len(instances["images"]) == len(panoptic["images"]) == len(pictures), INSTANCES)
    for index, (picture, name) in enumerate(zip(pictures, names, strict=True)):
        shown = shown_name(picture.file_name)
        for image in (instances["images"][index], panoptic["images"][index]):
            _require((image["height"], image["width"]) == picture.label_map.shape, shown)
            _require(image["file_name"] == file_name(picture.file_name), shown)
        _require(_same_instances(by_image.get(index + 1, []), picture, taxonomy), shown)
        annotation = panoptic["annotations"][index]
        _require((annotation["image_id"], annotation["file_name"]) == (index + 1, name), shown)
        _require(_same_panoptic(annotation["segments_info"], files[f"{PNG_FOLDER}/{name}"], picture), shown)


def _same_instances(rows: Sequence[Json], picture: AnnotatedPicture, taxonomy: Taxonomy) -> bool:
    segments = things(picture, taxonomy)
    if [row["category_id"] for row in rows] != [segment.category_id for segment in segments]:
        return False
    run_lengths = [_read_segmentation(row["segmentation"]) for row in rows]
    ids = [segment.segment_id for segment in segments]
    painted = masks.decode_label_map(run_lengths, ids, _size(picture))
    expected = np.where(np.isin(picture.label_map, ids), picture.label_map, VOID)
    return np.array_equal(painted, expected) and _same_measures(rows, run_lengths)


def _same_panoptic(rows: Sequence[Json], png: bytes, picture: AnnotatedPicture) -> bool:
    expected = [(segment.segment_id, segment.category_id) for segment in picture.segments]
    if [(row["id"], row["category_id"]) for row in rows] != expected:
        return False
    label_map = decode_ids(png)
    run_lengths = masks.encode_label_map(label_map, [row["id"] for row in rows])
    return np.array_equal(label_map, picture.label_map) and _same_measures(rows, run_lengths)


def _same_measures(rows: Sequence[Json], run_lengths: Sequence[RunLength]) -> bool:
    for row, run_length in zip(rows, run_lengths, strict=True):
        x0, y0, x1, y1 = masks.box_xyxy(run_length)
        found = (masks.area(run_length), [x0, y0, x1 - x0, y1 - y0], 0)
        if (row["area"], row["bbox"], row["iscrowd"]) != found:
            return False
    return True


def _read_segmentation(segmentation: Json) -> RunLength:
    height, width = segmentation["size"]
    return masks.rle_from_string(segmentation["counts"], (height, width))


def _size(picture: AnnotatedPicture) -> tuple[int, int]:
    height, width = picture.label_map.shape
    return height, width


def _ids_from_one(rows: Sequence[Json]) -> bool:
    return [row["id"] for row in rows] == list(range(1, len(rows) + 1))


def _require(same: bool, name: str) -> None:
    if not same:
        raise StudioError("error.export_differs", name=name)


def join_rows(whole: Json, picture: Json) -> None:
    """The rows of one picture's file come behind those of the others, under the next image id."""
    image_id = len(whole["images"]) + 1
    whole["images"] += [image | {"id": image_id} for image in picture["images"]]
    whole["annotations"] += [row | {"image_id": image_id} for row in picture["annotations"]]


def to_bytes(data: Json) -> bytes:
    """JSON as it stands in the files."""
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).translate(_ESCAPES).encode()
