"""The best of N queries against plain counting."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from core.evaluation.oracle import OracleStat, oracle_stat
from core.evaluation.overlaps import SegmentedPicture
from core.masks import encode
from tests.annotated import CAR, PERSON, ROAD, SKY, TAXONOMY, label_maps, segments
from tests.drawing import label_map, picture


def truth_of(ids: NDArray[np.int32], categories: dict[int, int], crowds: tuple[int, ...] = ()) -> SegmentedPicture:
    return SegmentedPicture(ids, segments(ids, categories), frozenset(crowds))


@st.composite
def labelled(draw: st.DrawFn) -> tuple[NDArray[np.int32], dict[int, int], list[NDArray[np.bool_]], int | None]:
    ids, categories = draw(label_maps())
    near = [ids == i for i in categories if draw(st.booleans())]
    noise = draw(st.lists(arrays(bool, ids.shape), max_size=3))
    masks = [mask ^ (draw(arrays(bool, ids.shape)) & draw(arrays(bool, ids.shape))) for mask in near] + noise
    crowd = draw(st.sampled_from(sorted(categories))) if categories and draw(st.booleans()) else None
    return ids, categories, masks, crowd


@settings(max_examples=50, deadline=None)
@given(labelled())
def test_the_best_query_is_found_for_each_segment(
    drawn: tuple[NDArray[np.int32], dict[int, int], list[NDArray[np.bool_]], int | None],
) -> None:
    ids, categories, masks, crowd = drawn
    stat = oracle_stat(truth_of(ids, categories, (crowd,) if crowd else ()), [encode(m) for m in masks], TAXONOMY)
    for index, category in enumerate(TAXONOMY.categories):
        own = [ids == i for i, c in categories.items() if c == category.category_id and i != crowd]
        best = [max(((m & s).sum() / (m & (ids != 0) | s).sum() for m in masks), default=0.0) for s in own]
        counts = (stat.segments[index].sum(), stat.found_50[index].sum(), stat.found_75[index].sum())
        assert counts == (len(own), sum(iou > 0.5 for iou in best), sum(iou > 0.75 for iou in best))
        assert stat.iou[index].sum() == pytest.approx(sum(iou for iou in best if iou > 0.5))


def test_a_person_who_picks_the_right_query_keeps_nothing_wrong() -> None:
    truth = truth_of(label_map("1122", "1133"), {1: CAR, 2: ROAD, 3: CAR})
    queries = [picture("##..", "##.."), picture("####", "####"), picture("..#.", ".###")]
    figures = oracle_stat(truth, [encode(mask) for mask in queries], TAXONOMY).to_json(TAXONOMY.is_thing)
    car, road = (1 + 2 / 4) / 2, 0
    assert figures["pq_things"] == pytest.approx(1 / (1 + 0.5)), "a match at exactly 0.5 is none"
    assert figures["pq"] == pytest.approx((1 / 1.5 + road) / 2), car
    assert (figures["segments"], figures["recall_50"], figures["recall_75"]) == (3, 1 / 3, 1 / 3)


def test_left_out_classes_do_not_count() -> None:
    truth = truth_of(label_map("1122"), {1: CAR, 2: SKY})
    stat = oracle_stat(truth, [encode(picture("##.."))], TAXONOMY)
    left = stat.without([TAXONOMY.class_index(SKY)])
    assert stat.to_json(TAXONOMY.is_thing)["recall_50"] == 0.5
    assert left.to_json(TAXONOMY.is_thing)["recall_50"] == 1.0
    assert left.class_json(TAXONOMY.class_index(SKY)) == {
        "pq": None,
        "segments": 0,
        "recall_50": None,
        "recall_75": None,
    }


def test_recall_is_told_by_size() -> None:
    ids = np.full((120, 120), 9, dtype=np.int32)
    ids[:4, :4], ids[50:90, 50:90] = 1, 2
    truth = truth_of(ids, {1: PERSON, 2: PERSON, 9: ROAD})
    sizes = oracle_stat(truth, [encode(ids == 2), encode(ids == 9)], TAXONOMY).to_json(TAXONOMY.is_thing)["by_size"]
    assert [(row["size"], row["segments"], row["recall_50"]) for row in sizes] == [
        ("small", 1, 0.0),
        ("medium", 1, 1.0),
        ("large", 1, 1.0),
    ]


def test_nothing_to_find_and_nobody_to_find_it() -> None:
    empty = truth_of(label_map(".."), {})
    assert oracle_stat(empty, [encode(picture("##"))], TAXONOMY).segments.sum() == 0
    unseen = oracle_stat(truth_of(label_map("11"), {1: CAR}), [encode(picture(".."))], TAXONOMY)
    assert unseen.to_json(TAXONOMY.is_thing)["pq"] == 0.0
    assert OracleStat.zeros(4).to_json(TAXONOMY.is_thing)["recall_50"] is None


def test_a_query_that_covers_background_is_worse_than_one_that_covers_void() -> None:
    ids = label_map("11....")
    wide = encode(picture("#####."))
    for void_is_background, recall in ((False, 1.0), (True, 0.0)):
        truth = SegmentedPicture(ids, segments(ids, {1: CAR}), void_is_background=void_is_background)
        assert oracle_stat(truth, [wide], TAXONOMY).to_json(TAXONOMY.is_thing)["recall_50"] == recall
