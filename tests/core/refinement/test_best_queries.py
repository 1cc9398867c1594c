"""The map of best queries says what :func:`best_query_at` says, cell by cell."""

import numpy as np
import pytest

from core.refinement import best_query_at
from core.refinement.best_queries import best_queries
from tests.core.document.pictures import drawn
from tests.e2e.drawn_models import street_prediction


@pytest.mark.parametrize("step", [(7, 11)])
def test_it_agrees_with_one_pixel_at_a_time(step: tuple[int, int]) -> None:
    prediction = street_prediction((480, 640))  # four pixels a cell, so that a cell's middle lies between pixels
    grid = best_queries(prediction)
    assert grid.shape == prediction.geometry.inner_hw
    scale_y, scale_x = prediction.geometry.scale_hw
    same = []
    for row in range(0, grid.shape[0], step[0]):
        for column in range(0, grid.shape[1], step[1]):
            x, y = int((column + 0.5) / scale_x), int((row + 0.5) / scale_y)
            found = best_query_at(prediction, x, y)
            same.append(grid[row, column] == (-1 if found is None else found.query))
    assert np.mean(same) > 0.97


def test_a_cell_that_no_mask_holds_has_none() -> None:
    prediction = drawn([0, 1, 4], ["##..", ".#-.", "...-"])
    assert best_queries(prediction).tolist() == [[0, 0, -1, -1]]
