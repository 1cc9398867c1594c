"""From a name, a folder or a file to a checkpoint."""

import difflib
from pathlib import Path

import torch

from core.checkpoints import folder as own
from core.checkpoints.card import Card
from core.checkpoints.checkpoint import Checkpoint, StoredCheckpoint
from core.messages import StudioError, text


def load_checkpoint(source: str | Path, device: str | torch.device = "cpu") -> Checkpoint:
    """Loads a bundled name or a folder; weights become float32.

    Raises:
        StudioError: nothing of that name (the near ones are offered), a file is missing or broken,
            or tensors are missing, unexpected or mis-shaped (all are named).
    """
    return find_checkpoint(source).load(device)


def find_checkpoint(source: str | Path) -> StoredCheckpoint:
    """Everything about a checkpoint but its weights, which are not read yet; raises as :func:`load_checkpoint`."""
    return own.read_folder(_place(source))


def load_card(source: str | Path) -> Card:
    """The card of a bundled name or a folder, without touching the weights."""
    return own.read_card(_place(source))


def _place(source: str | Path) -> Path:
    for place in (own.BUNDLED / str(source) if str(source) in own.bundled() else None, Path(source)):
        if place is not None and place.is_dir():
            return place
    near = difflib.get_close_matches(str(source), own.bundled(), n=3, cutoff=0.4)
    hint = (
        text("error.model_hint_near", near=", ".join(near))
        if near
        else text("error.model_hint_known", known=", ".join(own.bundled()) or "-")
    )
    raise StudioError("error.unknown_model", name=source, hint=hint)
