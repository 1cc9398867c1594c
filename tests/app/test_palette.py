"""Shades of one class can be told apart, and nothing but the opening query decides them."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.palette import segment_color, shade
from core.types import SegmentInfo
from tests.app.pictures import TAXONOMY

channels = st.integers(0, 255)
colors = st.tuples(channels, channels, channels)


def segment(segment_id: int, category_id: int, queries: tuple[int, ...] = ()) -> SegmentInfo:
    return SegmentInfo(segment_id=segment_id, category_id=category_id, score=1.0, area=1, queries=queries)


def test_stuff_wears_its_class_colour():
    assert segment_color(segment(3, 20, (5,)), TAXONOMY) == TAXONOMY.category(20).color


def test_a_shade_hangs_on_the_query_not_on_the_segment_id():
    assert segment_color(segment(3, 7, (5,)), TAXONOMY) == segment_color(segment(90, 7, (5, 8)), TAXONOMY)
    assert segment_color(segment(3, 7, (5,)), TAXONOMY) != segment_color(segment(3, 7, (6,)), TAXONOMY)


@pytest.mark.parametrize("color", [(200, 40, 40), (128, 128, 128), (255, 255, 255), (0, 0, 0)])
def test_thirty_shades_of_one_class_differ(color):
    shades = np.array([shade(color, index) for index in range(30)], dtype=int)
    nearest = min(np.abs(a - b).sum() for a, b in combinations(shades, 2))
    assert nearest >= 8


@given(colors, st.integers(0, 10_000))
def test_a_shade_is_a_colour_and_repeats(color, index):
    assert shade(color, index) == shade(color, index)
    assert all(0 <= channel <= 255 for channel in shade(color, index))
