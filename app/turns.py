"""Work that takes its turn: a few pieces at a time, first come first served, whoever asks.

As in Gradio's queue, but that one costs a click two requests beside its own, one to stand in it and one to hear what
became of it. What a visitor has asked for is done though they have left.
"""

import asyncio
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from typing import TypeVar

from core.messages import StudioError

AT_ONCE = 2
MOST_EACH = 16  # pieces of one owner that run or wait
MOST = 64  # of all owners
PATIENCE = 30.0  # seconds

T = TypeVar("T")


class Turns:
    """Threads of its own, and how many pieces each owner has before them."""

    def __init__(self, *, at_once: int = AT_ONCE, patience: float = PATIENCE) -> None:
        self._threads = ThreadPoolExecutor(at_once, "work")
        self._patience = patience
        self._lock = threading.Lock()
        self._unfinished: Counter[str] = Counter()

    async def take(self, owner: str, work: Callable[[], T]) -> T:
        """What ``work`` returns or raises, computed in the caller's context; no thread is held while it waits.

        Raises:
            StudioError: too much waits already, or it was not done in time; if it has not begun by then, it never will.
        """
        future = self._queued(owner, work)
        try:
            return await asyncio.wait_for(asyncio.wrap_future(future), self._patience)
        except TimeoutError as error:
            raise StudioError("error.work_slow") from error

    def _queued(self, owner: str, work: Callable[[], T]) -> "Future[T]":
        with self._lock:
            if self._unfinished[owner] >= MOST_EACH or self._unfinished.total() >= MOST:
                raise StudioError("error.work_slow")
            self._unfinished[owner] += 1
        try:
            future = self._threads.submit(copy_context().run, work)
        except BaseException:
            self._ended(owner)
            raise
        future.add_done_callback(lambda _: self._ended(owner))
        return future

    def _ended(self, owner: str) -> None:
        with self._lock:
            self._unfinished[owner] -= 1
            self._unfinished += Counter()  # who has nothing before them is forgotten
