"""Memory: how much open pictures may fill on this computer, or in this container, and how to know that it is full."""

import os
from pathlib import Path

GIBIBYTE = 1024**3
LEAST_BUDGET = 2 * GIBIBYTE
_SHARE = 3  # one part of so many
_CONTAINER_LIMITS = (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"))


def is_full(fault: BaseException) -> bool:
    """True where memory was full: Python says so by a type, PyTorch in words only."""
    return isinstance(fault, MemoryError) or "allocate memory" in str(fault) or "out of memory" in str(fault)


def picture_budget() -> int:
    """Bytes for open pictures: a third of the memory there is, and never less than :data:`LEAST_BUDGET`.

    A picture of 24 million pixels takes about 200 MB: too small a budget has a server with several visitors make
    pictures again and again that fell out between two strokes.
    """
    known = [size for size in (_installed(), *map(_limit, _CONTAINER_LIMITS)) if size is not None]
    return max(LEAST_BUDGET, min(known, default=0) // _SHARE)


def _installed() -> int | None:
    """The computer's memory; None where the system does not tell."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return None


def _limit(path: Path) -> int | None:
    """What a container may take; None where there is none, or no limit."""
    try:
        written = path.read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        return None
    return int(written) if written.isdecimal() else None
