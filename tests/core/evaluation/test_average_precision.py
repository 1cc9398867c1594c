"""What average precision asks of its caller: room for every thing, and no memory for masks."""

import pickle

import numpy as np
import pytest

from core.evaluation.average_precision import LIMITS, AveragePrecision, detection_limit
from core.evaluation.overlaps import SegmentedPicture
from core.masks import area, encode
from core.types import Instance, InstanceResult
from tests.annotated import CAR, TAXONOMY, segments
from tests.drawing import label_map


def test_three_hundred_things_in_a_picture_need_a_larger_limit_than_coco_s() -> None:
    ids = np.zeros((60, 240), dtype=np.int32)
    ids[::3, ::3] = np.arange(1, 20 * 80 + 1).reshape(20, 80) % 320 + 1
    ids[ids > 300] = 0
    truth = SegmentedPicture(ids, segments(ids, dict.fromkeys(range(1, 301), CAR)))
    result = InstanceResult(
        ids.shape, tuple(Instance(i, CAR, 0.9, 1, (0, 0, 1, 1), encode(ids == i)) for i in range(1, 301))
    )
    assert detection_limit(300) == 400
    for limit, expected in ((100, 1 / 3), (400, 1.0)):
        precision = AveragePrecision(TAXONOMY, limit)
        precision.add(truth, result)
        assert precision.figures().to_json()["ar"] == pytest.approx(expected)


@pytest.mark.parametrize(("things", "limit"), [(0, 100), (100, 100), (101, 400), (400, 400), (9999, LIMITS[-1])])
def test_the_limit_leaves_room_for_the_fullest_picture(things: int, limit: int) -> None:
    assert detection_limit(things) == limit


def test_masks_are_not_kept() -> None:
    random, ids = np.random.default_rng(0), label_map("1" * 200, "." * 200).repeat(100, axis=0)
    masks = [encode(random.random(ids.shape) < 0.5) for _ in range(10)]
    found = InstanceResult(
        (200, 200), tuple(Instance(query, CAR, 0.5, area(m), (0, 0, 200, 200), m) for query, m in enumerate(masks))
    )
    precision = AveragePrecision(TAXONOMY)
    for _ in range(20):
        precision.add(SegmentedPicture(ids, segments(ids, {1: CAR})), found)
    assert sum(mask.counts.nbytes for mask in masks) > 500_000, "of one picture"
    assert len(pickle.dumps(precision)) < 20_000, "of twenty"
