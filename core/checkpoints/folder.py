"""Our own checkpoint folder: ``config.json``, ``model.safetensors``, ``README.md``."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from safetensors.torch import save
from torch import Tensor

from core.checkpoints.card import Card
from core.checkpoints.checkpoint import Preprocessing, StoredCheckpoint
from core.checkpoints.tensors import BATCH_COUNTER, open_tensors
from core.files import write_atomically
from core.messages import Sentence, StudioError
from core.model import MaskFormerConfig
from core.types import Taxonomy

CONFIG_FILE, WEIGHTS_FILE, CARD_FILE = "config.json", "model.safetensors", "README.md"
PARTS = ("model", "taxonomy", "preprocessing")
TRIPLES = ("mean", "std")  # of which no value is meant unasked


def read_folder(folder: Path) -> StoredCheckpoint:
    """Reads what :func:`save_checkpoint` wrote.

    Raises:
        StudioError: a file is missing or broken.
    """
    described = read_json(folder, CONFIG_FILE)
    missing = [part for part in PARTS if part not in described]
    if missing:
        raise StudioError("error.config_fields", what=", ".join(missing))
    return StoredCheckpoint(
        name=folder.name,
        config=MaskFormerConfig.from_json(described["model"]),
        taxonomy=read_taxonomy(described["taxonomy"]),
        preprocessing=_preprocessing(described["preprocessing"]),
        card=read_card(folder),
        tensors=open_tensors(folder / WEIGHTS_FILE),
    )


def read_card(folder: Path, name: str = "") -> Card:
    """The folder's card, or an empty one; ``name`` is the checkpoint's (default: the folder's)."""
    path = folder / CARD_FILE
    markdown = path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""
    return Card.parse(name or folder.name, markdown)


def read_json(folder: Path, file: str) -> dict[str, Any]:
    """An object of JSON.

    Raises:
        StudioError: the file is missing, or holds something else.
    """
    path = folder / file
    if not path.is_file():
        raise StudioError("error.checkpoint_missing_file", name=folder.name, file=file)
    try:
        described = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise StudioError("error.checkpoint_bad_file", file=file, reason=error) from error
    if not isinstance(described, dict):
        raise StudioError("error.checkpoint_bad_file", file=file, reason=Sentence("error.reason_no_object"))
    return described


def save_checkpoint(
    folder: Path,
    *,
    weights: Mapping[str, Tensor],
    config: MaskFormerConfig,
    taxonomy: Taxonomy,
    preprocessing: Preprocessing,
    half: bool = True,
) -> None:
    """Writes configuration and weights, each file whole or not at all; ``half`` stores floats as fp16."""
    folder.mkdir(parents=True, exist_ok=True)
    stored = {name: _stored(tensor, half) for name, tensor in weights.items() if not name.endswith(BATCH_COUNTER)}
    write_atomically(folder / WEIGHTS_FILE, save(stored))
    described = {
        "model": config.to_json(),
        "taxonomy": taxonomy.to_json(),
        "preprocessing": asdict(preprocessing),
    }
    write_atomically(folder / CONFIG_FILE, (json.dumps(described, indent=2) + "\n").encode())


def _stored(tensor: Tensor, half: bool) -> Tensor:
    tensor = tensor.detach().cpu().contiguous()
    return tensor.half() if half and tensor.is_floating_point() else tensor


def read_taxonomy(row: dict[str, Any]) -> Taxonomy:
    """Reads what :meth:`Taxonomy.to_json` wrote; raises StudioError where it is something else."""
    try:
        return Taxonomy.from_json(row)
    except (TypeError, KeyError, ValueError, AttributeError) as error:
        raise StudioError("error.config_fields", what=f"taxonomy: {error}") from error


def _preprocessing(row: dict[str, Any]) -> Preprocessing:
    try:
        values: dict[str, Any] = {name: tuple(row[name]) if name in TRIPLES else row[name] for name in [*row, *TRIPLES]}
        return Preprocessing(**values)
    except (TypeError, LookupError) as error:
        raise StudioError("error.config_fields", what=f"preprocessing: {error}") from error
