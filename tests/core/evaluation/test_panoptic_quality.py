"""PQ against two oracles: the rules restated pixel by pixel, and hotcoco's reader of COCO panoptic files."""

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pytest
from hotcoco import panoptic
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from core.evaluation.overlaps import SegmentedPicture, overlaps
from core.evaluation.panoptic_quality import SIZES, PanopticStat, match
from core.messages import StudioError
from tests.annotated import CAR, PERSON, ROAD, SKY, TAXONOMY, label_maps, segments, write_dataset
from tests.drawing import label_map

Drawn = tuple[NDArray[np.int32], dict[int, int]]


@st.composite
def pairs(draw: st.DrawFn) -> tuple[Drawn, Drawn, list[int]]:
    """Truth, a prediction that is often a damaged copy of it, and the truth's crowds."""
    truth, names = draw(label_maps())
    crowds = draw(st.lists(st.sampled_from(sorted(names)), unique=True)) if names and draw(st.booleans()) else []
    if draw(st.booleans()):
        return (truth, names), draw(label_maps(truth.shape)), crowds
    copy = np.roll(truth, draw(st.integers(0, 2)), axis=draw(st.integers(0, 1)))
    copy[: draw(st.integers(0, 2))] = 0
    kept = {i: draw(st.sampled_from([c, c, c, CAR, SKY])) for i, c in names.items() if (copy == i).any()}
    return (truth, names), (copy, kept), crowds


def picture(drawn: Drawn, crowds: list[int] | tuple[int, ...] = ()) -> SegmentedPicture:
    ids, categories = drawn
    return SegmentedPicture(ids, segments(ids, categories), frozenset(crowds))


def panoptic_stat(truth: SegmentedPicture, predicted: SegmentedPicture) -> PanopticStat:
    return match(overlaps(truth, predicted), TAXONOMY).stat(len(TAXONOMY))


def restated(truth: Drawn, predicted: Drawn, crowds: list[int]) -> dict[int, list[float]]:
    """tp, fp, fn and summed IoU by category, from the COCO panoptic API's rules and sets of pixels."""

    def pixels(ids: NDArray[np.int32], label: int) -> set[tuple[int, int]]:
        return {(y, x) for y in range(ids.shape[0]) for x in range(ids.shape[1]) if ids[y, x] == label}

    true = {i: (c, pixels(truth[0], i)) for i, c in truth[1].items()}
    guessed = {i: (c, pixels(predicted[0], i)) for i, c in predicted[1].items()}
    void = pixels(truth[0], 0)
    counts: dict[int, list[float]] = {c.category_id: [0, 0, 0, 0.0] for c in TAXONOMY.categories}
    matched_true, matched_guess = set(), set()
    for i, (category, own) in true.items():
        for j, (other_category, guess) in guessed.items():
            iou = len(own & guess) / len((own | guess) - (guess & void))
            if i not in crowds and category == other_category and iou > 0.5:
                counts[category][0] += 1
                counts[category][3] += iou
                matched_true.add(i)
                matched_guess.add(j)
    for i, (category, _) in true.items():
        counts[category][2] += i not in matched_true and i not in crowds
    last_crowd = {category: own for i, (category, own) in true.items() if i in crowds}
    for j, (category, guess) in guessed.items():
        excused = len(guess & void) + len(guess & last_crowd.get(category, set()))
        counts[category][1] += j not in matched_guess and excused <= len(guess) / 2
    return counts


def by_hotcoco(truth: Drawn, predicted: Drawn, crowds: list[int]) -> dict[str, Any]:
    with TemporaryDirectory() as folder:
        files = []
        for name, drawn, crowd_ids in (("truth", truth, crowds), ("predicted", predicted, [])):
            annotations = write_dataset(Path(folder) / name, [drawn], crowd_ids=crowd_ids) / "annotations"
            files.append(str(annotations / "panoptic_val.json"))
        result: dict[str, Any] = panoptic.pq_compute(*files)
        return result


@settings(max_examples=100, deadline=None)
@given(pairs())
def test_counts_are_those_of_the_rules(pair: tuple[Drawn, Drawn, list[int]]) -> None:
    truth, predicted, crowds = pair
    stat = panoptic_stat(picture(truth, crowds), picture(predicted))
    for index, expected in enumerate(restated(truth, predicted, crowds).values()):
        found = [stat.tp[index], stat.fp[index], stat.fn[index], stat.iou[index]]
        assert found == pytest.approx(expected, abs=1e-12)


