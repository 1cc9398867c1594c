"""The file that a training run goes on from."""

import pickle
from pathlib import Path
from typing import Any

import torch

from core.files import shown_name
from core.messages import StudioError

STATE_FILE = "state.pt"


def save_state(output: Path, state: dict[str, Any]) -> None:
    """Writes the state of a run into its folder, whole or not at all."""
    unfinished = output / f"{STATE_FILE}.part"
    torch.save(state, unfinished)
    unfinished.replace(output / STATE_FILE)


def load_state(output: Path) -> dict[str, Any]:
    """The state in a run's folder, on the CPU: what takes it up copies it to where it computes.

    Raises:
        StudioError: it cannot be read.
    """
    path = output / STATE_FILE
    try:
        state: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
    except (OSError, EOFError, RuntimeError, ValueError, pickle.UnpicklingError) as error:
        raise StudioError("error.bad_state", file=shown_name(str(path))) from error
    return state
