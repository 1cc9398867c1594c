"""What no picture, no mask and no click may break."""

from functools import cache

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from core.checkpoints import Checkpoint, Preprocessing
from core.checkpoints.card import Card
from core.inference import Predictor
from core.messages import StudioError
from core.model import MaskFormer, MaskFormerConfig
from core.refinement import Click, Prompts, Refiner, Stroke, embed_for_refinement
from core.refinement.embedding import mask_shortlist
from core.refinement.window import Window
from tests.core.inference.oracle import taxonomy

CONFIG = MaskFormerConfig(
    num_classes=4,
    num_queries=6,
    width=32,
    mask_channels=16,
    pixel_decoder_width=32,
    decoder_layers=1,
    attention_heads=4,
    feedforward_width=32,
)
SIZES = [(1, 1), (1, 50), (48, 64), (61, 47), (90, 7)]


@cache
def predictor():
    torch.manual_seed(0)
    preprocessing = Preprocessing(short_side=64, max_long_side=160, score_threshold=0.1, overlap_threshold=0.3)
    return Predictor(Checkpoint(MaskFormer(CONFIG).eval(), CONFIG, taxonomy(), preprocessing, Card("random")))


@cache
def refiner(size):
    image = np.random.default_rng(0).integers(0, 256, (*size, 3), dtype=np.uint8)
    prediction = predictor().predict(image)
    return Refiner(prediction, embed_for_refinement(predictor(), image, prediction), image)


@st.composite
def scenes(draw):
    """A size, a label map of rectangles 1..3, a segment or none, locked ids, and prompts inside the picture."""
    height, width = size = draw(st.sampled_from(SIZES))
    label_map = np.zeros(size, np.int32)
    for label in (1, 2, 3):
        top, left = draw(st.integers(0, height - 1)), draw(st.integers(0, width - 1))
        label_map[top : top + draw(st.integers(1, height)), left : left + draw(st.integers(1, width))] = label
    ys, xs = st.integers(0, height - 1), st.integers(0, width - 1)
    clicks = draw(st.lists(st.builds(Click, xs, ys, st.booleans()), max_size=6, unique_by=lambda c: (c.x, c.y)))
    away = st.tuples(st.floats(-9, width + 9), st.floats(-9, height + 9))
    strokes = draw(
        st.lists(st.builds(Stroke, st.lists(away, max_size=4).map(tuple), st.floats(0, 20), st.booleans()), max_size=2)
    )
    box = None
    if draw(st.booleans()) or not clicks:
        x, y = draw(xs), draw(ys)
        box = (x, y, draw(st.integers(x + 1, width)), draw(st.integers(y + 1, height)))
    segment_id = draw(st.sampled_from([None, 1, 2, 3]))
    locked = draw(st.sets(st.sampled_from([1, 2, 3]))) - {segment_id}
    return size, label_map, segment_id, locked, Prompts(tuple(clicks), tuple(strokes), box)


def whole(refinement, label_map, segment_id):
    """The segment on the whole picture after a refinement."""
    after = label_map == segment_id if segment_id else np.zeros(label_map.shape, bool)
    x0, y0, x1, y1 = refinement.box
    after[y0:y1, x0:x1] = refinement.mask
    return after


@settings(deadline=None, max_examples=60)
@given(scenes())
def test_prompts_are_obeyed_and_locked_segments_keep_their_pixels(scene):
    size, label_map, segment_id, locked, prompts = scene
    found = refiner(size).solve(prompts, label_map=label_map, segment_id=segment_id, locked=locked)
    x0, y0, x1, y1 = found.box
    assert 0 <= x0 < x1 <= size[1]
    assert 0 <= y0 < y1 <= size[0]
    assert found.mask.shape == (y1 - y0, x1 - x0)
    assert found.mask.dtype == bool
    after = whole(found, label_map, segment_id)
    is_locked = np.isin(label_map, sorted(locked))
    assert not after[is_locked].any()
    signs = prompts.drawn(size)
    assert after[(signs > 0) & ~is_locked].all()
    assert not after[signs < 0].any()
    assert np.isfinite(found.mask_embedding).all()


