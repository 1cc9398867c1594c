import numpy as np
import pytest

from core.document import Delete, History, Promote, Relabel, SetThresholds, Switch
from tests.core.document.pictures import blobs, contents, opened


@pytest.fixture
def prediction():
    return blobs(1)


@pytest.fixture
def history(prediction):
    return History(opened(prediction))


def test_a_drag_is_one_entry(history, prediction):
    start = contents(history.document)
    for score in (0.5, 0.6, 0.7):
        history.apply(SetThresholds(score, 0.5), prediction, gesture="slider 1")
    assert history.document.settings.score_threshold == 0.7
    assert history.undoable == SetThresholds(0.7, 0.5)
    history.undo()
    assert contents(history.document) == start
    assert history.undoable is None
    history.redo()
    assert history.document.settings.score_threshold == 0.7


def test_two_drags_are_two_entries(history, prediction):
    history.apply(SetThresholds(0.5, 0.5), prediction, gesture="slider 1")
    history.apply(SetThresholds(0.6, 0.5), prediction, gesture="slider 2")
    history.undo()
    assert history.document.settings.score_threshold == 0.5
    assert history.undoable is not None


def test_a_drag_that_comes_back_leaves_no_entry(history, prediction):
    start = contents(history.document)
    for score in (0.5, 0.6, 0.4):
        history.apply(SetThresholds(score, 0.5), prediction, gesture="slider 1")
    assert contents(history.document) == start
    assert history.undoable is None


def test_an_edit_that_changes_nothing_leaves_no_entry_and_keeps_redo(history, prediction):
    history.apply(Switch(0, on=False), prediction)
    history.undo()
    document = history.document
    assert history.apply(Switch(0, on=True), prediction) is None
    assert history.document is document
    assert history.undoable is None
    assert history.redoable == Switch(0, on=False)


def test_a_new_edit_forgets_what_was_undone(history, prediction):
    history.apply(Switch(0, on=False), prediction)
    history.undo()
    history.apply(Switch(1, on=False), prediction)
    assert history.redoable is None


def test_undo_and_redo_with_nothing_to_do_do_nothing(history):
    document = history.document
    assert history.undo() is None
    assert history.redo() is None
    assert history.document is document


def test_versions_never_repeat(history, prediction):
    segment_id = min(history.document.segments)
    seen = [history.document.version]
    for step in (
        lambda: history.apply(Relabel(segment_id, prediction.taxonomy[1].category_id), prediction),
        history.undo,
        history.redo,
        lambda: history.apply(Delete(segment_id), prediction),
        history.undo,
    ):
        step()
        seen.append(history.document.version)
    assert seen == sorted(set(seen))


def test_the_oldest_entries_go_when_memory_is_short(prediction):
    history = History(opened(prediction), limit_bytes=1)
    for query in range(3):
        history.apply(Switch(query, on=False), prediction)
    history.undo()
    assert history.document.off == {0, 1}
    assert history.undoable is None


def test_a_patch_holds_only_the_touched_rectangle(prediction):
    history = History(opened(prediction))
    unused = next(q for q in range(9) if all(q not in s.queries for s in history.document.segments.values()))
    before = history.document.label_map.copy()
    patch = history.apply(Promote(unused), prediction).patch
    ys, xs = np.nonzero(before != history.document.label_map)
    assert patch.box_xyxy == (xs.min(), ys.min(), xs.max() + 1, ys.max() + 1)
