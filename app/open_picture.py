"""One picture in memory: the image, what the model said, the history of edits, and what is kept beside the document."""

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from app.answered import Answered
from app.explained import Explained
from app.marks import Marks
from app.query_fates import QueryFates
from core.checkpoints import Card
from core.document import Document, History, Step
from core.document.store import StaleStepError, Store
from core.inference import Prediction, Predictor
from core.refinement import RefinementFeatures

if TYPE_CHECKING:
    from app.sessions import Visitor


@dataclass(eq=False)
class OpenPicture:
    """One picture of one owner; ``history`` may only be read or moved under ``lock``.

    Attributes:
        document_id: the store's id of it.
        name: the file's name as the owner knows it: never a path, never markup.
        image: (H, W, 3) uint8, upright RGB.
        store: where its steps are journalled.
        seq: number of the last step there.
        predictor: keeps the model in memory for the owner's next picture; nothing else needs it.
        visitor: the page it was opened from, unless it was made again from the store.
        features: what clicks are solved on, from the first click on (`app.refining`).
        explained: what panels of Explain had the network compute (`app.explaining`).
        is_stale: another program has edited the picture in the store.
    """

    owner: str
    document_id: str
    name: str
    image: NDArray[np.uint8]
    card: Card
    prediction: Prediction
    history: History
    store: Store
    seq: int = 0
    predictor: Predictor | None = None
    visitor: "Visitor | None" = None
    features: RefinementFeatures | None = None
    is_stale: bool = False
    lock: threading.RLock = field(default_factory=threading.RLock)
    answered: Answered = field(default_factory=Answered)
    explained: Explained = field(default_factory=Explained)

    def __post_init__(self) -> None:
        self.marks = Marks(self.document)
        self.fates = QueryFates(self.document, self.prediction)

    @property
    def document(self) -> Document:
        return self.history.document

    def take(self, step: Step, edit_id: str) -> None:
        """Journals a step and only then makes it.

        Raises:
            StaleStepError: the store is ahead of this picture, which is of no use any more.
            StudioError: it could not be written; nothing is changed then.
        """
        seq, after = self.seq + 1, step.patch.onto(self.document)
        try:
            written = self.store.append(self.owner, self.document_id, seq, edit_id, step, after)
            if written != seq:
                raise StaleStepError(seq, self.seq)
        except StaleStepError:
            self.is_stale = True
            raise
        self.history.replay(step)
        self.seq = seq
        self.marks.follow(self.document, step.patch)
        self.fates.follow(self.document, self.prediction)

    @property
    def nbytes(self) -> int:
        """Bytes held, the small change of Python objects left out."""
        held = self.prediction
        tensors = (held.class_logits, held.mask_logits, held.mask_embeddings, held.pixel_embeddings)
        once = {tensor.data_ptr(): tensor.nbytes for tensor in tensors}  # some have their masks twice
        features = self.features.nbytes if self.features else 0
        made = features + self.explained.nbytes
        return self.image.nbytes + self.history.nbytes + made + sum(once.values())
