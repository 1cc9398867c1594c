"""Folders that Hugging Face's ``transformers`` writes for a MaskFormer."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from core.checkpoints.checkpoint import Preprocessing, StoredCheckpoint
from core.checkpoints.folder import CONFIG_FILE, read_card, read_json, read_taxonomy
from core.checkpoints.huggingface_config import backbone_kind, read_config, read_labels
from core.checkpoints.huggingface_names import key_table
from core.checkpoints.huggingface_preprocessing import first_label_id, read_preprocessing
from core.checkpoints.tensors import INDEX_SUFFIX, Tensors, open_tensors
from core.messages import StudioError
from core.taxonomies import taxonomy_for
from core.types import Taxonomy

PREPROCESSOR_FILE = "preprocessor_config.json"
WEIGHTS_FILES = ("model.safetensors", "pytorch_model.bin")  # the first that is there, or its index, is read
MARKS = ("model_type", "architectures", "transformers_version")  # our own config.json has none of them
OWN_PART = "maskformer_studio"  # what we add to config.json on export, since Hugging Face has no place for it

SCORE_THRESHOLDS = {"ade20k": 0.7, "ade20k_panoptic": 0.7}  # of the paper; elsewhere the default


def is_huggingface(folder: Path) -> bool:
    """Whether the folder's ``config.json`` is one of transformers'; raises StudioError where there is none."""
    described = read_json(folder, CONFIG_FILE)
    return any(mark in described for mark in MARKS)


def read_folder(folder: Path, name: str = "") -> StoredCheckpoint:
    """A checkpoint from ``config.json``, ``preprocessor_config.json`` and safetensors or torch weights, whole or split.

    ``name`` is the checkpoint's (default: the folder's).

    Raises:
        StudioError: a file is missing or broken, or describes a network that is not ours.
    """
    name = name or folder.name
    described = read_json(folder, CONFIG_FILE)
    config = read_config(described, name)
    prepared = read_json(folder, PREPROCESSOR_FILE) if (folder / PREPROCESSOR_FILE).is_file() else {}
    own = described.get(OWN_PART)
    own = own if isinstance(own, dict) else {}
    taxonomy = _taxonomy(described, own, name, first_label_id(prepared))
    return StoredCheckpoint(
        name=name,
        config=config,
        taxonomy=taxonomy,
        preprocessing=_preprocessing(prepared, taxonomy, own),
        card=read_card(folder, name),
        tensors=_weights(folder, name),
        table=key_table(backbone_kind(described)),
    )


def _taxonomy(described: Mapping[str, Any], own: Mapping[str, Any], name: str, first_id: int) -> Taxonomy:
    """Our own taxonomy while it still has the file's labels, else the one that these speak of."""
    labels = read_labels(described)
    if "taxonomy" in own:
        taxonomy = read_taxonomy(own["taxonomy"])
        if [category.name for category in taxonomy.categories] == labels:
            return taxonomy
    return taxonomy_for(labels, hint=f"{name} {described.get('_name_or_path', '')}", first_id=first_id)


def _preprocessing(described: Mapping[str, Any], taxonomy: Taxonomy, own: Mapping[str, Any]) -> Preprocessing:
    preprocessing = read_preprocessing(described)
    default = SCORE_THRESHOLDS.get(taxonomy.name, preprocessing.score_threshold)
    return replace(
        preprocessing,
        score_threshold=_threshold(own, "score_threshold", default),
        overlap_threshold=_threshold(own, "overlap_threshold", preprocessing.overlap_threshold),
    )


def _threshold(own: Mapping[str, Any], field: str, default: float) -> float:
    value = own.get(field, default)
    if type(value) not in (int, float) or not 0 <= value <= 1:
        raise StudioError("error.config_fields", what=f"{field} = {value}")
    return float(value)


def _weights(folder: Path, name: str) -> Tensors:
    for file in WEIGHTS_FILES:
        for path in (folder / file, folder / (file + INDEX_SUFFIX)):
            if path.is_file():
                return open_tensors(path)
    raise StudioError("error.checkpoint_missing_file", name=name, file=" / ".join(WEIGHTS_FILES))
