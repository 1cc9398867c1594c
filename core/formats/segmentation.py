"""COCO's three ways to write one mask: polygons, run lengths as a list, and run lengths as text."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from hotcoco import mask as coco_mask

from core import masks
from core.formats.coco_rows import is_number
from core.messages import StudioError
from core.types import RunLength, Size


def read_segmentation(segmentation: Any, size_hw: Size) -> RunLength:
    """The run lengths of a ``segmentation`` of a picture of ``size_hw``.

    Raises:
        StudioError: it is damaged, of another size, or of none of the three kinds.
    """
    if isinstance(segmentation, list):
        return draw_polygons(segmentation, size_hw)
    if not isinstance(segmentation, dict) or segmentation.get("size") != list(size_hw):
        raise StudioError("error.segmentation")
    counts = segmentation.get("counts")
    if isinstance(counts, str):
        return masks.rle_from_string(counts, size_hw)
    if not isinstance(counts, list) or not all(isinstance(count, int) for count in counts):
        raise StudioError("error.segmentation")
    height, width = size_hw
    if min(counts, default=-1) < 0 or sum(counts) != height * width:
        raise StudioError("error.rle_size", height=height, width=width)
    return RunLength(size_hw, np.array(counts, dtype=np.uint32))


def draw_polygons(polygons: Sequence[Any], size_hw: Size) -> RunLength:
    """The union of polygons ``[x, y, x, y, ...]``, to the pixel as COCO's ``maskApi`` draws them.

    Raises:
        StudioError: there is none, or one has fewer than three points or something that is no coordinate.
    """
    if not polygons or not all(map(_is_polygon, polygons)):
        raise StudioError("error.segmentation")
    height, width = size_hw
    drawn = coco_mask.merge(coco_mask.frPyObjects(list(polygons), height, width))
    return masks.rle_from_string(drawn["counts"].decode("ascii"), size_hw)


def _is_polygon(points: Any) -> bool:
    if not isinstance(points, list) or len(points) < 6 or len(points) % 2:
        return False
    return all(map(is_number, points))
