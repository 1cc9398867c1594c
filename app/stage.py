"""How far work is that runs in a thread of its own: a download, an export of all pictures."""

from enum import StrEnum


class Stage(StrEnum):
    """Everything but ``RUNNING`` is an end."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    STOPPED = "stopped"
