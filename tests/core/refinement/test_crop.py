"""A crop and its cells: where pixels lie, and what an edge in the picture does to a coarse mask."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.inference import fit, query_mask
from core.refinement.crop import Crop
from core.refinement.prompts import Prompts
from core.refinement.sharpen import sharpened
from core.refinement.window import Window, enlarged
from core.types import Click
from tests.core.inference.oracle import random_prediction


@settings(deadline=None, max_examples=200)
@given(st.data())
def test_a_crop_lies_in_the_picture_holds_its_box_and_is_square_where_it_can_be(data):
    height, width = data.draw(st.integers(1, 300)), data.draw(st.integers(1, 300))
    x, y = data.draw(st.integers(0, width - 1)), data.draw(st.integers(0, height - 1))
    box = (x, y, data.draw(st.integers(x + 1, width)), data.draw(st.integers(y + 1, height)))
    factor, least = data.draw(st.floats(1, 3)), data.draw(st.floats(0, 400))
    crop = Crop.around(box, factor, least, (height, width))
    x0, y0, x1, y1 = crop.box
    assert 0 <= x0 <= box[0]
    assert 0 <= y0 <= box[1]
    assert box[2] <= x1 <= width
    assert box[3] <= y1 <= height
    wanted = max(1, round(max(factor * max(box[2] - x, box[3] - y), least)))
    assert (x1 - x0, y1 - y0) == (min(width, wanted), min(height, wanted))


@pytest.mark.parametrize("side", [7, 48, 96, 150, 400])
def test_a_mask_shrunk_and_enlarged_is_the_mask_but_for_its_edge(side):
    ys, xs = np.mgrid[:side, :side]
    mask = xs + ys < side
    crop = Crop((0, 0, side, side))
    again = crop.enlarge(crop.shrink(mask)) >= 0.5
    away = np.abs(xs + ys - side) > 2 * max(1, side / crop.side)
    assert (again == mask)[away].all()


def test_values_of_the_grid_are_sampled_where_the_pixels_lie():
    geometry = fit((120, 200), 96, 400)
    rows, columns = geometry.inner_hw
    scale_y, scale_x = geometry.scale_hw
    ramp = np.stack(np.meshgrid(np.arange(rows), np.arange(columns), indexing="ij")).astype(np.float32)
    crop = Crop((40, 30, 100, 90), side=12)
    window = Window.around(crop.box, geometry)
    sampled = crop.from_grid(window, ramp[:, window.rows, window.columns])
    centres = np.arange(12) * 5 + 2.5
    np.testing.assert_allclose(sampled[0][:, 0], (30 + centres) * scale_y - 0.5, atol=1e-4)
    np.testing.assert_allclose(sampled[1][0], (40 + centres) * scale_x - 0.5, atol=1e-4)


def test_prompts_of_a_pixel_lie_in_its_cell():
    crop = Crop((10, 20, 202, 212))
    marks = Prompts(clicks=(Click(60, 120), Click(201, 20, is_positive=False), Click(9, 20))).marks((300, 300))
    plus, minus = crop.cells_of(marks)
    assert np.argwhere(plus).tolist() == [[50, 25]]
    assert np.argwhere(minus).tolist() == [[0, 95]]


def test_an_edge_moves_to_where_the_picture_has_it():
    side, true_edge, drawn_edge = 240, 120, 123
    image = np.full((side, side, 3), 60, np.uint8)
    image[:, true_edge:] = 190
    truth = np.arange(side)[None].repeat(side, 0) < true_edge
    cells = (np.arange(48, dtype=np.float32) + 0.5) * 5
    logits = np.clip((drawn_edge - cells) / 4, -4, 4)[None].repeat(48, 0)
    coarse, fine = Crop((0, 0, side, side), 48).enlarge(logits) >= 0, sharpened(image, logits)
    assert (coarse != truth).sum() == 3 * side
    assert (fine != truth).sum() < 0.7 * (coarse != truth).sum()


def test_without_edges_or_coarseness_nothing_moves():
    random = np.random.default_rng(0)
    image = np.full((60, 60, 3), 128, np.uint8)
    logits = random.normal(size=(60, 60)).astype(np.float32)
    assert (sharpened(image, logits) == (logits >= 0)).all()
    assert sharpened(image, np.full((12, 12), 3, np.float32)).all()


def test_a_map_lies_on_the_picture_where_the_model_says_so():
    geometry = fit((266, 401), short_side=66, max_long_side=128)  # the last cells are covered in part
    assert geometry.resized_hw[1] % geometry.stride
    prediction = random_prediction(3, geometry, queries=4)
    rows, columns = geometry.inner_hw
    for query in range(len(prediction)):
        map_ = enlarged(prediction.mask_logits[query, :rows, :columns].numpy(), geometry)
        assert np.mean((map_ >= 0) != query_mask(prediction, query)) < 0.005
