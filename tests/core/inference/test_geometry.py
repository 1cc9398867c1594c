import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.inference import Geometry, fit

sides = st.integers(1, 9000)


@settings(deadline=None)
@given(st.tuples(sides, sides), st.integers(32, 900), st.integers(900, 2048))
def test_sizes_fit(picture_hw, short_side, max_long_side):
    geometry = fit(picture_hw, short_side, max_long_side)
    assert min(geometry.resized_hw) == short_side or max(geometry.resized_hw) == max_long_side
    assert max(geometry.resized_hw) <= max_long_side or min(picture_hw) == max(picture_hw)
    for resized, padded, inner, grid in zip(
        geometry.resized_hw, geometry.padded_hw, geometry.inner_hw, geometry.grid_hw, strict=True
    ):
        assert resized <= padded < resized + 32
        assert padded % 32 == 0
        assert 4 * grid == padded
        assert 4 * (inner - 1) < resized <= 4 * inner


def test_published_sizes():
    """COCO's 480 x 640 at 800 / 1333, as in the paper's configuration."""
    geometry = fit((480, 640), short_side=800, max_long_side=1333)
    assert geometry.resized_hw == (800, 1067)
    assert geometry.padded_hw == (800, 1088)
    assert geometry.scale_hw == (800 / 1920, 1067 / 2560)


def test_a_short_side_of_zero_keeps_the_size_up_to_the_limit():
    assert fit((300, 417), short_side=0, max_long_side=2048).resized_hw == (300, 417)
    assert fit((300, 4000), short_side=0, max_long_side=2000).resized_hw == (150, 2000)


@pytest.mark.parametrize(
    "sizes", [((0, 4), (8, 8), (8, 8)), ((4, 4), (8, 0), (8, 8)), ((4, 4), (8, 9), (8, 8)), ((4, 4), (9, 8), (8, 8))]
)
def test_impossible_sizes_are_refused(sizes):
    with pytest.raises(ValueError, match="must"):
        Geometry(*sizes)
