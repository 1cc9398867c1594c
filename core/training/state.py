"""The file that a training run goes on from."""

from pathlib import Path
from typing import Any

import torch

STATE_FILE = "state.pt"


def save_state(output: Path, state: dict[str, Any]) -> None:
    """Writes the state of a run into its folder, whole or not at all."""
    unfinished = output / f"{STATE_FILE}.part"
    torch.save(state, unfinished)
    unfinished.replace(output / STATE_FILE)
