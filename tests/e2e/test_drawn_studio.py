"""The drawn studio is the real one: what a person does on the page, Python's document holds."""

from collections.abc import Callable

import numpy as np
import pytest

from tests.e2e.drawn_models import street_prediction, tiles_prediction
from tests.e2e.drawn_studio import DrawnPage

pytestmark = pytest.mark.browser


def test_an_edit_reaches_the_document(studio_page: DrawnPage) -> None:
    before = studio_page.label_map
    assert len(studio_page.document.segments) == 11  # two buildings are fused
    segment_id = next(iter(studio_page.document.segments))
    studio_page.page.get_by_test_id(f"segment-{segment_id}").click()
    studio_page.editing(studio_page.page.get_by_test_id("delete-void").click)
    assert segment_id not in studio_page.document.segments
    studio_page.editing(studio_page.page.get_by_test_id("undo").click)
    assert np.array_equal(studio_page.label_map, before)


def test_a_picture_of_any_size(new_studio_page: Callable[..., DrawnPage]) -> None:
    page = new_studio_page(theme="dark")
    for size_hw in ((1, 640), (300, 200)):
        page.open_drawn(*size_hw, name="any.png")
        assert page.label_map.shape == size_hw


@pytest.mark.parametrize("size_hw", [(1, 9), (9, 1), (480, 640), (1000, 30)])
def test_predictions_of_any_size(size_hw: tuple[int, int]) -> None:
    assert street_prediction(size_hw).geometry.picture_hw == size_hw
    assert len(tiles_prediction(size_hw, 7)) == 7
