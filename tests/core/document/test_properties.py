"""What holds for any sequence of edits."""

import contextlib

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from core.document import Document, History, Import, Relabel, apply
from core.document.composition import compose
from core.document.decisions import Decisions
from core.inference import Prediction
from core.messages import StudioError
from tests.core.document.any_edit import KINDS, THRESHOLDS, any_edit
from tests.core.document.pictures import blobs, check, contents, opened

numbers = st.tuples(st.integers(0, len(KINDS) - 1), st.integers(0, 99), st.integers(0, 99))
sequences = st.lists(st.tuples(numbers, st.sampled_from([None, None, "drag"])), max_size=8)
seeds = st.integers(0, 40)


def composed(document: Document, prediction: Prediction) -> Document:
    return compose(Decisions.of(document), prediction, document)


def played(seed, sequence):
    """The history after a sequence of edits; those that are refused change nothing."""
    prediction = blobs(seed)
    history = History(opened(prediction))
    for one, gesture in sequence:
        before = history.document
        try:
            history.apply(any_edit(one, history.document, prediction), prediction, gesture)
        except StudioError:
            assert history.document is before
    return prediction, history


class Editing(RuleBasedStateMachine):
    """One history edited at will, and a second one that only replays what the first one did."""

    @initialize(seed=seeds)
    def open(self, seed):
        self.prediction = blobs(seed)
        self.history = History(opened(self.prediction))
        self.follower = History(opened(self.prediction))
        self.begin = contents(self.history.document)

    @rule(one=numbers, gesture=st.sampled_from([None, None, None, "drag"]))
    def edit(self, one, gesture):
        edit, before = any_edit(one, self.history.document, self.prediction), contents(self.history.document)
        locked = self.locked()
        try:
            step = self.history.apply(edit, self.prediction, gesture)
        except StudioError:
            assert contents(self.history.document) == before
            return
        assert (step is None) == (contents(self.history.document) == before)
        self.follow(step)
        for key, mask in locked.items() if not isinstance(edit, Import) else ():
            assert ((self.history.document.label_map == key) == mask).all()

    @rule()
    def undo(self):
        self.follow(self.history.undo())

    @rule()
    def redo(self):
        self.follow(self.history.redo())

    @rule()
    def load(self):
        """What a store does: a history begins anew with another's document and entries."""
        self.follower = History(self.history.document, done=self.history.done, undone=self.history.undone)

    @invariant()
    def tables_and_pixels_agree(self):
        check(self.history.document, self.prediction)

    @invariant()
    def assembling_again_changes_nothing(self):
        assert contents(composed(self.history.document, self.prediction)) == contents(self.history.document)

    @invariant()
    def the_follower_is_at_the_same_place(self):
        assert contents(self.follower.document) == contents(self.history.document)
        assert self.follower.document.version == self.history.document.version
        assert (self.follower.done, self.follower.undone) == (self.history.done, self.history.undone)

    def teardown(self):
        if not hasattr(self, "history"):
            return
        while self.history.redo():
            pass
        end = contents(self.history.document)
        while self.history.undo():
            check(self.history.document, self.prediction)
        assert contents(self.history.document) == self.begin
        while self.history.redo():
            pass
        assert contents(self.history.document) == end

    def follow(self, step):
        if step is not None:
            self.follower.replay(step)

    def locked(self):
        document = self.history.document
        return {key: document.label_map == key for key, row in document.segments.items() if row.locked}


def test_any_way_through_edits_undo_and_redo():
    check = settings(max_examples=12, stateful_step_count=10, deadline=None, suppress_health_check=list(HealthCheck))
    run_state_machine_as_test(Editing, settings=check)


@pytest.mark.slow
def test_many_ways_through_edits_undo_and_redo():
    check = settings(max_examples=200, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck))
    run_state_machine_as_test(Editing, settings=check)


@settings(max_examples=8, deadline=None)
@given(seeds, sequences)
def test_undo_all_is_the_beginning_and_redo_all_is_the_end(seed, sequence):
    prediction, history = played(seed, sequence)
    end, states = contents(history.document), []
    while history.undoable:
        states.append(contents(history.document))
        history.undo()
    assert contents(history.document) == contents(opened(prediction))
    while history.redoable:
        history.redo()
        assert contents(history.document) == states.pop()
    assert contents(history.document) == end
    assert not states


@settings(max_examples=15, deadline=None)
@given(seeds, sequences, numbers)
def test_inverse_takes_an_edit_back_and_a_document_is_a_value(seed, sequence, last):
    prediction, history = played(seed, sequence)
    document, before = history.document, contents(history.document)
    with contextlib.suppress(StudioError):
        after, inverse = apply(document, any_edit(last, document, prediction), prediction)
        assert contents(inverse.apply(after)) == before
        assert after.version == document.version + 1
    assert contents(document) == before


@settings(max_examples=8, deadline=None)
@given(seeds, sequences, st.integers(0, 99))
def test_touched_segments_and_erased_pixels_outlast_any_thresholds(seed, sequence, pick):
    prediction, history = played(seed, sequence)
    document = history.document
    for one in ((THRESHOLDS, 0, 0), (THRESHOLDS, 9, 9), (THRESHOLDS, pick, pick // 10)):
        after, _ = apply(document, any_edit(one, document, prediction), prediction)
        assert (after.label_map[document.voided] == 0).all()
        for key, segment in document.segments.items():
            if segment.touched:
                assert after.segments[key] == segment
                assert ((after.label_map == key) == (document.label_map == key)).all()


@settings(max_examples=8, deadline=None)
@given(seeds, sequences, st.integers(0, 99))
def test_relabel_changes_no_pixel(seed, sequence, pick):
    prediction, history = played(seed, sequence)
    document = history.document
    if not document.segments:
        return
    segment_id = sorted(document.segments)[pick % len(document.segments)]
    relabelled, _ = apply(document, Relabel(segment_id, prediction.taxonomy[0].category_id), prediction)
    np.testing.assert_array_equal(relabelled.label_map, document.label_map)
