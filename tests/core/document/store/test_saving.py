"""Edits, undo, redo, saving and loading in any order: what is stored is what is in memory, at every moment."""

import tempfile
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from core.document import History
from core.document.store import Store
from core.document.store.compaction import compact
from core.document.store.database import Database
from tests.core.document.pictures import blobs, check, opened
from tests.core.document.store.painter import OWNER, PICTURE, everything, tried

numbers = st.tuples(st.integers(0, 22), st.integers(0, 99), st.integers(0, 99))


class SavingMachine(RuleBasedStateMachine):
    def __init__(self):
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.store = Store(Path(self.folder.name))

    @initialize(seed=st.integers(0, 40))
    def open(self, seed):
        self.prediction = blobs(seed)
        document = opened(self.prediction)
        self.picture_id = self.store.create(OWNER, "a", PICTURE, document.size_hw, "a model", document, b"")
        self.history, self.seq = History(document), 0

    def keep(self, step):
        if step is not None:
            self.seq += 1
            self.store.append(OWNER, self.picture_id, self.seq, f"edit {self.seq}", step, self.history.document)

    @rule(drawn=numbers, gesture=st.sampled_from([None, "drag"]))
    def edit(self, drawn, gesture):
        self.keep(tried(self.history, self.prediction, drawn, gesture))

    @rule()
    def undo(self):
        self.keep(self.history.undo())

    @rule()
    def redo(self):
        self.keep(self.history.redo())

    @precondition(lambda self: self.seq)
    @rule(data=st.data())
    def send_again(self, data):
        number = data.draw(st.integers(1, self.seq))
        seq, step = self.store.earlier(OWNER, self.picture_id, f"edit {number}")
        again = self.store.append(OWNER, self.picture_id, self.seq + 1, f"edit {number}", step, self.history.document)
        assert number == seq == again

    @rule()
    def compact(self):
        database = Database(Path(self.folder.name) / "studio.sqlite")
        compact(database, self.picture_id)
        database.close()

    @rule()
    def start_again(self):
        self.store.close()
        self.store = Store(Path(self.folder.name))
        self.history = self.store.load(OWNER, self.picture_id).history

    @invariant()
    def what_is_stored_is_what_is_here(self):
        found = self.store.load(OWNER, self.picture_id)
        assert found.seq == self.seq
        assert everything(found.history) == everything(self.history)
        check(found.history.document, self.prediction)

    def teardown(self):
        self.store.close()
        self.folder.cleanup()


SavingMachine.TestCase.settings = settings(max_examples=8, stateful_step_count=15, deadline=None)
TestSaving = SavingMachine.TestCase
