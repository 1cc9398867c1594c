"""The models a visitor may choose from, each loaded once, by the thread that first needs it."""

import threading
from collections.abc import Callable

from core.checkpoints import Card, bundled, load_card, load_checkpoint
from core.inference import Predictor
from core.messages import StudioError


class Models:
    """Bundled checkpoints, and the folder named at the start if there is one; shared by all visitors, read-only.

    Args:
        preferred: bundled name or folder that stands first; None takes the bundled order.
        device: what :class:`~core.inference.Predictor` takes.
        warn: is told in one sentence that a device's memory was full.

    Raises:
        StudioError: there is no such model, or none at all.
    """

    def __init__(self, preferred: str | None, device: str, warn: Callable[[str], None] | None = None) -> None:
        sources = [*([preferred] if preferred else []), *bundled()]
        self._sources = {load_card(source).name: source for source in reversed(sources)}
        self.cards = {card.name: card for card in map(load_card, dict.fromkeys(sources))}
        if not self.cards:
            raise StudioError("error.no_model")
        self._device = device
        self._warn = warn
        self._loaded: dict[str, Predictor] = {}
        self._loading = threading.Lock()

    @property
    def first(self) -> str:
        """The model chosen until a visitor chooses another."""
        return next(iter(self.cards))

    def card(self, name: str) -> Card:
        """The card of a model in the menu; raises StudioError where there is none."""
        if name not in self.cards:
            raise StudioError("error.unknown_model", name=name, hint=", ".join(self.cards))
        return self.cards[name]

    def predictor(self, name: str) -> Predictor:
        """The model of that name, loaded now if nobody asked for it before."""
        source = self._sources[self.card(name).name]
        with self._loading:
            if name not in self._loaded:
                self._loaded[name] = Predictor(load_checkpoint(source), device=self._device, warn=self._warn)
            return self._loaded[name]
