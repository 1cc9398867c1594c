"""The simulated person and the counting of clicks, on masks that are drawn."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.ndimage import distance_transform_edt

from core.evaluation.clicks.person import next_click
from core.evaluation.clicks.report import ClickReport, Row, figures
from core.evaluation.clicks.table import table
from core.evaluation.clicks.tries import MOST_CLICKS, Try, correct, iou
from tests.drawing import picture


def mask(*rows):
    return np.array(picture(*rows), bool)


def test_the_click_is_in_the_middle_of_the_larger_error():
    truth = mask("#######..", "#######..", "#######..", "#######..", "#######..")
    found = mask("........#", "........#", ".........", ".........", ".........")
    click = next_click(truth, found)
    assert (click.y, click.is_positive) == (2, True)
    assert 2 <= click.x <= 4


@settings(deadline=None, max_examples=100)
@given(st.integers(0, 2**32 - 1))
def test_the_click_is_as_deep_as_scipy_says_any_error_is(seed):
    random = np.random.default_rng(seed)
    truth, found, counts = (random.random((20, 30)) < share for share in (0.5, 0.5, 0.8))
    truth = truth & counts
    depths = [
        distance_transform_edt(np.pad(error & counts, 1))[1:-1, 1:-1] for error in (truth & ~found, found & ~truth)
    ]
    click = next_click(truth, found, counts)
    if click is None:
        assert not any(depth.any() for depth in depths)
    else:
        depth = depths[0 if click.is_positive else 1]
        assert depth[click.y, click.x] >= max(d.max() for d in depths) - 0.1  # a 5x5 mask's distance is nearly exact


def test_a_jittered_click_stays_in_the_error_and_is_not_always_the_same():
    truth = np.zeros((40, 40), bool)
    truth[5:30, 8:36] = True
    found = np.zeros_like(truth)
    clicks = {next_click(truth, found, jitter=np.random.default_rng(seed)) for seed in range(20)}
    assert all(truth[click.y, click.x] for click in clicks)
    assert len(clicks) > 10


def test_nobody_clicks_where_nothing_is_wrong_or_known():
    truth = mask("##..")
    assert next_click(truth, truth) is None
    assert next_click(truth, ~truth, np.zeros_like(truth)) is None


def test_a_perfect_answer_takes_one_click():
    truth = np.zeros((20, 20), bool)
    truth[3:15, 4:11] = True
    went = correct(lambda prompts, before: truth, truth, np.zeros_like(truth), np.ones_like(truth))
    assert went.ious == (0.0, 1.0)
    assert (went.clicks_to(0.85), went.harms, len(went.seconds)) == (1, 0, 1)


def test_an_answer_that_does_nothing_takes_all_clicks():
    truth = np.ones((6, 6), bool)
    went = correct(lambda prompts, before: before, truth, np.zeros_like(truth), truth)
    assert went.clicks_to(0.85) == MOST_CLICKS
    assert not went.reaches(0.85)
    assert len(went.seconds) == MOST_CLICKS


def test_every_click_so_far_is_told_and_the_mask_goes_on():
    truth = np.zeros((9, 9), bool)
    truth[1:3, 1:8], truth[6:8, 1:8] = True, True
    told = []

    def method(prompts, before):
        told.append(len(prompts.clicks))
        click = prompts.clicks[-1]
        after = before.copy()
        after[click.y, click.x] = click.is_positive
        return after

    went = correct(method, truth, np.zeros_like(truth), np.ones_like(truth))
    assert told == list(range(1, MOST_CLICKS + 1))
    assert list(went.ious) == pytest.approx([count / 28 for count in range(MOST_CLICKS + 1)])


def test_unknown_pixels_are_not_counted():
    truth, found = mask("##.."), mask("#.#.")
    assert iou(truth, found, np.ones_like(truth)) == pytest.approx(1 / 3)
    assert iou(truth, found, mask("##.#")) == pytest.approx(1 / 2)
    assert iou(truth, found, mask("...#")) == 1


TRIES = [
    Try((0.5, 0.8, 0.86, 0.91), (0.01, 0.02, 0.03)),
    Try((0.87, 0.8, 0.92), (0.02, 0.04)),
    Try((0.1,) * 21, (0.05,) * 20),
]


def test_figures_are_those_counted_by_hand():
    found = figures([Row("own", False, "car", 900, went) for went in TRIES])
    assert found["noc85"] == pytest.approx((2 + 0 + 20) / 3)
    assert found["noc90"] == pytest.approx((3 + 2 + 20) / 3)
    assert found["failures20"] == pytest.approx(1 / 3)
    assert found["miou_at"]["1"] == pytest.approx((0.8 + 0.8 + 0.1) / 3)
    assert found["miou_at"]["3"] == pytest.approx((0.91 + 0.92 + 0.1) / 3)
    assert found["harmful"] == pytest.approx(1 / 25)
    assert found["seconds_per_click"] == 0.05


def test_the_headline_leaves_out_small_segments_and_other_starts():
    rows = [Row("own", False, "car", 900, TRIES[0]), Row("own", False, "car", 100, TRIES[2])]
    rows += [Row("nothing", False, "car", 900, TRIES[2]), Row("own", True, "car", 900, TRIES[2])]
    said = ClickReport(rows, 1).to_json()
    assert said["noc85"] == 2
    assert said["segments"] == 1
    assert said["starts"]["nothing"]["exact"]["noc85"] == 20
    assert said["starts"]["own"]["exact"]["by_area"]["0-200"]["segments"] == 1
    shown = table({"ours": ClickReport(rows, 1)})
    assert "2.00" in shown
    assert "20.00" in shown
