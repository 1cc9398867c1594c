"""The source is formatted, linted and typed."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


def complaints(*tool: str) -> str:
    """What a tool prints where it is not content."""
    done = subprocess.run([sys.executable, "-m", *tool], cwd=ROOT, capture_output=True, text=True)
    return done.stdout + done.stderr if done.returncode else ""


def test_formatted() -> None:
    assert complaints("ruff", "format", "--check", ".") == ""


def test_linted() -> None:
    assert complaints("ruff", "check", ".") == ""


@pytest.mark.slow
def test_typed() -> None:
    for stub in (ROOT / "app").rglob("*.pyi"):  # written by Gradio beside its components, and coarser than the source
        stub.unlink()
    assert complaints("mypy") == ""
