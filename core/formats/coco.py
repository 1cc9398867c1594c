"""Annotated pictures as COCO instances and COCO panoptic.

COCO instances hold things only, as COCO's own do; COCO panoptic holds things and stuff. One segment is one annotation
even in several parts. Image and annotation ids start at 1, because COCO's evaluator reads 0 as "no match"; images have
the same ids in both files, and a picture without segments stays in ``images``. Specification: cocodataset.org,
"Data format".
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from core import masks
from core.files import file_name, portable_stems, shown_name
from core.formats.id_png import LARGEST_ID, encode_ids
from core.messages import StudioError
from core.types import VOID, RunLength, SegmentInfo, Taxonomy

Json: TypeAlias = dict[str, Any]

_INFO = {"description": "MaskFormer Studio", "version": "1.0"}


@dataclass(frozen=True, slots=True)
class AnnotatedPicture:
    """A picture's name and its truth: ``label_map`` (H, W) int32 of segment ids, 0 = void, and those segments."""

    file_name: str
    label_map: NDArray[np.int32]
    segments: tuple[SegmentInfo, ...]

    def __post_init__(self) -> None:
        if self.label_map.ndim != 2 or not np.issubdtype(self.label_map.dtype, np.integer):
            raise ValueError(f"label map must be (H, W) integer, got {self.label_map.shape} {self.label_map.dtype}")


def export_instances(pictures: Sequence[AnnotatedPicture], taxonomy: Taxonomy) -> Json:
    """The things of all pictures as one COCO instances file.

    Raises:
        StudioError: a label map and its segments disagree, a category is unknown, or two pictures have one name.
    """
    annotations: list[Json] = []
    for image_id, picture in enumerate(pictures, start=1):
        require_consistent(picture)
        for segment, mask in _encoded(picture, things(picture, taxonomy)):
            row = {"id": len(annotations) + 1, "image_id": image_id, "category_id": int(segment.category_id)}
            segmentation = {"size": list(mask.size_hw), "counts": masks.rle_to_string(mask)}
            annotations.append(row | {"segmentation": segmentation} | _measures(mask))
    categories = [
        {"id": c.category_id, "name": c.name, "supercategory": c.supercategory}
        for c in taxonomy.categories
        if c.is_thing
    ]
    images = _images(pictures)
    return {"info": _INFO, "licenses": [], "images": images, "annotations": annotations, "categories": categories}


def export_panoptic(pictures: Sequence[AnnotatedPicture], taxonomy: Taxonomy) -> tuple[Json, dict[str, bytes]]:
    """All segments as one COCO panoptic file, and its PNGs by name.

    Raises:
        StudioError: as :func:`export_instances`, or an id does not fit into a PNG's 24 bits.
    """
    annotations: list[Json] = []
    pngs: dict[str, bytes] = {}
    for image_id, (picture, png_name) in enumerate(zip(pictures, png_names(pictures), strict=True), start=1):
        require_consistent(picture)
        for segment in picture.segments:
            taxonomy.category(segment.category_id)
        segments_info = [
            {"id": int(segment.segment_id), "category_id": int(segment.category_id)} | _measures(mask)
            for segment, mask in _encoded(picture, picture.segments)
        ]
        annotations.append({"image_id": image_id, "file_name": png_name, "segments_info": segments_info})
        pngs[png_name] = encode_ids(picture.label_map)
    categories = taxonomy.to_json()["categories"]
    images = _images(pictures)
    data = {"info": _INFO, "licenses": [], "images": images, "annotations": annotations, "categories": categories}
    return data, pngs


def png_names(pictures: Sequence[AnnotatedPicture]) -> tuple[str, ...]:
    """The id map's name of each picture; raises StudioError where two pictures have one name."""
    return tuple(f"{stem}.png" for stem in portable_stems([picture.file_name for picture in pictures]))


def things(picture: AnnotatedPicture, taxonomy: Taxonomy) -> tuple[SegmentInfo, ...]:
    """The picture's thing segments; raises StudioError where a category is unknown."""
    return tuple(segment for segment in picture.segments if taxonomy.category(segment.category_id).is_thing)


def require_consistent(picture: AnnotatedPicture) -> None:
    """Raises StudioError unless the map's labels are exactly the segments' ids, each once and within 1..2^24 - 1."""
    ids = [segment.segment_id for segment in picture.segments]
    outside = [i for i in ids if not 0 < i <= LARGEST_ID]
    unmatched = set(ids) ^ (masks.label_areas(picture.label_map).keys() - {VOID})
    twice = {i for i in ids if ids.count(i) > 1}
    wrong = sorted({*outside, *unmatched, *twice})
    if wrong:
        listed = ", ".join(map(str, wrong[:5]))
        raise StudioError("error.export_ids", name=shown_name(picture.file_name), ids=listed)


def _encoded(picture: AnnotatedPicture, segments: Sequence[SegmentInfo]) -> Iterator[tuple[SegmentInfo, RunLength]]:
    return zip(segments, masks.encode_label_map(picture.label_map, [s.segment_id for s in segments]), strict=True)


def _measures(mask: RunLength) -> Json:
    x0, y0, x1, y1 = masks.box_xyxy(mask)
    return {"area": masks.area(mask), "bbox": [x0, y0, x1 - x0, y1 - y0], "iscrowd": 0}


def _images(pictures: Sequence[AnnotatedPicture]) -> list[Json]:
    return [
        {
            "id": image_id,
            "file_name": file_name(picture.file_name),
            "width": picture.label_map.shape[1],
            "height": picture.label_map.shape[0],
        }
        for image_id, picture in enumerate(pictures, start=1)
    ]
