"""What holds for any sequence of edits."""

import contextlib

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from core.document import Delete, Fill, History, Relabel, apply
from core.document.composition import compose
from core.document.decisions import Decisions
from core.messages import StudioError
from tests.core.document.pictures import blobs, check, contents, edit_from, opened

numbers = st.tuples(st.integers(0, 5), st.integers(0, 99), st.integers(0, 99))
sequences = st.lists(st.tuples(numbers, st.sampled_from([None, None, "drag"])), max_size=12)
seeds = st.integers(0, 40)


def played(seed, sequence):
    """The history after a sequence of edits (those that are refused change nothing), and each state on the way."""
    prediction = blobs(seed)
    history = History(opened(prediction))
    for one, gesture in sequence:
        before = history.document
        try:
            history.apply(edit_from(one, history.document, prediction), prediction, gesture)
        except StudioError:
            assert history.document is before
        check(history.document, prediction)
    return prediction, history


@settings(max_examples=50, deadline=None)
@given(seeds, sequences)
def test_undo_all_is_the_beginning_and_redo_all_is_the_end(seed, sequence):
    prediction, history = played(seed, sequence)
    end, states = contents(history.document), []
    while history.undoable:
        states.append(contents(history.document))
        history.undo()
        check(history.document, prediction)
    assert contents(history.document) == contents(opened(prediction))
    while history.redoable:
        history.redo()
        assert contents(history.document) == states.pop()
    assert contents(history.document) == end
    assert not states


@settings(max_examples=40, deadline=None)
@given(seeds, sequences, numbers)
def test_inverse_takes_an_edit_back_and_its_inverse_does_it_again(seed, sequence, last):
    prediction, history = played(seed, sequence)
    document = history.document
    with contextlib.suppress(StudioError):
        after, inverse = apply(document, edit_from(last, document, prediction), prediction)
        assert contents(inverse.apply(after)) == contents(document)
        assert after.version == document.version + 1


@settings(max_examples=40, deadline=None)
@given(seeds, sequences)
def test_assembling_again_changes_nothing(seed, sequence):
    """A document is what its decisions make of the prediction, by whatever way it was reached."""
    prediction, history = played(seed, sequence)
    again = compose(Decisions.of(history.document), prediction, history.document)
    assert contents(again) == contents(history.document)


@settings(max_examples=25, deadline=None)
@given(seeds, sequences, st.integers(0, 99))
def test_touched_segments_outlast_any_thresholds(seed, sequence, pick):
    prediction, history = played(seed, sequence)
    document = history.document
    for one in ((5, 0, 0), (5, 9, 9), (5, pick, pick // 10)):
        after, _ = apply(document, edit_from(one, document, prediction), prediction)
        for key, segment in document.segments.items():
            if segment.touched:
                assert after.segments[key] == segment
                assert ((after.label_map == key) == (document.label_map == key)).all()


@settings(max_examples=25, deadline=None)
@given(seeds, sequences, st.integers(0, 99))
def test_relabel_and_deletion_to_void_change_no_other_pixel(seed, sequence, pick):
    prediction, history = played(seed, sequence)
    document = history.document
    if not document.segments:
        return
    segment_id = sorted(document.segments)[pick % len(document.segments)]
    relabelled, _ = apply(document, Relabel(segment_id, prediction.taxonomy[0].category_id), prediction)
    assert (relabelled.label_map == document.label_map).all()
    deleted, _ = apply(document, Delete(segment_id, Fill.VOID), prediction)
    expected = np.where(document.label_map == segment_id, 0, document.label_map)
    assert (deleted.label_map == expected).all()
