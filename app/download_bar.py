"""A download's progress in the terminal."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from core.messages import text

if TYPE_CHECKING:
    from core.checkpoints import Checkpoint


def load_with_bar(source: str | Path) -> "Checkpoint":
    """:func:`core.checkpoints.load_checkpoint`, with a bar for as long as it downloads."""
    from core.checkpoints import load_checkpoint

    with download_bar(str(source)) as progress:
        return load_checkpoint(source, progress=progress)


def bring(source: str | Path) -> None:
    """Has a checkpoint on this computer before anybody waits for it; raises StudioError where it cannot be had."""
    from core.checkpoints import find_checkpoint

    with download_bar(str(source)) as progress:
        find_checkpoint(source, progress=progress)


@contextmanager
def download_bar(name: str) -> Iterator[Callable[[int, int], None]]:
    """What a download reports to; nothing is shown until it does, and no bar where nobody would see it move."""
    from tqdm import tqdm

    bars: list[tqdm[NoReturn]] = []

    def report(done: int, total: int) -> None:
        if not bars:
            print(text("cli.downloading", name=name, megabytes=f"{total / 1e6:.0f}"), file=sys.stderr, flush=True)
            bars.append(tqdm(total=total, initial=done, unit="B", unit_scale=True, disable=None))
        bars[0].update(done - bars[0].n)

    try:
        yield report
    finally:
        for bar in bars:
            bar.close()
