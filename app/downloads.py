"""Published checkpoints on their way to this computer: one worker each, however many visitors wait for it."""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from app.sessions import Visitor
from app.stage import Stage
from core.messages import StudioError

Fetch: TypeAlias = Callable[..., Path]  # core.checkpoints.hub.fetch(name, progress=...)

_AT_ONCE = 2
_log = logging.getLogger(__name__)


class _StoppedError(Exception):
    """Raised inside the transfer, between two pieces, once nobody waits for it any more."""


@dataclass
class Download:
    """One checkpoint on its way; what has arrived stays on the disk, so that a later start goes on from there.

    Attributes:
        arrived, size: bytes so far and in all; ``size`` is 0 until the server has said it.
        waiting: the visitors who want it.
    """

    waiting: set[Visitor]
    stage: Stage = Stage.RUNNING
    arrived: int = 0
    size: int = 0
    error: StudioError | None = None

    def report(self, arrived: int, size: int) -> None:
        """What the transfer calls after every piece."""
        self.arrived, self.size = arrived, size
        if not self.waiting:
            raise _StoppedError


@dataclass
class Downloads:
    """Starts, watches and stops downloads of names that the caller has looked up among the published ones.

    Attributes:
        allowed: whether this server's owner lets visitors fill its disk.
    """

    allowed: bool
    fetch: Fetch
    _running: dict[str, Download] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def start(self, name: str, visitor: Visitor) -> None:
        """Begins a download, or joins the one that runs.

        Raises:
            StudioError: downloads are switched off here, or too many run already.
        """
        if not self.allowed:
            raise StudioError("error.downloads_off")
        with self._lock:
            download = self._running.get(name)
            if download is not None and download.stage is Stage.RUNNING:
                download.waiting.add(visitor)
                return
            if sum(other.stage is Stage.RUNNING for other in self._running.values()) >= _AT_ONCE:
                raise StudioError("error.downloads_busy", count=_AT_ONCE)
            self._running[name] = download = Download({visitor})
        threading.Thread(target=self._run, args=(name, download), name=f"download {name}", daemon=True).start()

    def find(self, name: str) -> Download | None:
        """The latest download of that name since the server started."""
        return self._running.get(name)

    def leave(self, name: str, visitor: Visitor) -> None:
        """The visitor waits no longer; the transfer stops with its last visitor."""
        with self._lock:
            if download := self._running.get(name):
                download.waiting.discard(visitor)

    def close(self, visitor: Visitor | None) -> None:
        """Leaves all downloads of a visitor whose page has gone."""
        if visitor is not None:
            for name in list(self._running):
                self.leave(name, visitor)

    def _run(self, name: str, download: Download) -> None:
        stage, error = self._transfer(name, download)
        with self._lock:
            again = stage is Stage.STOPPED and bool(download.waiting)  # somebody joined while it was stopping
            if not again:
                download.stage, download.error = stage, error
        if again:
            self._run(name, download)

    def _transfer(self, name: str, download: Download) -> tuple[Stage, StudioError | None]:
        try:
            self.fetch(name, progress=download.report)
        except _StoppedError:
            return Stage.STOPPED, None
        except StudioError as refusal:
            return Stage.FAILED, refusal
        except Exception as fault:  # a thread has nobody above it: what is not caught here would run for ever
            _log.exception("The download of %s broke", name)
            return Stage.FAILED, StudioError("error.download_broke", name=name, reason=type(fault).__name__)
        return Stage.DONE, None
