"""A crop and its cells: where pixels lie, and what an edge in the picture does to a coarse mask."""

import cv2
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
    coarse, fine = Crop((0, 0, side, side), 48).enlarge(logits) >= 0, sharpened(image, logits, (0, 0, side, side))
    assert (coarse != truth).sum() == 3 * side
    assert (fine != truth).sum() < 0.7 * (coarse != truth).sum()


@pytest.mark.parametrize("wh", [(60, 60), (150, 40), (7, 200)])
def test_where_the_answer_is_the_same_everywhere_nothing_moves(wh):
    image = np.random.default_rng(0).integers(0, 256, (wh[1], wh[0], 3), np.uint8)
    assert sharpened(image, np.full((12, 12), 3, np.float32), (0, 0, *wh)).all()
    assert not sharpened(image, np.full((12, 12), -3, np.float32), (0, 0, *wh)).any()


@pytest.mark.parametrize("part", [(0, 0, 40, 30), (33, 61, 97, 140), (150, 100, 301, 241)])
def test_a_part_is_sharpened_as_the_whole_is(part):
    height, width = 241, 301
    random = np.random.default_rng(1)
    small = random.integers(0, 256, (12, 15, 3), np.uint8)
    image = cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC)
    logits = cv2.resize(random.normal(size=(8, 8)).astype(np.float32) * 4, (48, 48), interpolation=cv2.INTER_CUBIC)
    x0, y0, x1, y1 = part
    whole = sharpened(image, logits, (0, 0, width, height))[y0:y1, x0:x1]
    assert (sharpened(image, logits, part) != whole).mean() < 0.02
    assert 0.1 < whole.mean() < 0.9


@given(st.integers(1, 300), st.integers(1, 300), st.data())
def test_the_pixels_of_some_cells_are_those_that_lie_in_them(height, width, data):
    crop = Crop((5, 9, 5 + width, 9 + height))
    (x0, x1), (y0, y1) = (sorted(data.draw(st.tuples(st.integers(0, 96), st.integers(0, 96)))) for _ in range(2))
    cells = np.zeros((96, 96), dtype=bool)
    cells[y0:y1, x0:x1] = True
    everywhere = crop.spread(cells, (0, 0, width, height))
    part = crop.pixels_of((x0, y0, x1, y1))
    assert everywhere.sum() == (part[2] - part[0]) * (part[3] - part[1])
    assert crop.spread(cells, part).all()


def test_a_map_lies_on_the_picture_where_the_model_says_so():
    geometry = fit((266, 401), short_side=66, max_long_side=128)  # the last cells are covered in part
    assert geometry.resized_hw[1] % geometry.stride
    prediction = random_prediction(3, geometry, queries=4)
    rows, columns = geometry.inner_hw
    for query in range(len(prediction)):
        map_ = enlarged(prediction.mask_logits[query, :rows, :columns].numpy(), geometry)
        assert np.mean((map_ >= 0) != query_mask(prediction, query)) < 0.005
