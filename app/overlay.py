"""Results drawn onto the picture with supervision's annotators: masks, and each mask's name inside it."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import supervision as sv
from numpy.typing import NDArray

from app.anchors import Point, anchors_xy
from app.palette import segment_color, shade
from core.masks import box_xyxy, encode_label_map
from core.types import Color, InstanceResult, PanopticResult, RunLength, SemanticResult, Taxonomy

OPACITY = 0.55
LEAST_INSTANCE_SCORE = 0.5  # instances below it would hide the others
_FONT_SIZES = (10, 48)
_BRIGHT = 140  # luma 0..255 above which a name is written in black


@dataclass(frozen=True, slots=True)
class Drawn:
    """One mask on the picture; ``anchor_xy`` is where its name stands."""

    mask: RunLength
    color: Color
    name: str
    anchor_xy: Point


def draw_panoptic(image: NDArray[np.uint8], result: PanopticResult, taxonomy: Taxonomy) -> NDArray[np.uint8]:
    """(H, W, 3) RGB with every segment in its colour."""
    labels = [segment.segment_id for segment in result.segments]
    colors = [segment_color(segment, taxonomy) for segment in result.segments]
    names = [taxonomy.category(segment.category_id).name for segment in result.segments]
    return draw(image, _labelled(result.panoptic_map, labels, colors, names))


def draw_semantic(image: NDArray[np.uint8], result: SemanticResult, taxonomy: Taxonomy) -> NDArray[np.uint8]:
    """(H, W, 3) RGB with every class in its colour."""
    present = np.flatnonzero(np.bincount(result.class_map.ravel())).tolist()
    colors, names = [taxonomy[index].color for index in present], [taxonomy[index].name for index in present]
    return draw(image, _labelled(result.class_map, present, colors, names))


def draw_instances(image: NDArray[np.uint8], result: InstanceResult, taxonomy: Taxonomy) -> NDArray[np.uint8]:
    """(H, W, 3) RGB with the instances whose score is at least ``LEAST_INSTANCE_SCORE``, the surest on top."""
    drawn = []
    for instance in result.instances:
        if instance.score >= LEAST_INSTANCE_SCORE:
            category = taxonomy.category(instance.category_id)
            x0, y0, x1, y1 = instance.box_xyxy
            name = f"{category.name} {instance.score:.2f}"
            color = shade(category.color, instance.query)
            drawn.append(Drawn(instance.mask, color, name, ((x0 + x1) // 2, (y0 + y1) // 2)))
    return draw(image, drawn)


def draw(image: NDArray[np.uint8], drawn: Sequence[Drawn]) -> NDArray[np.uint8]:
    """(H, W, 3) RGB with masks and names; masks stay run lengths, so memory does not grow with their number."""
    scene: NDArray[np.uint8] = np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2BGR), dtype=np.uint8)
    if drawn:
        palette = _palette([row.color for row in drawn])
        ink = _palette([_ink(row.color) for row in drawn])
        size = int(np.clip(max(image.shape) / 55, *_FONT_SIZES))
        by_index = sv.ColorLookup.INDEX
        masks = sv.MaskAnnotator(palette, OPACITY, by_index)
        names = sv.RichLabelAnnotator(
            palette,
            text_color=ink,
            font_size=size,
            text_padding=size // 4,
            text_position=sv.Position.CENTER,
            color_lookup=by_index,
        )
        scene = masks.annotate(scene, _detections([row.mask for row in drawn], image.shape[:2]))
        scene = names.annotate(scene, _points([row.anchor_xy for row in drawn]), [row.name for row in drawn])
    return np.asarray(cv2.cvtColor(scene, cv2.COLOR_BGR2RGB), dtype=np.uint8)


def _labelled(
    label_map: NDArray[np.int32], labels: Sequence[int], colors: Sequence[Color], names: Sequence[str]
) -> list[Drawn]:
    masks = encode_label_map(label_map, labels)
    boxes = np.array([box_xyxy(mask) for mask in masks], dtype=np.int64).reshape(-1, 4)
    anchors = anchors_xy(label_map, labels, boxes)
    return [Drawn(*row) for row in zip(masks, colors, names, anchors, strict=True)]


def _detections(masks: Sequence[RunLength], size_hw: tuple[int, ...]) -> sv.Detections:
    boxes = np.array([box_xyxy(mask) for mask in masks], dtype=np.float32) - (0, 0, 1, 1)  # supervision's are closed
    rows = [{"size": list(mask.size_hw), "counts": mask.counts.tolist()} for mask in masks]
    compact = sv.CompactMask.from_coco_rle(rows, boxes, (size_hw[0], size_hw[1]))
    return sv.Detections(xyxy=boxes, mask=compact, class_id=np.arange(len(masks)))


def _points(points_xy: Sequence[Point]) -> sv.Detections:
    return sv.Detections(xyxy=np.array([(*xy, *xy) for xy in points_xy], dtype=np.float32))


def _palette(colors: Sequence[Color]) -> sv.ColorPalette:
    return sv.ColorPalette([sv.Color(*color) for color in colors])


def _ink(color: Color) -> Color:
    """Black or white, whichever is read better on ``color`` (ITU-R BT.601 luma)."""
    red, green, blue = color
    return (0, 0, 0) if 0.299 * red + 0.587 * green + 0.114 * blue > _BRIGHT else (255, 255, 255)