@settings(max_examples=40, deadline=None)
@given(pairs())
def test_figures_are_hotcoco_s(pair: tuple[Drawn, Drawn, list[int]]) -> None:
    truth, predicted, crowds = pair
    stat = panoptic_stat(picture(truth, crowds), picture(predicted))
    theirs = by_hotcoco(truth, predicted, crowds)
    chosen = {"All": None, "Things": TAXONOMY.is_thing, "Stuff": ~TAXONOMY.is_thing}
    for name, classes in chosen.items():
        own = stat.average(classes)
        expected = [None if theirs[name][key] < 0 else theirs[name][key] for key in ("pq", "sq", "rq")]
        assert [own.pq, own.sq, own.rq] == pytest.approx(expected, abs=1e-9)


def counts(truth: Drawn, predicted: Drawn, crowds: tuple[int, ...] = ()) -> dict[int, tuple[int, int, int]]:
    stat = panoptic_stat(picture(truth, crowds), picture(predicted))
    rows = zip(TAXONOMY.categories, stat.tp.tolist(), stat.fp.tolist(), stat.fn.tolist(), strict=True)
    return {category.category_id: (tp, fp, fn) for category, tp, fp, fn in rows if tp + fp + fn}


def test_half_is_not_enough() -> None:
    assert counts((label_map("11.."), {1: CAR}), (label_map("1..."), {1: CAR})) == {CAR: (0, 1, 1)}
    assert counts((label_map("111."), {1: CAR}), (label_map("11.."), {1: CAR})) == {CAR: (1, 0, 0)}


def test_predicted_pixels_on_true_void_cost_nothing_but_true_pixels_on_predicted_void_do() -> None:
    truth = label_map("11..")
    stat = panoptic_stat(picture((truth, {1: CAR})), picture((label_map("1111"), {1: CAR})))
    assert stat.iou[0] == 1.0
    stat = panoptic_stat(picture((label_map("1111"), {1: CAR})), picture((label_map("111."), {1: CAR})))
    assert stat.iou[0] == 0.75


def test_mostly_on_void_is_no_false_positive_but_half_is() -> None:
    truth = label_map("22..."), {2: SKY}
    assert counts(truth, (label_map(".2555"), {2: SKY, 5: CAR})) == {SKY: (0, 1, 1)}
    assert counts(truth, (label_map("2555."), {2: SKY, 5: CAR})) == {SKY: (0, 1, 1)}
    assert counts(truth, (label_map("255.."), {2: SKY, 5: CAR})) == {SKY: (0, 1, 1), CAR: (0, 1, 0)}


def test_a_crowd_is_neither_missed_nor_matched_and_excuses_its_class() -> None:
    truth = label_map("1111"), {1: CAR}
    assert counts(truth, (label_map("...."), {}), crowds=(1,)) == {}
    assert counts(truth, (label_map("5511"), {5: CAR, 1: CAR}), crowds=(1,)) == {}
    assert counts(truth, (label_map("5555"), {5: PERSON}), crowds=(1,)) == {PERSON: (0, 1, 0)}


def test_of_two_crowds_of_a_class_the_last_listed_excuses() -> None:
    drawn = label_map("1122")
    guess = label_map("55.."), {5: CAR}
    assert counts((drawn, {1: CAR, 2: CAR}), guess, crowds=(1, 2)) == {CAR: (0, 1, 0)}
    assert counts((drawn, {2: CAR, 1: CAR}), guess, crowds=(1, 2)) == {}


def test_classes_that_do_not_occur_take_no_part() -> None:
    drawn = label_map("1122"), {1: CAR, 2: ROAD}
    stat = panoptic_stat(picture(drawn), picture((drawn[0], {1: CAR, 2: SKY})))
    assert stat.average().pq == pytest.approx(1 / 3)
    assert stat.average(TAXONOMY.is_thing).pq == 1.0
    assert stat.average(~TAXONOMY.is_thing).pq == 0.0
    assert np.isnan(stat.per_class()[TAXONOMY.class_index(PERSON)]).all()
    assert PanopticStat.zeros(len(TAXONOMY)).average().pq is None


def test_pictures_add_up() -> None:
    drawn = label_map("1122"), {1: CAR, 2: ROAD}
    once = panoptic_stat(picture(drawn), picture(drawn))
    twice = once + once + PanopticStat.zeros(len(TAXONOMY))
    assert (twice.tp == 2 * once.tp).all()
    assert (twice.iou == 2 * once.iou).all()


