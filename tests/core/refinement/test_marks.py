"""The pixels of clicks and strokes against the same drawn on a canvas of the picture's size, one after the other."""

import cv2
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from core.refinement.prompts import Prompts, Stroke
from core.types import Click

HEIGHT, WIDTH = 40, 60

clicks = st.builds(Click, st.integers(0, WIDTH - 1), st.integers(0, HEIGHT - 1), st.booleans())
places = st.tuples(st.floats(-30, WIDTH + 30), st.floats(-30, HEIGHT + 30))
strokes = st.builds(Stroke, st.lists(places, max_size=5).map(tuple), st.floats(0, 12), st.booleans())


@settings(deadline=None, max_examples=200)
@given(st.lists(clicks, max_size=6).map(tuple), st.lists(strokes, max_size=3).map(tuple))
def test_later_words_stand_on_earlier_ones(clicks, strokes):
    expected = np.zeros((HEIGHT, WIDTH), np.int8)
    for click in clicks:
        expected[click.y, click.x] = 1 if click.is_positive else -1
    for stroke in strokes:
        canvas = np.zeros((HEIGHT, WIDTH), np.uint8)
        points = np.rint(np.array(stroke.points_xy).reshape(-1, 1, 2)).astype(np.int32)
        if len(points):
            cv2.polylines(canvas, [points], isClosed=False, color=1, thickness=max(1, round(stroke.width)))
        expected[canvas > 0] = 1 if stroke.is_positive else -1
    prompts = Prompts(clicks=clicks, strokes=strokes)
    marks = prompts.marks((HEIGHT, WIDTH))
    drawn = prompts.drawn((HEIGHT, WIDTH))
    assert (drawn == expected).all()
    assert len(set(zip(marks.xs.tolist(), marks.ys.tolist(), strict=True))) == len(marks.xs)
    assert not marks.contradict(drawn > 0)


@settings(deadline=None)
@given(st.lists(clicks, min_size=1, max_size=8).map(tuple), st.integers(0, 50), st.integers(0, 30))
def test_a_box_holds_its_own_marks(clicks, left, top):
    box = left, top, min(WIDTH, left + 20), min(HEIGHT, top + 15)
    marks = Prompts(clicks=clicks).marks((HEIGHT, WIDTH))
    whole = np.zeros((HEIGHT, WIDTH), bool)
    marks.write_on(whole)
    part = np.zeros((box[3] - top, box[2] - left), bool)
    marks.within(box).write_on(part)
    assert (part == whole[top : box[3], left : box[2]]).all()
