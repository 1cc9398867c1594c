"""Frames that are turned, and frames that draw what they always drew."""

from dataclasses import replace

import numpy as np
import pytest

from core.training.augmentation import View, cut_image, cut_labels, random_view
from core.training.framing import LargestCrop
from core.training.recipes import RECIPES

SIDE = 24


def drawn() -> tuple[np.ndarray, np.ndarray]:
    """Labels beyond 16 bits, and a picture whose channels spell them."""
    labels = np.arange(SIDE**2, dtype=np.int32).reshape(SIDE, SIDE) * 29_000
    return np.stack([labels >> shift & 255 for shift in (0, 8, 16)], -1).astype(np.uint8), labels


def spelled(image: np.ndarray) -> np.ndarray:
    return sum(image[..., channel].astype(np.int32) << 8 * channel for channel in range(3))


@pytest.mark.parametrize("quarters", range(4))
@pytest.mark.parametrize("mirrored", [False, True])
def test_picture_and_labels_are_turned_together(quarters, mirrored):
    image, labels = drawn()
    view = View(3, 5, 16, 16, mirrored, quarters)
    turned = cut_labels(labels, view, (16, 16))

    part = labels[3:19, 5:21]
    assert turned.tolist() == np.rot90(part[:, ::-1] if mirrored else part, quarters).tolist()
    assert np.array_equal(spelled(cut_image(image, view, (16, 16))), turned)


def test_only_squares_are_turned():
    with pytest.raises(ValueError, match=r"square.*\(64, 96\)"):
        LargestCrop((64, 96), (0.5, 1.0), turned=True)
    LargestCrop((64, 96), (0.5, 1.0))


def test_every_turn_is_drawn_about_as_often():
    rng = np.random.default_rng(4)
    framing = LargestCrop((64, 64), (0.5, 1.0), turned=True)
    quarters = [framing((100, 140), rng).view.quarters for _ in range(400)]
    assert min(np.bincount(quarters, minlength=4)) > 70
    assert set(quarters) == {0, 1, 2, 3}


@pytest.mark.parametrize("crop_hw", [(64, 64), (48, 80)])
def test_without_turning_the_same_numbers_are_drawn_as_ever(crop_hw):
    ours, before = np.random.default_rng(9), np.random.default_rng(9)
    for _ in range(20):
        frame = LargestCrop(crop_hw, (0.4, 1.0))((100, 140), ours)
        assert frame.view == random_view((100, 140), crop_hw, (0.4, 1.0), before)
    assert ours.bit_generator.state == before.bit_generator.state


def test_turning_changes_nothing_else_of_a_view():
    turned, plain = (
        LargestCrop((64, 64), (0.4, 1.0), turned)((100, 140), np.random.default_rng(2)).view for turned in (True, False)
    )
    assert replace(turned, quarters=0) == plain


def test_no_street_recipe_is_turned():
    assert not any(recipe.framing.turned for name, recipe in RECIPES.items() if name.startswith("street"))
    assert RECIPES["nuclei"].framing.turned
