"""The map of best queries says what :func:`queries_at` says, cell by cell; and clicks vote with the claims."""

import numpy as np
import pytest

from core.refinement import Click
from core.refinement.best_queries import best_queries
from core.refinement.hover import queries_at, query_of
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
            found = queries_at(prediction, x, y, limit=1)
            same.append(grid[row, column] == (found[0][0] if found else -1))
    assert np.mean(same) > 0.97


def test_a_cell_that_no_mask_holds_has_none() -> None:
    prediction = drawn([0, 1, 4], ["##..", ".#-.", "...-"])
    assert best_queries(prediction).tolist() == [[0, 0, -1, -1]]


def test_a_surer_mask_of_nothing_wins_no_click() -> None:
    nothing, thing = drawn([4, 0], ["##", "+."]), drawn([0, 0], ["+.", "##"])
    assert query_of(nothing, [Click(0, 0)]) == 1
    assert query_of(thing, [Click(0, 0)]) == 1
    assert query_of(thing, [Click(0, 0), Click(1, 0, is_positive=False)]) == 0
    assert query_of(thing, [Click(0, 0, is_positive=False)]) is None


def test_queries_that_only_claim_a_pixel_do_not_crowd_out_the_one_that_holds_it() -> None:
    unsure = drawn([0, 0, 0, 4], ["-", "-", "-", "+"])
    assert [query for query, _ in queries_at(unsure, 0, 0, limit=3)] == [3]
