"""The models a visitor may choose from, each in memory once, for as long as somebody's picture needs it."""

import threading
from collections.abc import Callable
from dataclasses import replace
from functools import cached_property
from weakref import WeakValueDictionary

from app.sessions import model_bytes
from app.settings import MEBIBYTE
from core.checkpoints import Card, bundled, find_checkpoint, load_card, load_checkpoint
from core.checkpoints.zoo import ModelEntry, State, models
from core.inference import Predictor
from core.messages import StudioError

HERE = (State.BUNDLED, State.CACHED)
MOST_KEPT = 100 * MEBIBYTE  # of a model that nobody uses just now


class Models:
    """What is bundled, lies on this computer or is published, shared by all visitors; nothing here downloads.

    A predictor lives as long as somebody holds it (an open picture does); a small first model stays from its first use
    on, because the next visitor will ask for it.

    Args:
        preferred: name or folder that stands first; None takes the bundled order.
        device: what :class:`~core.inference.Predictor` takes.
        warn: is told in one sentence that a device's memory was full.

    Raises:
        StudioError: there is no such model, or none at all.
    """

    def __init__(self, preferred: str | None, device: str, warn: Callable[[str], None] | None = None) -> None:
        first = preferred or next(iter(bundled()), None)
        if first is None:
            raise StudioError("error.no_model")
        self.first = load_card(first).name
        self._source_of_first = first
        self._device = device
        self._warn = warn
        self._loaded: WeakValueDictionary[str, Predictor] = WeakValueDictionary()
        self._kept: Predictor | None = None
        self._turns: dict[str, threading.Lock] = {}

    def entries(self) -> list[ModelEntry]:
        """All rows of the menu: what the server was started with, then bundled, on this computer, published."""
        known = {entry.name: entry for entry in models()}
        first = known.pop(self.first, None)
        if first is None or self._source_of_first != self.first:  # a folder of that name
            first = self._started_with
        return [first, *known.values()]

    def entry(self, name: str) -> ModelEntry:
        """The row of that name; raises StudioError where there is none."""
        found = {entry.name: entry for entry in self.entries()}
        if name not in found:
            raise StudioError("error.no_such_model", name=name)
        return found[name]

    def card(self, name: str) -> Card:
        """The card of a model on this computer, titled as in the menu.

        Raises:
            StudioError: there is no such model, or it has not been downloaded.
        """
        entry = self.entry(name)
        card = load_card(self._source(entry))
        return replace(card, name=name, title=entry.title, domain=entry.data, license=entry.license)

    def predictor(self, name: str) -> Predictor:
        """The model of that name, loaded now if nobody holds it; who wants another one does not wait for this.

        Raises:
            StudioError: as :meth:`card`, or the checkpoint is broken.
        """
        source = self._source(self.entry(name))
        with self._turns.setdefault(name, threading.Lock()):
            predictor = self._loaded.get(name)
            if predictor is None:
                predictor = Predictor(load_checkpoint(source), device=self._device, warn=self._warn)
                self._loaded[name] = predictor
            if name == self.first and model_bytes(predictor) <= MOST_KEPT:
                self._kept = predictor
            return predictor

    def _source(self, entry: ModelEntry) -> str:
        if entry.state not in HERE:
            raise StudioError("error.model_not_here", title=entry.title)
        return self._source_of_first if entry.name == self.first else entry.name

    @cached_property
    def _started_with(self) -> ModelEntry:
        """The row of a folder or file named at the start."""
        stored = find_checkpoint(self._source_of_first)
        card, is_per_pixel = stored.card, stored.config.formulation != "mask"
        return ModelEntry(
            self.first, card.title, State.CACHED, data=card.domain, license=card.license, is_per_pixel=is_per_pixel
        )
