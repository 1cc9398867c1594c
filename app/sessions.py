"""The pictures that visitors have open: what is kept in memory of them, and who may read it.

A picture is on the disk with every edit (`core.document.store`); what is here can be made again from there, and is,
when somebody asks for a picture that has fallen out. So nothing is lost when memory is short or the server ends.

Two things must match before a picture is touched: the document id, 128 random bits, and its owner, whom the signed
cookie or the login tells (`app.owners`). The session hash that Gradio's pages send proves nothing, for whoever learns
one can listen to that session's events; it only tells which page is meant. A wrong id or owner gets the same answer as
a document that was never there, so nothing can be probed.

What one visitor can use up is bounded: a few open pictures and one parked upload each, least recently used first out,
and a byte budget over all visitors.

Models live here too, in a way: a picture holds on to the predictor it was made with, so that a model that several
visitors use is in memory once, and a model that nobody uses any more is not. Only an owner's newest picture does so.
"""

import secrets
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeAlias
from weakref import WeakValueDictionary

from app.memory import GIBIBYTE
from app.open_picture import OpenPicture
from core.document.store import PictureGoneError
from core.inference import Predictor

Restore: TypeAlias = Callable[[str, str], OpenPicture]  # of an owner and a document id; raises PictureGoneError


@dataclass(frozen=True, slots=True)
class Visitor:
    """One page of one browser: its session hash, and the owner whose pictures it may see."""

    session: str
    owner: str


@dataclass(frozen=True, slots=True)
class ParkedPicture:
    """The bytes of an upload between its arrival and the queued event that reads them."""

    visitor: Visitor
    name: str
    content: bytes


class _Turn:
    """Held while a picture is made again; forgotten when nobody holds it."""

    __slots__ = ("__weakref__", "lock")

    def __init__(self) -> None:
        self.lock = threading.Lock()


class OpenPictures:
    """Open and parked pictures in memory, least recently used first out.

    Args:
        restore: makes a picture again that fell out.
        byte_budget, model_budget: bytes in all, and of models.
        each: open pictures an owner.
    """

    def __init__(
        self, restore: Restore, *, byte_budget: int = 2 * GIBIBYTE, model_budget: int = 3 * GIBIBYTE, each: int = 4
    ) -> None:
        self._restore = restore
        self._byte_budget = byte_budget
        self._model_budget = model_budget
        self._each = each
        self._open: OrderedDict[str, OpenPicture] = OrderedDict()
        self._parked: OrderedDict[str, ParkedPicture] = OrderedDict()
        self._turns: WeakValueDictionary[str, _Turn] = WeakValueDictionary()
        self._lock = threading.Lock()

    def park(self, visitor: Visitor, name: str, content: bytes) -> str:
        """Keeps an upload until it is collected; a page's earlier one is dropped. Returns its unguessable id."""
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
            if parked is None or parked.visitor != visitor:
                raise PictureGoneError
            return self._parked.pop(pending)

    def add(self, picture: OpenPicture) -> str:
        """Keeps a picture as the owner's newest, pushing out their oldest and then anybody's least recently used."""
        with self._lock:
            self._add(picture)
        return picture.document_id

    @contextmanager
    def borrow(self, owner: str, document_id: str) -> Iterator[OpenPicture]:
        """The picture, locked for as long as the caller works with it; made again where it fell out of memory.

        Raises:
            PictureGoneError: there is none of that id for this owner.
        """
        picture = self._find(owner, document_id) or self._restored(owner, document_id)
        with picture.lock:
            yield picture

    def make_room(self) -> None:
        """Keeps to the budget after a picture has grown."""
        with self._lock:
            self._make_room()

    def forget(self, owner: str, document_id: str) -> None:
        """Lets one picture go from memory."""
        with self._lock:
            if (picture := self._open.get(document_id)) and picture.owner == owner:
                del self._open[document_id]

    def rename(self, owner: str, document_id: str, name: str) -> None:
        """Tells an open picture of its new name."""
        if picture := self._find(owner, document_id):
            picture.name = name

    def close(self, visitor: Visitor | None) -> None:
        """Frees what a page holds: Gradio calls it an hour after the tab was closed (None: opened nothing)."""
        if visitor is None:
            return
        with self._lock:
            self._drop_parked(visitor)
            for key in [key for key, picture in self._open.items() if picture.visitor == visitor]:
                del self._open[key]

    def _find(self, owner: str, document_id: str) -> OpenPicture | None:
        with self._lock:
            picture = self._open.get(document_id)
            if picture is None or picture.owner != owner or picture.is_stale:
                return None
            self._open.move_to_end(document_id)
            return picture

    def _restored(self, owner: str, document_id: str) -> OpenPicture:
        """Made again by whoever asks first; the others wait for it."""
        with self._lock:
            turn = self._turns.setdefault(document_id, _Turn())
        with turn.lock:
            picture = self._find(owner, document_id)
            if picture is None:
                picture = self._restore(owner, document_id)
                self.add(picture)
            return picture

    def _add(self, picture: OpenPicture) -> None:
        self._open.pop(picture.document_id, None)
        mine = [key for key, other in self._open.items() if other.owner == picture.owner]
        for key in mine:
            self._open[key].predictor = None
        for key in mine[: max(0, len(mine) + 1 - self._each)]:
            del self._open[key]
        self._open[picture.document_id] = picture
        self._make_room()
        self._let_models_go()

    def _drop_parked(self, visitor: Visitor) -> None:
        for key in [key for key, parked in self._parked.items() if parked.visitor == visitor]:
            del self._parked[key]

    def _make_room(self) -> None:
        """Forgets the least recently used until the budget holds; the newest of each kind always stays.

        What clicks are solved on and what was explained go before any picture does: they are cheap to make again.
        """
        parked = sum(len(upload.content) for upload in self._parked.values())
        opened = sum(picture.nbytes for picture in self._open.values())
        while parked + opened > self._byte_budget and len(self._parked) > 1:
            parked -= len(self._parked.popitem(last=False)[1].content)
        for picture in list(self._open.values())[:-1]:
            if parked + opened > self._byte_budget:
                before = picture.nbytes
                picture.features = None
                picture.explained.clear()
                opened -= before - picture.nbytes
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
