"""What a new segment begins with."""

import numpy as np

from core.inference import query_mask
from core.refinement import Click, Prompts
from core.refinement.guess import first_guess
from tests.core.document.pictures import drawn

WINDOWS = drawn([0, 4], ["##..##.. ##..##..", "........ ........"])


def guess(*clicks, box=None, label_map=None):
    return first_guess(WINDOWS, Prompts(clicks=clicks, box=box), label_map)


def test_a_click_begins_with_the_part_of_the_query_that_it_lies_in():
    whole = query_mask(WINDOWS, 0)
    left = np.arange(8) < 4
    assert np.array_equal(guess(Click(1, 0)), whole & left)
    assert np.array_equal(guess(Click(4, 1)), whole & ~left)
    assert np.array_equal(guess(Click(0, 0), Click(5, 1)), whole)
    assert np.array_equal(guess(Click(1, 0), Click(3, 0, is_positive=False)), whole & left)


def test_a_click_that_no_query_explains_begins_with_its_box_or_nothing():
    assert not guess(Click(3, 0)).any()
    assert not guess(Click(3, 0, is_positive=False)).any()
    boxed = guess(Click(3, 0), box=(2, 0, 4, 1))
    assert np.argwhere(boxed).tolist() == [[0, 2], [0, 3]]


def test_a_segment_that_is_there_already_is_not_guessed_again():
    left = query_mask(WINDOWS, 0) & (np.arange(8) < 4)
    there = np.where(left, 7, 0).astype(np.int32)
    assert not guess(Click(1, 0), label_map=there).any()
    assert np.array_equal(guess(Click(5, 0), label_map=there), query_mask(WINDOWS, 0) & ~left)
    around = np.full_like(there, 9)  # a wall with windows in it that nobody has marked
    assert np.array_equal(guess(Click(1, 0), label_map=around), left)
    assert np.array_equal(guess(Click(1, 0), label_map=np.zeros_like(there)), left)
