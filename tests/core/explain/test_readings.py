"""The three readings are the three inferences, and what sets them apart is counted pixel by pixel."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from core.explain.readings import Readings, coverage, readings_of
from core.inference import Prediction, instances, panoptic, semantic
from core.masks import decode, encode
from core.messages import StudioError
from tests.core.explain.per_pixel import per_pixel_of
from tests.e2e.drawn_models import street_prediction

SIZE = (480, 640)
OFF = frozenset({61})


@pytest.fixture(scope="module")
def prediction() -> Prediction:
    return street_prediction(SIZE)


@pytest.fixture(scope="module")
def found(prediction: Prediction) -> Readings:
    return readings_of(prediction, 0.4, 0.6, OFF)


def test_they_are_the_three_inferences(prediction: Prediction, found: Readings) -> None:
    assert np.array_equal(found.class_map, semantic(prediction).class_map)
    made = panoptic(prediction, 0.4, 0.6, OFF)
    assert np.array_equal(found.panoptic.panoptic_map, made.panoptic_map)
    kept = [row for row in instances(prediction, off=OFF).instances if row.score > 0.4]
    assert [(row.query, row.score) for row in found.instances] == [(row.query, row.score) for row in kept]
    assert {row.query for row in kept} >= {60, 33}, "both opinions about the middle car are instances"


def test_only_instances_overlap(prediction: Prediction, found: Readings) -> None:
    counted = sum(decode(row.mask).astype(int) for row in found.instances)
    assert np.array_equal(found.coverage, counted)
    assert found.coverage.max() == 2
    ids = {row.segment_id: row.category_id for row in found.panoptic.segments}
    for segment_id, category_id in ids.items():
        inside = found.panoptic_classes[found.panoptic.panoptic_map == segment_id]
        assert set(inside.tolist()) == {prediction.taxonomy.class_index(category_id)}
    assert ((found.panoptic_classes < 0) == (found.panoptic.panoptic_map == 0)).all()


def test_differences_are_counted(found: Readings) -> None:
    rows = found.differences()
    assert sum(row.area for row in rows) == found.differs.sum() > 0
    assert [row.area for row in rows] == sorted((row.area for row in rows), reverse=True)
    for row in rows:
        made = -1 if row.panoptic_class is None else row.panoptic_class
        assert row.area == ((found.class_map == row.semantic_class) & (found.panoptic_classes == made)).sum()
        assert row.semantic_class != made


@given(st.integers(1, 6), st.integers(1, 6), st.data())
def test_coverage_counts_masks(height: int, width: int, data: st.DataObject) -> None:
    masks: list[NDArray[np.bool_]] = data.draw(st.lists(arrays(bool, (height, width)), max_size=4))
    expected = np.sum(masks, axis=0) if masks else np.zeros((height, width))
    assert np.array_equal(coverage([encode(mask) for mask in masks], (height, width)), expected)


def test_a_per_pixel_model_has_one_reading_only(prediction: Prediction) -> None:
    with pytest.raises(StudioError):
        readings_of(per_pixel_of(prediction))
