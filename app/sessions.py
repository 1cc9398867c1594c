"""The pictures that visitors have open: the only place where anything of a visitor lives.

Who may read a document. A session hash is chosen by the browser and travels in addresses (Gradio's event stream), so it
identifies but proves nothing: whoever learns one can listen to that session's events, and would see the document id
that such an event delivers. Three things must therefore match before a picture is touched:

* the document id, 128 random bits made here (`secrets.token_urlsafe`);
* the session hash it was opened from;
* the owner secret: random bits the page makes when it loads, keeps in a closure and sends with every message. It
  never travels from the server to a browser, so no event stream can leak it, and only its SHA-256 is kept here. A page
  that picks a poor secret endangers nobody but itself.

A wrong id, session or secret gets the same answer as a document that was never there, so nothing can be probed.

What one visitor can use up is bounded: a few open pictures and one parked upload each, least recently used first out,
and a byte budget over all visitors.

Models live here too, in a way: a picture holds on to the predictor it was made with, so that a model that several
visitors use is in memory once, and a model that nobody uses any more is not. Only a visitor's newest picture does so.
"""

import hashlib
import hmac
import secrets
import threading
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Self

import numpy as np
from numpy.typing import NDArray

from app.answered import Answered
from app.marks import Marks
from app.query_fates import QueryFates
from core.checkpoints import Card
from core.document import Document, History, Patch
from core.inference import Prediction, Predictor
from core.messages import StudioError

GIBIBYTE = 1024**3


class PictureGoneError(StudioError):
    """No such document for this visitor: closed, pushed out by newer ones, or somebody else's."""

    def __init__(self) -> None:
        super().__init__("error.picture_gone")


@dataclass(frozen=True, slots=True)
class Visitor:
    """One page of one browser: its session hash and the SHA-256 of its owner secret."""

    session: str
    secret_digest: bytes

    @classmethod
    def of(cls, session: str, owner: str) -> Self:
        return cls(session, hashlib.sha256(owner.encode()).digest())

    def is_same_as(self, other: "Visitor") -> bool:
        """Compares both parts in constant time."""
        same_session = hmac.compare_digest(self.session.encode(), other.session.encode())
        same_secret = hmac.compare_digest(self.secret_digest, other.secret_digest)
        return same_session and same_secret


@dataclass(frozen=True, slots=True)
class ParkedPicture:
    """The bytes of an upload between its arrival and the queued event that reads them."""

    visitor: Visitor
    name: str
    content: bytes


@dataclass
class OpenPicture:
    """One picture of one visitor; ``history`` may only be read or moved under ``lock``.

    Attributes:
        name: the file's name as the visitor knows it: never a path, never markup.
        image: (H, W, 3) uint8, upright RGB.
        predictor: keeps the model in memory for the visitor's next picture; nothing else needs it.
    """

    visitor: Visitor
    name: str
    image: NDArray[np.uint8]
    card: Card
    prediction: Prediction
    history: History
    predictor: Predictor | None = None
    document_id: str = field(default_factory=lambda: secrets.token_urlsafe(16))
    lock: threading.RLock = field(default_factory=threading.RLock)
    answered: Answered = field(default_factory=Answered)

    def __post_init__(self) -> None:
        self.marks = Marks(self.document)
        self.fates = QueryFates(self.document, self.prediction)

    def follow(self, patch: Patch) -> None:
        """Brings up to date what is kept beside the document, after ``patch`` led to it."""
        self.marks.follow(self.document, patch)
        self.fates.follow(self.document, self.prediction)

    @property
    def document(self) -> Document:
        return self.history.document

    @property
    def nbytes(self) -> int:
        """Bytes held, the small change of Python objects left out."""
        held = self.prediction
        tensors = (held.class_logits, held.mask_logits, held.mask_embeddings, held.pixel_embeddings)
        return self.image.nbytes + self.history.nbytes + sum(tensor.nbytes for tensor in tensors)