@settings(deadline=None, max_examples=30)
@given(scenes())
def test_the_same_question_gets_the_same_answer(scene):
    size, label_map, segment_id, locked, prompts = scene
    one, other = (
        refiner(size).solve(prompts, label_map=label_map, segment_id=segment_id, locked=locked) for _ in range(2)
    )
    assert one.box == other.box
    assert (one.mask == other.mask).all()


@pytest.mark.parametrize(
    ("prompts", "sentence"),
    [
        (Prompts(), "Nothing was clicked"),
        (Prompts(clicks=(Click(64, 0),)), "The point 64, 0 does not lie in this picture"),
        (Prompts(box=(0, 0, 65, 3)), "The rectangle"),
        (Prompts(box=(5, 5, 5, 9)), "The rectangle"),
    ],
)
def test_prompts_outside_the_picture_are_refused(prompts, sentence):
    with pytest.raises(StudioError, match=sentence):
        refiner((48, 64)).solve(prompts)


def test_a_map_of_another_size_is_refused():
    with pytest.raises(ValueError, match="label_map must be"):
        refiner((48, 64)).solve(Prompts(clicks=(Click(1, 1),)), label_map=np.zeros((4, 4), np.int32), segment_id=1)


def test_clicks_that_agree_with_the_mask_change_nothing():
    label_map = np.zeros((48, 64), np.int32)
    label_map[10:40, 12:50] = 1
    clicks = (Click(20, 20), Click(3, 3, is_positive=False))
    found = refiner((48, 64)).solve(Prompts(clicks=clicks), label_map=label_map, segment_id=1)
    assert (whole(found, label_map, 1) == (label_map == 1)).all()


@pytest.mark.parametrize("at", [(30, 25), (12, 10), (49, 39)])
def test_a_minus_click_never_takes_a_segment_away(at):
    label_map = np.zeros((48, 64), np.int32)
    label_map[10:40, 12:50] = 1
    prompts = Prompts(clicks=(Click(*at, is_positive=False),))
    found = refiner((48, 64)).solve(prompts, label_map=label_map, segment_id=1)
    after = whole(found, label_map, 1)
    assert after.sum() >= 0.1 * (label_map == 1).sum()
    assert not after[at[1], at[0]]


def test_the_shortlist_counts_each_query_by_its_likeness_to_the_mask():
    prediction = refiner((48, 64))._prediction
    window = Window.around((8, 8, 56, 40), prediction.geometry)
    mask = np.zeros((48, 64), bool)
    mask[12:30, 20:44] = True
    height, width = prediction.geometry.inner_hw
    soft = 1 / (1 + np.exp(-prediction.mask_logits[:, :height, :width].numpy().astype(float)))
    drawn = np.zeros((height, width))
    drawn[window.rows, window.columns] = window.share(mask[window.pixels])
    shared = (soft * drawn).sum(axis=(1, 2))
    ious = shared / (soft.sum(axis=(1, 2)) + drawn.sum() - shared)
    expected = ious @ prediction.class_probs[:, :-1].numpy()
    expected /= expected.sum()
    rows = mask_shortlist(prediction, window, mask[window.pixels])
    assert [p for _, p in rows] == sorted((p for _, p in rows), reverse=True)
    assert len(rows) == CONFIG.num_classes
    for category_id, p in rows:
        assert abs(p - expected[prediction.taxonomy.class_index(category_id)]) < 1e-5
    assert mask_shortlist(prediction, window, np.zeros_like(mask[window.pixels])) == ()


def test_only_what_was_accepted_is_asked_about():
    size = (48, 64)
    start = np.zeros(size, bool)
    start[10:14, 10:14] = True
    asked = {}
    for is_accepted in (False, True):
        prompts = Prompts((Click(40, 30), Click(41, 20), Click(50, 36)), is_accepted=is_accepted)
        found = refiner(size).solve(prompts, start=start)
        assert (whole(found, start.astype(np.int32), 1) != start).sum() > 0.25 * start.sum()
        asked[is_accepted] = found.is_preview
    assert asked == {False: False, True: True}
