"""``launch.py models``: what there is to choose from, as a table or as JSON."""

import argparse
import json
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from core.messages import text

if TYPE_CHECKING:
    from core.checkpoints.zoo import ModelEntry

GAP, INDENT = "  ", "  "
UNLIMITED = 1000  # columns of what is no terminal


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the list."""
    parser.add_argument("--json", action="store_true", help=text("cli.help.models_json"))


def run(arguments: argparse.Namespace) -> int:
    """Prints every bundled, cached and published checkpoint."""
    from dataclasses import asdict

    from core.checkpoints.zoo import models

    if arguments.json:
        print(json.dumps([asdict(entry) for entry in models()], indent=2))
        return 0
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else UNLIMITED
    print("\n".join(table(models(), width)))
    return 0


def table(entries: "Sequence[ModelEntry]", width: int) -> Iterator[str]:
    """Lines of at most ``width`` columns but for addresses: a section a state, columns as there is room for."""
    from core.checkpoints.zoo import State

    for state in State:
        rows = [entry for entry in entries if entry.state is state]
        if rows:
            yield text(f"cli.models.{state.name.lower()}")
            yield from _section(rows, width, addresses=state is State.BY_HAND)
            yield ""
    for source, license in sorted({(entry.source, entry.license) for entry in entries if entry.source}):
        yield text("cli.models.source", license=license)
        yield INDENT + source


def _section(rows: "Sequence[ModelEntry]", width: int, *, addresses: bool) -> Iterator[str]:
    shown = _columns(rows, width)
    for entry in rows:
        cells = [f"{cell(entry):{align}{wide}}" for cell, align, wide in shown]
        yield (INDENT + GAP.join(cells)).rstrip()
        if addresses:
            yield INDENT * 2 + entry.url


Cell = Callable[["ModelEntry"], str]

# What a cell says, and to which side: in the order of a line, and in that in which columns give way, the last first.
COLUMNS: tuple[tuple[Cell, str], ...] = (
    (lambda entry: _called(entry), "<"),
    (lambda entry: entry.data, "<"),
    (lambda entry: entry.figure, "<"),
    (lambda entry: _counted(entry.megabytes or None, "MB"), ">"),
    (lambda entry: _counted(entry.parameters, "M"), ">"),
    (lambda entry: entry.task, "<"),
    (lambda entry: entry.license, "<"),
)


def _columns(rows: "Sequence[ModelEntry]", width: int) -> list[tuple[Cell, str, int]]:
    """The columns that say something and fit, with their widths."""
    shown: list[tuple[Cell, str, int]] = []
    left = width - len(INDENT)
    for cell, align in COLUMNS:
        wide = max(len(cell(entry)) for entry in rows)
        if shown and left < wide:
            break
        if wide:
            shown.append((cell, align, wide))
            left -= wide + len(GAP)
    return shown


def _called(entry: "ModelEntry") -> str:
    """The name that ``--model`` takes, or the title where it takes none."""
    from core.checkpoints.zoo import State

    return entry.title if entry.state is State.BY_HAND else entry.name


def _counted(number: float | None, unit: str) -> str:
    return "" if number is None else f"{number:g} {unit}"
