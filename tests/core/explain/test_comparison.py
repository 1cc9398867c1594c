"""Two results held against each other, restated pixel by pixel."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from numpy.typing import NDArray

from core.explain.comparison import KINDS, Kind, class_ious, compare_results
from core.types import Category, PanopticResult, Taxonomy
from tests.annotated import CAR, PERSON, ROAD, SKY, TAXONOMY, label_maps, segments
from tests.drawing import label_map

OTHER = Taxonomy(
    "other",
    (Category(1, "Car", True, (1, 1, 1)), Category(2, "road", False, (2, 2, 2)), Category(5, "cat", True, (3, 3, 3))),
)


def result(ids: NDArray[np.int32], categories: dict[int, int]) -> PanopticResult:
    return PanopticResult(ids, segments(ids, categories), ())


def test_disagreements_are_listed_with_their_kind_area_and_box() -> None:
    first = result(label_map("1122", "1122", "3322", "33.."), {1: CAR, 2: SKY, 3: CAR})
    second = result(label_map("1111", "1111", "2222", "2..3"), {1: CAR, 2: PERSON, 3: ROAD})
    found = compare_results(first, TAXONOMY, second, TAXONOMY)
    assert found.pairs == ()
    rows = [(row.kind, row.first, row.second, row.area, row.box_xyxy) for row in found.disagreements]
    assert rows[:2] == [
        (Kind.INSTANCE, 1, 1, 4, (0, 0, 2, 2)),
        (Kind.CLASS, 2, 1, 4, (2, 0, 4, 2)),
    ]
    assert set(rows[2:]) == {
        (Kind.CLASS, 3, 2, 3, (0, 2, 2, 4)),
        (Kind.CLASS, 2, 2, 2, (2, 2, 4, 3)),
        (Kind.VOID, 3, None, 1, (1, 3, 2, 4)),
        (Kind.VOID, None, 3, 1, (3, 3, 4, 4)),
    }
    assert found.agreement == pytest.approx(1 / 16), "void is void in both"
    assert sum(found.share(kind) for kind in KINDS) == pytest.approx(15 / 16)


def test_the_same_things_agree_and_stuff_needs_no_match() -> None:
    first = result(label_map("1122", "1122", "3333"), {1: CAR, 2: CAR, 3: ROAD})
    second = result(label_map("7722", "7722", "3344"), {7: CAR, 2: CAR, 3: ROAD, 4: ROAD})
    found = compare_results(first, TAXONOMY, second, TAXONOMY)
    assert found.pairs == ((0, 0), (1, 1))
    assert found.agreement == 1
    assert found.disagreements == ()


def test_classes_are_the_same_by_their_names() -> None:
    first = result(label_map("112", "113"), {1: CAR, 2: ROAD, 3: SKY})
    second = result(label_map("112", "113"), {1: 1, 2: 2, 3: 5})
    found = compare_results(first, TAXONOMY, second, OTHER)
    assert [bool(found.same_class[pair]) for pair in sorted(found.pairs)] == [True, True, False]
    [row] = found.disagreements
    assert (row.kind, row.first, row.second, row.area) == (Kind.CLASS, 3, 3, 1)


@settings(max_examples=60, deadline=None)
@given(label_maps((7, 9)), label_maps((7, 9)))
def test_iou_and_kinds_are_counted_pixel_by_pixel(
    one: tuple[NDArray[np.int32], dict[int, int]], other: tuple[NDArray[np.int32], dict[int, int]]
) -> None:
    first, second = result(*one), result(*other)
    found = compare_results(first, TAXONOMY, second, TAXONOMY)
    same = set()
    for i, a in enumerate(first.segments):
        for j, b in enumerate(second.segments):
            here, there = first.panoptic_map == a.segment_id, second.panoptic_map == b.segment_id
            iou = (here & there).sum() / (here | there).sum()
            assert found.iou[i, j] == pytest.approx(iou)
            if iou > 0.5:
                same.add((a.segment_id, b.segment_id))
    assert {(first.segments[i].segment_id, second.segments[j].segment_id) for i, j in found.pairs} == same
    for y, x in np.ndindex(first.panoptic_map.shape):
        a, b = int(first.panoptic_map[y, x]), int(second.panoptic_map[y, x])
        assert found.kinds[y, x] == expected_kind(a, b, one[1], other[1], same)
    assert sum(row.area for row in found.disagreements) == (found.kinds > 0).sum()


def expected_kind(a: int, b: int, one: dict[int, int], other: dict[int, int], same: set[tuple[int, int]]) -> int:
    if a == 0 and b == 0:
        return 0
    if a == 0 or b == 0:
        return 1 + KINDS.index(Kind.VOID)
    if one[a] != other[b]:
        return 1 + KINDS.index(Kind.CLASS)
    is_thing = TAXONOMY.category(one[a]).is_thing
    return 1 + KINDS.index(Kind.INSTANCE) if is_thing and (a, b) not in same else 0


def test_iou_with_the_truth_goes_by_names() -> None:
    truth = label_map("1122", "1122", "..33")
    rows = {row.segment_id: row for row in segments(truth, {1: CAR, 2: ROAD, 3: PERSON})}
    classes = np.array([[0, 0, 1, 1], [0, 1, 1, 1], [0, 0, 2, 1]], dtype=np.int32)  # of OTHER: car, road, cat
    stat = class_ious(classes, OTHER, truth, rows, TAXONOMY)
    iou = dict(zip([c.name for c in TAXONOMY.categories], stat.iou().tolist(), strict=True))
    assert iou["car"] == pytest.approx(3 / 4)
    assert iou["road"] == pytest.approx(4 / 6)
    assert iou["person"] == 0
    assert stat.confusion.sum() == 10, "unlabelled pixels are left out"


def test_iou_with_the_truth_takes_classes_of_a_persons_own() -> None:
    own = replace(TAXONOMY, categories=(*TAXONOMY.categories, Category(99, "cat", True, (0, 0, 0))))
    truth = label_map("11", "22")
    rows = {row.segment_id: row for row in segments(truth, {1: 99, 2: ROAD})}
    stat = class_ious(np.array([[2, 2], [1, 2]], dtype=np.int32), OTHER, truth, rows, own)
    assert stat.iou()[-1] == pytest.approx(2 / 3)
    assert stat.iou()[own.class_index(ROAD)] == pytest.approx(1 / 2)
