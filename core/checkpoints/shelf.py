"""The checkpoints that come with the program."""

from pathlib import Path

SHELF = Path(__file__).resolve().parents[2] / "assets" / "checkpoints"
UNASKED = "street"


def bundled() -> list[str]:
    """Names of the checkpoints that come with the program; what is used unasked stands first."""
    names = (path.parent.name for path in SHELF.glob("*/config.json"))
    return sorted(names, key=lambda name: (name != UNASKED, name))
