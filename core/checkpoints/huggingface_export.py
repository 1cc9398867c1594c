"""A folder that ``transformers`` loads: ``MaskFormerForInstanceSegmentation`` and ``MaskFormerImageProcessor``."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save
from torch import Tensor, nn

from core.checkpoints.checkpoint import Checkpoint, Preprocessing
from core.checkpoints.folder import CARD_FILE, CONFIG_FILE, WEIGHTS_FILE
from core.checkpoints.huggingface import OWN_PART, PREPROCESSOR_FILE
from core.checkpoints.huggingface_config import FIXED, MODEL_TYPE
from core.checkpoints.huggingface_names import CLASS_WEIGHTS, FINAL_NORM, POSITION_INDEX, key_table
from core.files import write_atomically
from core.messages import StudioError
from core.model import LiteSpec, MaskFormerConfig, ResNetSpec, SwinSpec
from core.model.backbones import spec_of
from core.types import Taxonomy

SWIN_TYPE, RESNET_TYPE = "maskformer-swin", "resnet"
BILINEAR = 2  # Pillow's number
SCALE = 255.0
NO_OBJECT_WEIGHT = 0.1  # of the paper's loss


def save_huggingface(folder: Path, checkpoint: Checkpoint) -> None:
    """Writes configuration, preprocessing, weights in float32 and the card, each file whole or not at all.

    Raises:
        StudioError: transformers has no such network, or a file could not be written.
    """
    backbone = _exportable(checkpoint.config)
    folder.mkdir(parents=True, exist_ok=True)
    weights = {**_renamed(checkpoint.model, backbone), **_besides(checkpoint.config, backbone)}
    write_atomically(folder / WEIGHTS_FILE, save(weights, metadata={"format": "pt"}))
    _write_json(folder / PREPROCESSOR_FILE, describe_preprocessing(checkpoint.preprocessing, checkpoint.taxonomy))
    write_atomically(folder / CARD_FILE, checkpoint.card.markdown().encode())
    _write_json(folder / CONFIG_FILE, _described(checkpoint, backbone))


def _exportable(config: MaskFormerConfig) -> ResNetSpec | SwinSpec:
    """The backbone of a network that transformers has too."""
    spec = spec_of(config.backbone)
    plain = {"formulation": "mask", "encoder_layers": 0, "memory_stride": 32, "seeds": 0}
    other = [f"{field} = {getattr(config, field)}" for field, value in plain.items() if getattr(config, field) != value]
    if other or isinstance(spec, LiteSpec) or not _is_plain(spec):
        raise StudioError("error.huggingface_export", what=", ".join(other) or f"backbone = {config.backbone}")
    return spec


def _is_plain(spec: ResNetSpec | SwinSpec) -> bool:
    """Without the deep stem and the dilations of a ResNet-101c."""
    return isinstance(spec, SwinSpec) or (len(spec.stem) == 1 and set(spec.multi_grid) <= {1})


def _renamed(model: nn.Module, backbone: ResNetSpec | SwinSpec) -> dict[str, Tensor]:
    """Our tensors under transformers' names."""
    tensors = model.state_dict()
    shares = key_table(_kind(backbone)).shares(tensors)
    return {shares[name].name: _stored(tensor) for name, tensor in tensors.items()}


def _besides(config: MaskFormerConfig, backbone: ResNetSpec | SwinSpec) -> dict[str, Tensor]:
    """What transformers asks for and does not use in predicting."""
    class_weights = torch.ones(config.num_classes + 1)
    class_weights[-1] = NO_OBJECT_WEIGHT
    if isinstance(backbone, ResNetSpec):
        return {CLASS_WEIGHTS: class_weights}
    width = backbone.widths[-1]
    norm = {FINAL_NORM + ".weight": torch.ones(width), FINAL_NORM + ".bias": torch.zeros(width)}
    places = ((stage, block) for stage, depth in enumerate(backbone.depths) for block in range(depth))
    indices = {POSITION_INDEX.format(s=s, b=b): _position_index(backbone.window) for s, b in places}
    return {CLASS_WEIGHTS: class_weights, **norm, **indices}


def _position_index(window: int) -> Tensor:
    """(w*w, w*w): which row of the bias table each pair of a window's tokens reads."""
    span = 2 * window - 1
    token = torch.arange(window * window)
    y, x = token // window, token % window
    return (y[:, None] - y + window - 1) * span + (x[:, None] - x + window - 1)


def _stored(tensor: Tensor) -> Tensor:
    tensor = tensor.detach().cpu().contiguous()
    return tensor.float() if tensor.is_floating_point() else tensor


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


def describe_preprocessing(preprocessing: Preprocessing, taxonomy: Taxonomy) -> dict[str, Any]:
    """What ``preprocessor_config.json`` says of it; the taxonomy tells whether 0 is void in the data set's maps."""
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
