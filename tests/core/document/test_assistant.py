"""The assistant's pass: crumbs that a correction cut off go to what was corrected, and nothing else is proposed."""

from contextlib import suppress
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.document import Adopt, Document, Edit, Lock, Paint, Review, apply, pack_labels, pack_mask
from core.document.assistant import assist
from core.inference import Prediction
from core.messages import StudioError
from tests.core.document.any_edit import Drawn
from tests.core.document.pictures import blobs, drawn, opened
from tests.core.document.rasters import lines

SIZE = 16


def field() -> Prediction:
    """Query 0 has the left half and query 1 the right one."""
    left, right = "#" * (SIZE // 2) + "." * (SIZE // 2), "." * (SIZE // 2) + "#" * (SIZE // 2)
    return drawn([0, 1], ["\n".join([left] * SIZE), "\n".join([right] * SIZE)])


def painted(document: Document, prediction: Prediction, columns: range, rows: range = range(SIZE)) -> Document:
    """With a box given to segment 1."""
    box = columns.start, rows.start, columns.stop, rows.stop
    mask = np.ones((len(rows), len(columns)), dtype=bool)
    return apply(document, Paint(box, pack_mask(mask), 1), prediction)[0]


def adopted(document: Document, prediction: Prediction) -> Document:
    found = assist(document, prediction)
    assert found is not None
    return apply(document, Adopt(found.box, pack_labels(found.labels)), prediction)[0]


def test_a_crumb_goes_to_what_cut_it_off():
    prediction = field()
    document = painted(opened(prediction), prediction, range(8, 12), range(1, SIZE))
    document = painted(document, prediction, range(9, 12), range(0, 1))
    assert document.label_map[0, 8] == 2  # a pixel that the hand missed
    after = adopted(document, prediction)
    assert lines(after) == ["1" * 12 + "2222"] * SIZE
    found = assist(document, prediction)
    assert found is not None
    assert found.box == (8, 0, 9, 1)
    assert assist(after, prediction) is None


@pytest.mark.parametrize("closing", [Lock(1, True), Review(1, True), Lock(2, True), Review(2, True)])
def test_what_is_protected_or_reviewed_takes_no_part(closing: Edit):
    prediction = field()
    document = painted(opened(prediction), prediction, range(9, 12))
    assert lines(adopted(painted(document, prediction, range(8, 9), range(1, SIZE)), prediction))[0][8] == "1"
    document = painted(document, prediction, range(8, 9), range(1, SIZE))
    assert assist(apply(document, closing, prediction)[0], prediction) is None


def test_a_large_part_that_was_cut_off_stays():
    prediction = field()
    assert assist(painted(opened(prediction), prediction, range(10, 12)), prediction) is None


def test_what_the_model_left_in_pieces_is_no_crumb():
    prediction = drawn([0, 1], ["####...#\n####....", "....###.\n....####"])
    document, _ = apply(opened(prediction), Paint((6, 0, 7, 1), pack_mask(np.array([[True]])), 2), prediction)
    assert assist(document, prediction) is None


def test_without_corrections_there_is_nothing_to_say():
    prediction = field()
    assert assist(opened(prediction), prediction) is None


@given(seed=st.integers(0, 5), numbers=st.lists(st.integers(0, 10_000), min_size=3, max_size=12))
def test_decided_pixels_and_void_never_move(seed: int, numbers: list[int]):
    prediction = blobs(seed)
    document = opened(prediction)
    for first, second in pairwise(numbers):
        if document.segments:
            edit = Drawn(first, second, document, prediction).refinement()
            with suppress(StudioError):  # a blot without a pixel
                document = apply(document, edit, prediction)[0]
    found = assist(document, prediction)
    if found is None:
        return
    after = apply(document, Adopt(found.box, pack_labels(found.labels)), prediction)[0]
    x0, y0, x1, y1 = found.box
    assert np.array_equal(after.label_map[y0:y1, x0:x1], found.labels)
    moved = after.label_map != document.label_map
    assert moved.any()
    losers, takers = (np.unique(m.label_map[moved]).tolist() for m in (document, after))
    assert not any(key == 0 or document.segments[key].touched for key in losers)
    assert all(document.segments[key].touched for key in takers)
