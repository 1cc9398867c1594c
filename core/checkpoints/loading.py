"""From a name, a folder or a file to a checkpoint."""

import difflib
import os
from dataclasses import replace
from pathlib import Path

import torch

from core.checkpoints import detectron2, hub, huggingface, shelf
from core.checkpoints import folder as own
from core.checkpoints.card import Card
from core.checkpoints.checkpoint import Checkpoint, StoredCheckpoint
from core.checkpoints.published import published
from core.messages import Sentence, StudioError


def load_checkpoint(
    source: str | Path, device: str | torch.device = "cpu", *, progress: hub.Progress | None = None
) -> Checkpoint:
    """Loads a checkpoint in float32, ready to predict.

    Args:
        source: a bundled name; a folder of ours or of Hugging Face's; a detectron2 file (``.pkl``, ``.pth``); a name on
            Hugging Face (``owner/name``).
        progress: is told bytes done and bytes in all while a name is being downloaded.

    Raises:
        StudioError: nothing of that name (the near ones are offered), a file is missing or broken, the network is one
            that is not read, or tensors are missing, unexpected or mis-shaped (all are named).
    """
    return find_checkpoint(source, progress=progress).load(device)


def find_checkpoint(source: str | Path, *, progress: hub.Progress | None = None) -> StoredCheckpoint:
    """Everything about a checkpoint but its weights, which are not read yet; raises as :func:`load_checkpoint`."""
    place = _local(source)
    if place is None and hub.is_hub_name(str(source)):
        stored = _read_folder(hub.fetch(str(source), progress=progress), str(source))
        return replace(stored, card=load_card(source))
    if place is None:
        raise _unknown(source)
    return detectron2.read_file(place) if place.is_file() else _read_folder(place, place.name)


def _read_folder(folder: Path, name: str) -> StoredCheckpoint:
    if huggingface.is_huggingface(folder):
        return huggingface.read_folder(folder, name)
    return replace(own.read_folder(folder), name=name)


def load_card(source: str | Path) -> Card:
    """The card of a checkpoint, without touching weights or network.

    A published one has the title, data and license of the published table, and a text once it has been downloaded.

    Raises:
        StudioError: nothing of that name.
    """
    name = str(source)
    place = _local(source)
    if place is not None:
        return detectron2.read_card(place) if place.is_file() else own.read_card(place)
    row = next((row for row in published() if row.name == name), None)
    folder = hub.cached(name) if hub.is_hub_name(name) else None
    if row is None and folder is None:
        raise _unknown(source)
    card = own.read_card(folder, name) if folder else Card(name=name)
    return replace(card, title=row.title, domain=row.data, license=row.license) if row else card


def _local(source: str | Path) -> Path | None:
    """A bundled checkpoint, or what lies on the disk under this name."""
    bundled = shelf.SHELF / str(source)
    if str(source) in shelf.bundled():
        return bundled
    place = Path(source)
    is_file = os.path.isfile(place) and place.suffix in detectron2.SUFFIXES
    return place if is_file or os.path.isdir(place) else None  # unlike pathlib's, they take any name


def _unknown(source: str | Path) -> StudioError:
    names = shelf.bundled()
    near = difflib.get_close_matches(str(source), names, n=3, cutoff=0.4)
    hint = (
        Sentence("error.model_hint_near", near=", ".join(near))
        if near
        else Sentence("error.model_hint_known", known=", ".join(names) or "-")
    )
    return StudioError("error.unknown_model", name=source, hint=hint)