class OpenPictures:
    """A bounded store of open and parked pictures, least recently used first out."""

    def __init__(self, *, byte_budget: int = 2 * GIBIBYTE, model_budget: int = 3 * GIBIBYTE, each: int = 2) -> None:
        """Holds at most ``byte_budget`` bytes in all, ``model_budget`` of models, ``each`` open pictures a visitor."""
        self._byte_budget = byte_budget
        self._model_budget = model_budget
        self._each = each
        self._open: OrderedDict[str, OpenPicture] = OrderedDict()
        self._parked: OrderedDict[str, ParkedPicture] = OrderedDict()
        self._lock = threading.Lock()

    def park(self, visitor: Visitor, name: str, content: bytes) -> str:
        """Keeps an upload until it is collected; a visitor's earlier one is dropped. Returns its unguessable id."""
        pending = secrets.token_urlsafe(16)
        with self._lock:
            self._drop_parked(visitor)
            self._parked[pending] = ParkedPicture(visitor, name, content)
            self._make_room()
        return pending

    def collect(self, visitor: Visitor, pending: str) -> ParkedPicture:
        """Takes a parked upload out.

        Raises:
            PictureGoneError: there is none of that id for this visitor.
        """
        with self._lock:
            parked = self._parked.get(pending)
            if parked is None or not parked.visitor.is_same_as(visitor):
                raise PictureGoneError
            return self._parked.pop(pending)

    def add(self, picture: OpenPicture) -> str:
        """Keeps a picture, pushing out the visitor's oldest and then anybody's least recently used."""
        with self._lock:
            mine = [key for key, other in self._open.items() if other.visitor.is_same_as(picture.visitor)]
            for key in mine:
                self._open[key].predictor = None
            for key in mine[: max(0, len(mine) + 1 - self._each)]:
                del self._open[key]
            self._open[picture.document_id] = picture
            self._make_room()
            self._let_models_go()
        return picture.document_id

    @contextmanager
    def borrow(self, visitor: Visitor, document_id: str) -> Iterator[OpenPicture]:
        """The picture, locked for as long as the caller works with it.

        Raises:
            PictureGoneError: there is none of that id for this visitor.
        """
        with self._lock:
            picture = self._open.get(document_id)
            if picture is None or not picture.visitor.is_same_as(visitor):
                raise PictureGoneError
            self._open.move_to_end(document_id)
        with picture.lock:
            yield picture

    def close(self, visitor: Visitor | None) -> None:
        """Frees all that a visitor holds: Gradio calls it an hour after the tab was closed (None: opened nothing)."""
        if visitor is None:
            return
        with self._lock:
            self._drop_parked(visitor)
            for key in [key for key, picture in self._open.items() if picture.visitor.is_same_as(visitor)]:
                del self._open[key]

    def _drop_parked(self, visitor: Visitor) -> None:
        for key in [key for key, parked in self._parked.items() if parked.visitor.is_same_as(visitor)]:
            del self._parked[key]

    def _make_room(self) -> None:
        """Forgets the least recently used until the budget holds; the newest of each kind always stays."""
        parked = sum(len(upload.content) for upload in self._parked.values())
        opened = sum(picture.nbytes for picture in self._open.values())
        while parked + opened > self._byte_budget and len(self._parked) > 1:
            parked -= len(self._parked.popitem(last=False)[1].content)
        while parked + opened > self._byte_budget and len(self._open) > 1:
            opened -= self._open.popitem(last=False)[1].nbytes

    def _let_models_go(self) -> None:
        """Keeps the models of the most recently used pictures, as many as fit; the newest picture's always."""
        kept: dict[Predictor, int] = {}
        for picture in reversed(self._open.values()):
            predictor = picture.predictor
            if predictor is None or predictor in kept:
                continue
            size = model_bytes(predictor)
            if kept and sum(kept.values()) + size > self._model_budget:
                picture.predictor = None
            else:
                kept[predictor] = size


def model_bytes(predictor: Predictor) -> int:
    """Memory of a model's weights."""
    return sum(tensor.nbytes for tensor in predictor.checkpoint.model.state_dict().values())
