"""The checkpoints that come with the program."""

from pathlib import Path

SHELF = Path(__file__).resolve().parents[2] / "assets" / "checkpoints"


def bundled() -> list[str]:
    """Names of the checkpoints that come with the program."""
    return sorted(path.parent.name for path in SHELF.glob("*/config.json"))
