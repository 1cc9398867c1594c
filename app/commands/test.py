"""``launch.py test``: pytest in the prepared environment."""

import argparse
import subprocess
import sys
from pathlib import Path

from core.messages import text

ROOT = Path(__file__).resolve().parents[2]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Everything else on the command line is pytest's."""
    parser.usage = text("cli.usage.test")
    parser.add_argument("--all", action="store_true", help=text("cli.help.all"))


def run(arguments: argparse.Namespace) -> int:
    """Runs the tests without the slow ones, or all of them; pytest's exit code."""
    quick = [] if arguments.all else ["-m", "not slow"]
    return subprocess.call([sys.executable, "-m", "pytest", *quick, *arguments.passed_on], cwd=ROOT)
