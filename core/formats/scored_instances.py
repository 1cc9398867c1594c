"""Instance inference as a COCO instances file whose annotations carry scores and may overlap."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from core import masks
from core.files import file_name
from core.types import Instance, InstanceResult, Taxonomy


@dataclass(frozen=True, slots=True)
class ScoredPicture:
    """A picture's name and what instance inference found in it."""

    file_name: str
    result: InstanceResult


def export_scored_instances(pictures: Sequence[ScoredPicture], taxonomy: Taxonomy) -> dict[str, Any]:
    """All instances as one COCO instances file; every annotation also has ``score`` and ``query``.

    The annotations alone are COCO's results format, which its evaluators read. Ids start at 1.
    """
    images: list[dict[str, Any]] = []
    annotations: list[dict[str, Any]] = []
    for image_id, picture in enumerate(pictures, start=1):
        height, width = picture.result.size_hw
        images.append({"id": image_id, "file_name": file_name(picture.file_name), "width": width, "height": height})
        for instance in picture.result.instances:
            annotations.append({"id": len(annotations) + 1, "image_id": image_id} | _row(instance))
    categories = [
        {"id": c.category_id, "name": c.name, "supercategory": c.supercategory}
        for c in taxonomy.categories
        if c.is_thing
    ]
    return {"info": {}, "licenses": [], "images": images, "annotations": annotations, "categories": categories}


def _row(instance: Instance) -> dict[str, Any]:
    x0, y0, x1, y1 = instance.box_xyxy
    counts = masks.rle_to_string(instance.mask)
    return {
        "category_id": instance.category_id,
        "score": instance.score,
        "query": instance.query,
        "segmentation": {"size": list(instance.mask.size_hw), "counts": counts},
        "area": instance.area,
        "bbox": [x0, y0, x1 - x0, y1 - y0],
        "iscrowd": 0,
    }
