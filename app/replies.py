"""Answers of queued work on their way to the pages that wait for them.

Gradio would hand them over in a component's value. There two answers that arrive together become one, and the page has
to open a stream for each; so a page asks for its answer beside the event, and waits without holding a thread.
"""

import asyncio
import threading
from collections import OrderedDict
from concurrent.futures import Future, InvalidStateError
from contextlib import suppress
from typing import Any, TypeAlias

from core.messages import StudioError

MOST_EACH = 16  # answers that wait, or are waited for, of one owner
MOST = 1024
PATIENCE = 30.0  # seconds

Key: TypeAlias = tuple[str, str]  # owner, ticket
Reply: TypeAlias = dict[str, Any]


class Replies:
    """One place for each answer, made by whoever comes first: the work that is done, or the page that waits."""

    def __init__(self, patience: float = PATIENCE) -> None:
        self._patience = patience
        self._places: OrderedDict[Key, Future[Reply]] = OrderedDict()
        self._lock = threading.Lock()

    def put(self, owner: str, ticket: str, reply: Reply) -> None:
        """Hands an answer over; where nobody waits yet it is kept for a while."""
        with suppress(InvalidStateError):  # who waited has gone
            self._place((owner, ticket)).set_result(reply)

    async def take(self, owner: str, ticket: str) -> Reply:
        """The answer, once it is there.

        Raises:
            StudioError: it did not come in time.
        """
        key = owner, ticket
        try:
            return await asyncio.wait_for(asyncio.wrap_future(self._place(key)), self._patience)
        except TimeoutError as error:
            raise StudioError("error.work_slow") from error
        finally:
            with self._lock:
                self._places.pop(key, None)

    def _place(self, key: Key) -> "Future[Reply]":
        with self._lock:
            if key not in self._places:
                self._places[key] = Future()
                self._make_room(key[0])
            return self._places[key]

    def _make_room(self, owner: str) -> None:
        """The owner's oldest place goes, and of all places the oldest; who waits there is told that it was too slow."""
        mine = [key for key in self._places if key[0] == owner]
        for key in mine[: max(0, len(mine) - MOST_EACH)]:
            _give_up(self._places.pop(key))
        while len(self._places) > MOST:
            _give_up(self._places.popitem(last=False)[1])


def _give_up(place: "Future[Reply]") -> None:
    with suppress(InvalidStateError):  # it holds an answer that nobody has asked for
        place.set_exception(StudioError("error.work_slow"))
