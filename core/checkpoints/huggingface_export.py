"""A folder that ``transformers`` loads: ``MaskFormerForInstanceSegmentation`` and ``MaskFormerImageProcessor``."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save
from torch import Tensor

from core.checkpoints.checkpoint import Checkpoint, Preprocessing
from core.checkpoints.folder import CARD_FILE, CONFIG_FILE, WEIGHTS_FILE
from core.checkpoints.huggingface import OWN_PART, PREPROCESSOR_FILE
from core.checkpoints.huggingface_config import FIXED, MODEL_TYPE
from core.checkpoints.huggingface_names import FINAL_NORM, key_table
from core.checkpoints.tensors import BATCH_COUNTER
from core.files import write_atomically
from core.messages import StudioError
from core.model import LiteSpec, MaskFormerConfig, ResNetSpec, SwinSpec
from core.model.backbones import spec_of
from core.types import Taxonomy

SWIN_TYPE, RESNET_TYPE = "maskformer-swin", "resnet"
BILINEAR = 2  # Pillow's number
SCALE = 255.0


def save_huggingface(folder: Path, checkpoint: Checkpoint) -> None:
    """Writes configuration, preprocessing, weights in float32 and the card, each file whole or not at all.

    Raises:
        StudioError: transformers has no such network, or a file could not be written.
    """
    backbone = _exportable(checkpoint.config)
    folder.mkdir(parents=True, exist_ok=True)
    weights = _renamed(checkpoint.model.state_dict(), backbone)
    write_atomically(folder / WEIGHTS_FILE, save(weights, metadata={"format": "pt"}))
    _write_json(folder / PREPROCESSOR_FILE, _preprocessor(checkpoint.preprocessing, checkpoint.taxonomy))
    write_atomically(folder / CARD_FILE, checkpoint.card.markdown().encode())
    _write_json(folder / CONFIG_FILE, _described(checkpoint, backbone))


def _exportable(config: MaskFormerConfig) -> ResNetSpec | SwinSpec:
    """The backbone of a network that transformers has too."""
    spec = spec_of(config.backbone)
    plain = {"formulation": "mask", "encoder_layers": 0, "memory_stride": 32}
    other = [f"{field} = {getattr(config, field)}" for field, value in plain.items() if getattr(config, field) != value]
    if other or isinstance(spec, LiteSpec) or not _is_plain(spec):
        raise StudioError("error.huggingface_export", what=", ".join(other) or f"backbone = {config.backbone}")
    return spec


def _is_plain(spec: ResNetSpec | SwinSpec) -> bool:
    """Without the deep stem and the dilations of a ResNet-101c."""
    return isinstance(spec, SwinSpec) or (len(spec.stem) == 1 and set(spec.multi_grid) <= {1})


def _renamed(weights: Mapping[str, Tensor], backbone: ResNetSpec | SwinSpec) -> dict[str, Tensor]:
    """Our weights under transformers' names, and what it asks for besides."""
    names = [name for name in weights if not name.endswith(BATCH_COUNTER)]
    shares = key_table(_kind(backbone)).shares(names)
    renamed = {shares[name].name: weights[name].detach().cpu().float().contiguous() for name in names}
    if isinstance(backbone, SwinSpec):
        renamed[FINAL_NORM + ".weight"] = torch.ones(backbone.widths[-1])
        renamed[FINAL_NORM + ".bias"] = torch.zeros(backbone.widths[-1])
    return renamed


def _kind(backbone: ResNetSpec | SwinSpec) -> str:
    return RESNET_TYPE if isinstance(backbone, ResNetSpec) else SWIN_TYPE


def _described(checkpoint: Checkpoint, backbone: ResNetSpec | SwinSpec) -> dict[str, Any]:
    config, preprocessing = checkpoint.config, checkpoint.preprocessing
    names = [category.name for category in checkpoint.taxonomy.categories]
    return {
        "architectures": ["MaskFormerForInstanceSegmentation"],
        "model_type": MODEL_TYPE,
        "dtype": "float32",
        "backbone_config": _backbone(backbone),
        "decoder_config": {
            **FIXED["decoder"],
            "d_model": config.width,
            "num_queries": config.num_queries,
            "decoder_layers": config.decoder_layers,
            "decoder_attention_heads": config.attention_heads,
            "decoder_ffn_dim": config.feedforward_width,
            "dropout": config.dropout,
        },
        "fpn_feature_size": config.pixel_decoder_width,
        "mask_feature_size": config.mask_channels,
        "id2label": {str(index): name for index, name in enumerate(names)},
        "label2id": {name: index for index, name in enumerate(names)},
        OWN_PART: {
            "taxonomy": checkpoint.taxonomy.to_json(),
            "score_threshold": preprocessing.score_threshold,
            "overlap_threshold": preprocessing.overlap_threshold,
        },
    }


def _backbone(spec: ResNetSpec | SwinSpec) -> dict[str, Any]:
    common = {"model_type": _kind(spec), **FIXED[_kind(spec)], "depths": list(spec.depths)}
    if isinstance(spec, ResNetSpec):
        return {**common, "hidden_sizes": list(spec.widths), "embedding_size": spec.stem[0]}
    return {
        **common,
        "embed_dim": spec.width,
        "num_heads": list(spec.heads),
        "window_size": spec.window,
        "drop_path_rate": spec.drop_path,
    }


def _preprocessor(preprocessing: Preprocessing, taxonomy: Taxonomy) -> dict[str, Any]:
    ids = [category.category_id for category in taxonomy.categories]
    return {
        "image_processor_type": "MaskFormerImageProcessor",
        "do_resize": bool(preprocessing.short_side),
        "size": {
            "shortest_edge": preprocessing.short_side or preprocessing.max_long_side,
            "longest_edge": preprocessing.max_long_side,
        },
        "size_divisor": preprocessing.pad_multiple,
        "resample": BILINEAR,
        "do_rescale": True,
        "rescale_factor": 1 / SCALE,
        "do_normalize": True,
        "image_mean": [value / SCALE for value in preprocessing.mean],
        "image_std": [value / SCALE for value in preprocessing.std],
        "ignore_index": 255,
        "do_reduce_labels": ids == list(range(1, len(ids) + 1)),  # 0 is void, and classes count from it
    }


def _write_json(path: Path, described: Mapping[str, Any]) -> None:
    write_atomically(path, (json.dumps(described, indent=2) + "\n").encode())
