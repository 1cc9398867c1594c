"""MaskFormer Studio's one entry point: ``python3 launch.py`` prepares the environment, then hands over to ``app.cli``.

It needs nothing but Python 3.11 or newer, and stays readable for Python 3.8 so that an old Python can say so.
``demo`` is the page as a Gradio app, for a Space (``app_file: launch.py``) and for hot reload (``gradio launch.py``).
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from argparse import Namespace

ROOT = Path(__file__).resolve().parent
OLDEST_PYTHON = (3, 11)

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before NumPy: its threads and torch's get into each other's way


def main(arguments: list[str]) -> int:
    """Runs one command line, in an environment that has what the command needs; the exit code."""
    if sys.version_info < OLDEST_PYTHON:
        wanted, found = (".".join(map(str, version[:2])) for version in (OLDEST_PYTHON, sys.version_info))
        print(f"MaskFormer Studio needs Python {wanted} or newer; this is {found}: {sys.executable}", file=sys.stderr)
        return 1

    from app import cli, environment

    def prepare(parsed: Namespace) -> None:
        files = [ROOT / name for name in cli.requirement_files(parsed.command)]
        environment.ensure(files, root=ROOT, arguments=arguments, cpu=parsed.cpu)

    return cli.main(arguments, prepare)


def __getattr__(name: str) -> Any:
    """``launch.demo``: the page that is being served, or one with the default settings."""
    if name != "demo":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from app.commands import serve

    return serve.demo()


if __name__ == "__main__":
    failed = main(sys.argv[1:])
    if failed:
        sys.exit(failed)
