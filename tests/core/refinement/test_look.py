"""What a look leaves alone: details below its cells and, of an accepted segment, all that nobody pointed at."""

import numpy as np
import pytest
import torch
from torch import nn

from core.refinement import Click, Prompts, embed_for_refinement
from core.refinement.head import SHARE
from core.refinement.look import LATE, Looker
from tests.core.refinement.test_refiner import predictor

HW = 300, 400
IMAGE = np.random.default_rng(5).integers(0, 256, (*HW, 3), dtype=np.uint8)
AT = Click(60, 150)
REACH = 12  # cells: a change so large needs no closer look


class Echo(nn.Module):
    """Says what it was told of the mask, but all within ``REACH`` cells of ``spots`` (row, column) belongs to it."""

    def __init__(self, *spots):
        super().__init__()
        self.spots = spots

    def forward(self, inputs):
        logits = inputs[:, SHARE].clamp(1e-3, 1 - 1e-3).logit()
        rows, columns = torch.meshgrid(*(torch.arange(side) for side in logits.shape[1:]), indexing="ij")
        for row, column in self.spots:
            logits[:, (rows - row).abs().maximum((columns - column).abs()) <= REACH] = 6.0
        return logits


class Flip(nn.Module):
    """Thinks otherwise of one cell, which on a picture of a few rows holds no pixel."""

    def forward(self, inputs):
        logits = inputs[:, SHARE].clamp(1e-3, 1 - 1e-3).logit()
        logits[:, 50, 50] *= -1
        return logits


def looker(head, image=IMAGE):
    return Looker(head, image, embed_for_refinement(predictor(), image, predictor().predict(image)))


def answer(head, mask, prompts, image=IMAGE):
    crop, found = looker(head, image).answer(prompts, mask)
    after = mask.copy()
    after[crop.pixels] = found
    return crop, after


@pytest.fixture
def mask():
    """Most of the picture, with a line of one pixel beside it and a slit of one pixel in it."""
    mask = np.zeros(HW, dtype=bool)
    mask[20:280, 100:390] = True
    mask[40:260, 20] = True
    mask[60:240, 200] = False
    return mask


def test_a_coarse_look_leaves_details_alone_that_it_does_not_speak_about(mask):
    crop, after = answer(Echo(), mask, Prompts((AT,)))
    assert crop.pixels_per_cell > 2
    assert np.array_equal(after, mask)


def test_a_coarse_look_changes_what_it_does_speak_about(mask):
    crop, after = answer(Echo((48, 14)), mask, Prompts((AT,)))
    changed = np.argwhere(after != mask)
    assert len(changed)
    left, top = crop.box[:2]
    (y0, x0), (y1, x1) = changed.min(axis=0), changed.max(axis=0)
    height, width = crop.hw
    assert top + (48 - REACH - 2) * height / 96 <= y0 <= y1 <= top + (48 + REACH + 3) * height / 96
    assert left + (14 - REACH - 2) * width / 96 <= x0 <= x1 <= left + (14 + REACH + 3) * width / 96


@pytest.mark.parametrize("is_accepted", [True, False])
def test_an_accepted_segment_changes_only_where_it_was_pointed_at(is_accepted):
    mask = np.zeros(HW, dtype=bool)
    mask[100:200, 200:300] = True
    crop, _ = answer(Echo(), mask, Prompts((AT,)))
    (left, top), (height, width) = crop.box[:2], crop.hw
    row, column = (AT.y - top) * 96 // height, (AT.x - left) * 96 // width
    far = 90, 80
    _, after = answer(Echo((row, column), far), mask, Prompts((AT,), is_accepted=is_accepted))
    far_pixel = top + far[0] * height // 96, left + far[1] * width // 96
    assert after[AT.y, AT.x]
    assert after[far_pixel] == (not is_accepted)
    assert (after & mask).sum() == mask.sum()


def test_after_many_prompts_a_new_segment_is_as_good_as_accepted():
    mask = np.zeros(HW, dtype=bool)
    mask[100:200, 200:300] = True
    clicks = (AT,) * (LATE + 1)
    crop, _ = answer(Echo(), mask, Prompts((AT,)))
    (left, top), (height, width) = crop.box[:2], crop.hw
    spots = ((AT.y - top) * 96 // height, (AT.x - left) * 96 // width), (90, 80)
    far_pixel = top + 90 * height // 96, left + 80 * width // 96
    assert not answer(Echo(*spots), mask, Prompts(clicks))[1][far_pixel]
    assert answer(Echo(*spots), mask, Prompts(clicks[:LATE]))[1][far_pixel]


@pytest.mark.parametrize("height", [1, 10, 20])
def test_cells_without_a_pixel_change_nothing(height):
    mask = np.zeros((height, 300), dtype=bool)
    mask[:, 60:200] = True
    crop, after = answer(Flip(), mask, Prompts((Click(30, 0),)), np.zeros((height, 300, 3), np.uint8))
    assert crop.pixels_per_cell > 1
    assert (after != mask).mean() < 0.05
