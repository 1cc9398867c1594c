"""Every edit, step and history comes back from its bytes as it was."""

from typing import get_args

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.document import Edit, History, Import, Paint, pack_mask
from core.document.store.codec import dump_history, dump_step, load_history, load_step
from core.document.store.record import dump, load
from core.types import Category, Origin, SegmentInfo
from tests.core.document.store.painter import began, everything, move


@pytest.mark.parametrize("kind", get_args(Edit), ids=lambda kind: kind.__name__)
def test_every_kind_of_edit(kind):
    @settings(max_examples=15, deadline=None)
    @given(st.from_type(kind))
    def comes_back(edit):
        again = load(kind, dump(edit, version=1), version=1)
        assert repr(again) == repr(edit)  # where nan is nan
        assert type(again) is kind

    comes_back()


def test_steps_replay_to_the_same_history():
    prediction, history = began()
    other = History(history.document)
    for number in range(1, 120):
        step = move(history, prediction, number)
        again = load_step(dump_step(step))
        assert again == step
        other.replay(again)
        assert everything(other) == everything(history)


def test_a_history_comes_back_and_goes_on():
    prediction, history = began()
    for number in range(1, 60):
        move(history, prediction, number)
    again = load_history(dump_history(history))
    assert everything(again) == everything(history)
    for number in range(60, 90):
        assert move(again, prediction, number) == move(history, prediction, number)
    assert everything(again) == everything(history)


def test_an_import_carries_its_segments_and_categories():
    label_map = np.arange(6, dtype=np.int32).reshape(2, 3)
    segment = SegmentInfo(3, 7, 0.5, 1, (), Origin.IMPORT, touched=True, source="truth.json")
    edit = Import.of(label_map, [segment], [Category(7, "tree", False, (1, 2, 3))])
    assert load(Import, dump(edit, version=1), version=1) == edit


def test_a_stroke_takes_little_room():
    mask = np.zeros((60, 80), dtype=bool)
    mask[20:40, 10:70] = True
    edit = Paint((100, 100, 180, 160), pack_mask(mask), segment_id=3)
    assert len(dump(edit, version=1)) < 250
