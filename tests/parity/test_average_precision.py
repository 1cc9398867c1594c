"""Mask AP against pycocotools: the same truth and detections, given to it as files are."""

import contextlib
import io
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from pycocotools import mask as coco_mask
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from core.evaluation.average_precision import AveragePrecision
from core.evaluation.overlaps import SegmentedPicture
from core.masks import area, box_xyxy, encode
from core.types import Instance, InstanceResult
from tests.annotated import PERSON, ROAD, TAXONOMY, segments

THINGS = [c.category_id for c in TAXONOMY.categories if c.is_thing]
SIZE_HW = (150, 170)
Scored = tuple[SegmentedPicture, list[tuple[int, float, NDArray[np.bool_]]]]


def drawn_picture(seed: int, most_things: int) -> Scored:
    """Boxes of three sizes on a road, some of them crowds; detections are shifted copies, doubles and inventions."""
    random = np.random.default_rng(seed)
    ids = np.full(SIZE_HW, 1, dtype=np.int32)
    categories = {1: ROAD}
    for segment_id in range(2, 2 + int(random.integers(0, most_things + 1))):
        height, width = random.integers(3, random.choice([8, 30, 110]), 2)
        top, left = random.integers(0, SIZE_HW[0] - 3), random.integers(0, SIZE_HW[1] - 3)
        ids[top : top + height, left : left + width] = segment_id
        categories[segment_id] = int(random.choice(THINGS))
    categories = {i: c for i, c in categories.items() if (ids == i).any()}
    crowds = frozenset(i for i in categories if i != 1 and random.random() < 0.1)
    detections = []
    for segment_id, category_id in categories.items():
        for _ in range(int(random.integers(0, 3)) if segment_id != 1 else 0):
            moved = np.roll(ids == segment_id, random.integers(-2, 3, 2), axis=(0, 1))
            named = category_id if random.random() < 0.9 else int(random.choice(THINGS))
            detections.append((named, float(random.integers(1, 12)) / 12, moved))  # many equal scores
    for _ in range(3):
        detections.append((int(random.choice(THINGS)), float(random.random()), random.random(SIZE_HW) < 0.02))
    detections.sort(key=lambda row: -row[1])
    return SegmentedPicture(ids, segments(ids, categories), crowds), detections


def found(detections: list[tuple[int, float, NDArray[np.bool_]]]) -> InstanceResult:
    rows = []
    for query, (category_id, score, mask) in enumerate(detections):
        encoded = encode(mask)
        rows.append(Instance(query, category_id, score, area(encoded), box_xyxy(encoded), encoded))
    return InstanceResult(SIZE_HW, tuple(rows))


def by_pycocotools(pictures: list[Scored], limit: int, left_out: set[int]) -> COCOeval:
    images = [{"id": i, "width": SIZE_HW[1], "height": SIZE_HW[0]} for i in range(1, len(pictures) + 1)]
    annotations: list[dict[str, Any]] = []
    results: list[dict[str, Any]] = []
    for image_id, (truth, detections) in enumerate(pictures, start=1):
        for s in truth.segments:
            if s.category_id in THINGS and s.category_id not in left_out:
                mask = truth.label_map == s.segment_id
                row = {"id": len(annotations) + 1, "image_id": image_id, "category_id": s.category_id}
                row |= {
                    "segmentation": rle(mask),
                    "area": int(mask.sum()),
                    "iscrowd": int(s.segment_id in truth.crowd_ids),
                }
                annotations.append(row)
        for category_id, score, mask in detections:
            if category_id not in left_out:
                row = {"image_id": image_id, "category_id": category_id, "score": score, "segmentation": rle(mask)}
                results.append(row)
    with contextlib.redirect_stdout(io.StringIO()):
        coco = COCO()
        coco.dataset = {
            "info": {},
            "images": images,
            "annotations": annotations,
            "categories": [{"id": c.category_id, "name": c.name} for c in TAXONOMY.categories if c.is_thing],
        }
        coco.createIndex()
        evaluation = COCOeval(coco, coco.loadRes(results), "segm")
        evaluation.params.maxDets = [limit]
        evaluation.evaluate()
        evaluation.accumulate()
    return evaluation


def rle(mask: NDArray[np.bool_]) -> dict[str, Any]:
    encoded = coco_mask.encode(np.asfortranarray(mask.astype(np.uint8)))
    return {"size": encoded["size"], "counts": encoded["counts"].decode()}


def theirs(evaluation: COCOeval) -> dict[str, float | None]:
    precision, recall = evaluation.eval["precision"][..., -1], evaluation.eval["recall"][..., -1]

    def mean(values: NDArray[np.float64]) -> float | None:
        return float(values[values > -1].mean()) if (values > -1).any() else None

    figures = {"ap": mean(precision[..., 0]), "ap50": mean(precision[0, ..., 0]), "ap75": mean(precision[5, ..., 0])}
    figures |= {f"ap_{size}": mean(precision[..., 1 + i]) for i, size in enumerate(("small", "medium", "large"))}
    return figures | {"ar": mean(recall[..., 0])}


@pytest.mark.parametrize(("seed", "limit", "most_things"), [(0, 100, 12), (1, 5, 20), (2, 400, 12)])
def test_figures_are_pycocotools_s(seed: int, limit: int, most_things: int) -> None:
    pictures = [drawn_picture(100 * seed + index, most_things) for index in range(12)]
    precision = AveragePrecision(TAXONOMY, limit)
    for truth, detections in pictures:
        precision.add(truth, found(detections))
    ours, evaluation = precision.figures(), by_pycocotools(pictures, limit, set())
    assert ours.to_json() == pytest.approx(theirs(evaluation), abs=1e-12)
    assert 0.05 < (ours.to_json()["ap"] or 0) < 0.95, "the pictures leave something to tell"
    for place, category_id in enumerate(sorted(THINGS)):
        only = np.arange(len(TAXONOMY)) == TAXONOMY.class_index(category_id)
        assert ours.to_json(only)["ap"] == pytest.approx(evaluation.eval["precision"][:, :, place, 0, -1].mean())


def test_left_out_classes_are_as_if_they_were_in_neither_file() -> None:
    pictures = [drawn_picture(index, 10) for index in range(6)]
    precision = AveragePrecision(TAXONOMY)
    for truth, detections in pictures:
        precision.add(truth, found(detections), {PERSON})
    figures = precision.figures()
    assert figures.to_json() == pytest.approx(theirs(by_pycocotools(pictures, 100, {PERSON})), abs=1e-12)
    assert figures.to_json(np.arange(len(TAXONOMY)) == TAXONOMY.class_index(PERSON))["ap"] is None
