"""Our own checkpoint folder: ``config.json``, ``model.safetensors``, ``README.md``."""

import difflib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import safetensors
import torch
from safetensors.torch import load_file, save
from torch import Tensor

from core.checkpoints.card import Card
from core.files import write_atomically
from core.messages import StudioError, text
from core.model import MaskFormer, MaskFormerConfig
from core.types import Taxonomy

BUNDLED = Path(__file__).resolve().parents[2] / "assets" / "checkpoints"
CONFIG_FILE, WEIGHTS_FILE, CARD_FILE = "config.json", "model.safetensors", "README.md"


@dataclass(frozen=True, slots=True)
class Preprocessing:
    """From an upright RGB picture to the network's input, and the thresholds that suit the weights.

    Attributes:
        short_side: pixels the shorter side is resized to, unless the longer would exceed ``max_long_side``.
        mean, std: per channel, on the 0..255 scale.
        pad_multiple: sides are padded (bottom, right) to a multiple of it.
        score_threshold, overlap_threshold: panoptic defaults of this checkpoint.
    """

    short_side: int = 512
    max_long_side: int = 2048
    mean: tuple[float, float, float] = (123.675, 116.28, 103.53)
    std: tuple[float, float, float] = (58.395, 57.12, 57.375)
    pad_multiple: int = 32
    score_threshold: float = 0.8
    overlap_threshold: float = 0.8


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A model in evaluation mode with all that belongs to it."""

    model: MaskFormer
    config: MaskFormerConfig
    taxonomy: Taxonomy
    preprocessing: Preprocessing
    card: Card


def bundled() -> list[str]:
    """Names of the checkpoints that come with the program."""
    return sorted(path.parent.name for path in BUNDLED.glob(f"*/{CONFIG_FILE}"))


def load_checkpoint(source: str | Path, device: str | torch.device = "cpu") -> Checkpoint:
    """Loads a bundled name or a folder; weights become float32.

    Raises:
        StudioError: nothing of that name (the near ones are offered), a file is missing or broken,
            or tensors are missing, unexpected or mis-shaped (all are named).
    """
    folder = _folder(source)
    described = _read_config(folder)
    config = MaskFormerConfig.from_json(described["model"])
    model = MaskFormer(config)
    _fill(model, _read_weights(folder), name=folder.name)
    return Checkpoint(
        model=model.to(device).eval().requires_grad_(False),
        config=config,
        taxonomy=_taxonomy(described["taxonomy"]),
        preprocessing=_preprocessing(described["preprocessing"]),
        card=load_card(folder),
    )


def load_card(source: str | Path) -> Card:
    """The card of a bundled name or a folder, without touching the weights."""
    folder = _folder(source)
    path = folder / CARD_FILE
    return Card.parse(folder.name, path.read_text(encoding="utf-8") if path.is_file() else "")


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
    stored = {name: _stored(tensor, half) for name, tensor in weights.items() if not name.endswith("batches_tracked")}
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


def _folder(source: str | Path) -> Path:
    for folder in (BUNDLED / str(source) if str(source) in bundled() else None, Path(source)):
        if folder is not None and folder.is_dir():
            return folder
    near = difflib.get_close_matches(str(source), bundled(), n=3, cutoff=0.4)
    hint = (
        text("error.model_hint_near", near=", ".join(near))
        if near
        else text("error.model_hint_known", known=", ".join(bundled()) or "-")
    )
    raise StudioError("error.unknown_model", name=source, hint=hint)


def _required(folder: Path, file: str) -> Path:
    path = folder / file
    if not path.is_file():
        raise StudioError("error.checkpoint_missing_file", name=folder.name, file=file)
    return path


def _read_config(folder: Path) -> dict[str, Any]:
    path = _required(folder, CONFIG_FILE)
    try:
        described: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        missing = {"model", "taxonomy", "preprocessing"} - set(described)
    except (ValueError, TypeError) as error:
        raise StudioError("error.checkpoint_bad_file", file=path.name, reason=error) from error
    if missing:
        raise StudioError("error.config_fields", what=", ".join(sorted(missing)))
    return described


def _taxonomy(row: dict[str, Any]) -> Taxonomy:
    try:
        return Taxonomy.from_json(row)
    except (TypeError, KeyError, ValueError) as error:
        raise StudioError("error.config_fields", what=f"taxonomy: {error}") from error


def _preprocessing(row: dict[str, Any]) -> Preprocessing:
    try:
        return Preprocessing(**{**row, "mean": tuple(row["mean"]), "std": tuple(row["std"])})
    except (TypeError, KeyError) as error:
        raise StudioError("error.config_fields", what=f"preprocessing: {error}") from error


def _read_weights(folder: Path) -> dict[str, Tensor]:
    path = _required(folder, WEIGHTS_FILE)
    try:
        return load_file(path)
    except (safetensors.SafetensorError, OSError) as error:
        raise StudioError("error.checkpoint_bad_file", file=path.name, reason=error) from error


def _fill(model: MaskFormer, weights: dict[str, Tensor], name: str) -> None:
    """Copies the weights in, or names every tensor that does not fit."""
    expected = {key: value for key, value in model.state_dict().items() if not key.endswith("batches_tracked")}
    problems = [f"{key} is missing" for key in expected.keys() - weights.keys()]
    problems += [f"{key} is unexpected" for key in weights.keys() - expected.keys()]
    problems += [
        f"{key} is {tuple(weights[key].shape)} and should be {tuple(value.shape)}"
        for key, value in expected.items()
        if key in weights and weights[key].shape != value.shape
    ]
    if problems:
        raise StudioError("error.checkpoint_tensors", name=name, problems="; ".join(sorted(problems)))
    model.load_state_dict({key: value.float() for key, value in weights.items()}, strict=False)
