"""mIoU and pixel accuracy against counting pixel by pixel."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from core.evaluation.semantic import SemanticStat, semantic_stat

CLASSES = 4


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_figures_are_those_of_counted_pixels(data: st.DataObject) -> None:
    shape = data.draw(st.tuples(st.integers(1, 6), st.integers(1, 6)))
    truth, predicted = (data.draw(arrays(np.int32, shape, elements=st.integers(-1, CLASSES - 1))) for _ in range(2))
    exempt = data.draw(st.sets(st.integers(0, CLASSES - 1)))
    stat = semantic_stat(truth, predicted, CLASSES).without(exempt)

    scored = [(t, p) for t, p in zip(truth.ravel(), predicted.ravel(), strict=True) if t >= 0 and t not in exempt]
    ious = []
    for c in range(CLASSES):
        union = sum(t == c or (p == c and c not in exempt) for t, p in scored)
        ious.append(sum(t == p == c for t, p in scored) / union if union else None)
    known = [iou for iou in ious if iou is not None]
    assert [None if np.isnan(iou) else iou for iou in stat.iou()] == pytest.approx(ious)
    assert stat.mean_iou() == pytest.approx(sum(known) / len(known) if known else None)
    assert stat.pixel_accuracy() == pytest.approx(sum(t == p for t, p in scored) / len(scored) if scored else None)
    assert stat.frequency_weighted_iou() == pytest.approx(
        sum(ious[t] for t, _ in scored) / len(scored) if scored else None
    )


def test_an_exempt_prediction_is_a_miss_of_the_true_class_only() -> None:
    stat = semantic_stat(np.array([[0, 0, 1, 1]]), np.array([[0, 1, 1, 0]]), 2).without([1])
    assert stat.confusion.tolist() == [[1, 1, 0], [0, 0, 0]]
    assert stat.iou()[0] == 0.5
    assert np.isnan(stat.iou()[1])
    assert stat.pixel_accuracy() == 0.5


def test_nothing_labelled_is_nothing_measured() -> None:
    stat = semantic_stat(np.full((2, 2), -1), np.zeros((2, 2), int), 2)
    assert (stat.mean_iou(), stat.frequency_weighted_iou(), stat.pixel_accuracy()) == (None, None, None)


def test_pictures_add_up() -> None:
    one = semantic_stat(np.array([[0, 1]]), np.array([[0, 0]]), 2)
    assert (one + one + SemanticStat.zeros(2)).confusion.tolist() == [[0, 2, 0], [0, 2, 0]]


@pytest.mark.parametrize(
    ("predicted", "sentence"), [(np.zeros((2, 3), int), "must be"), (np.full((2, 2), 2), "below 2")]
)
def test_foreign_maps_are_refused(predicted: np.ndarray, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        semantic_stat(np.zeros((2, 2), int), predicted, 2)