@settings(max_examples=40, deadline=None)
@given(pairs(), st.sets(st.sampled_from([CAR, PERSON, ROAD, SKY]), max_size=3))
def test_leaving_out_classes_is_turning_their_segments_void(
    pair: tuple[Drawn, Drawn, list[int]], left_out: set[int]
) -> None:
    truth, predicted, crowds = pair
    true_picture, guess = picture(truth, crowds), picture(predicted)
    kept = overlaps(true_picture, guess).without(left_out)
    again = overlaps(true_picture.without(left_out), guess.without(left_out))
    assert kept.pixels.tolist() == again.pixels.tolist()
    assert kept.is_crowd.tolist() == again.is_crowd.tolist()
    assert (kept.truth, kept.predicted) == (again.truth, again.predicted)


def test_a_match_is_as_large_as_it_is_in_truth_and_a_false_positive_as_it_was_predicted() -> None:
    truth, guess = np.full((100, 200), 9, dtype=np.int32), np.full((100, 200), 9, dtype=np.int32)
    truth[:32, :31], truth[40:72, :32], truth[:96, 100:196] = 1, 2, 3  # 992, 1024 and 9216 pixels
    guess[40:72, :33], guess[:95, 100:196], guess[90:, :3] = 2, 3, 4  # 1056, 9120 and 30 pixels
    cars = {1: CAR, 2: CAR, 3: CAR, 9: ROAD}
    pair = overlaps(picture((truth, cars)), picture((guess, {2: CAR, 3: CAR, 4: CAR, 9: ROAD})))
    stats = [match(pair, TAXONOMY).stat(len(TAXONOMY), size) for size in range(len(SIZES))]
    car = TAXONOMY.class_index(CAR)
    found = {name: (stat.tp[car], stat.fp[car], stat.fn[car]) for name, stat in zip(SIZES, stats, strict=True)}
    assert found == {"small": (0, 1, 1), "medium": (1, 0, 0), "large": (1, 0, 0)}


def test_a_picture_without_classes_has_void_in_their_place() -> None:
    drawn = label_map("1122"), {1: CAR, 2: ROAD}
    left = picture(drawn, [1]).without(frozenset({CAR}))
    assert left.label_map.tolist() == [[0, 0, 2, 2]]
    assert [s.segment_id for s in left.segments] == [2]
    assert left.crowd_ids == frozenset()
    assert drawn[0].tolist() == [[1, 1, 2, 2]]


@settings(max_examples=40, deadline=None)
@given(pairs())
def test_sizes_add_up(pair: tuple[Drawn, Drawn, list[int]]) -> None:
    truth, predicted, crowds = pair
    matching = match(overlaps(picture(truth, crowds), picture(predicted)), TAXONOMY)
    every = matching.stat(len(TAXONOMY))
    parts = [matching.stat(len(TAXONOMY), size) for size in range(len(SIZES))]
    total = parts[0] + parts[1] + parts[2]
    for count in ("tp", "fp", "fn"):
        assert getattr(total, count).tolist() == getattr(every, count).tolist()
    assert total.iou.tolist() == pytest.approx(every.iou.tolist())


@pytest.mark.parametrize(
    ("ids", "categories", "sentence"),
    [
        ("11.", {1: CAR}, "must be"),
        ("1122", {1: CAR}, "2 pixels carry a label"),
        ("1111", {1: CAR, 2: CAR}, r"\[2\] have no pixels"),
    ],
)
def test_a_prediction_must_be_whole(ids: str, categories: Mapping[int, int], sentence: str) -> None:
    truth = picture((label_map("1111"), {1: CAR}))
    with pytest.raises(ValueError, match=sentence):
        panoptic_stat(truth, picture((label_map(ids), dict(categories))))


def test_an_unknown_category_is_one_sentence() -> None:
    truth = picture((label_map("1"), {1: CAR}))
    with pytest.raises(StudioError, match="no category 99"):
        panoptic_stat(truth, picture((label_map("1"), {1: 99})))


def test_negative_labels_are_refused() -> None:
    drawn = np.array([[-1]], dtype=np.int32)
    with pytest.raises(ValueError, match="negative"):
        panoptic_stat(picture((drawn, {})), picture((drawn, {})))


def test_where_only_things_are_labelled_the_rest_is_background_and_excuses_nothing() -> None:
    truth, guess = label_map("11...."), label_map("111.55")
    things = SegmentedPicture(truth, segments(truth, {1: CAR}), void_is_background=True)
    stat = panoptic_stat(things, picture((guess, {1: CAR, 5: CAR})))
    car = TAXONOMY.class_index(CAR)
    assert (stat.tp[car], stat.fp[car], stat.fn[car], stat.iou[car]) == (1, 1, 0, pytest.approx(2 / 3))
    assert counts((truth, {1: CAR}), (guess, {1: CAR, 5: CAR})) == {CAR: (1, 0, 0)}
