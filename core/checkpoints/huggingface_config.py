"""``config.json`` of a Hugging Face MaskFormer as our configuration, with transformers' defaults."""

import math
from collections.abc import Mapping
from typing import Any

from core.checkpoints.huggingface_names import BACKBONES
from core.messages import StudioError
from core.model import MaskFormerConfig, ResNetSpec, SwinSpec

Row = Mapping[str, Any]

MODEL_TYPE = "maskformer"
MOST_LAYERS, MOST_CLASSES = 1000, 100_000  # a file that asks for more is no checkpoint, and would take all memory
STAGES = ["stage1", "stage2", "stage3", "stage4"]
PUBLISHED_SWIN = {  # what a configuration without a backbone means
    "model_type": "swin",
    "embed_dim": 128,
    "depths": [2, 2, 18, 2],
    "num_heads": [4, 8, 16, 32],
    "window_size": 12,
    "drop_path_rate": 0.3,
}

# Fields of which our networks know one value only.
FIXED: dict[str, dict[str, Any]] = {
    "resnet": {
        "num_channels": 3,
        "layer_type": "bottleneck",
        "hidden_act": "relu",
        "downsample_in_first_stage": False,
        "downsample_in_bottleneck": False,
        "out_features": STAGES,
    },
    "maskformer-swin": {
        "num_channels": 3,
        "patch_size": 4,
        "mlp_ratio": 4.0,
        "qkv_bias": True,
        "hidden_act": "gelu",
        "use_absolute_embeddings": False,
        "layer_norm_eps": 1e-5,
        "out_features": STAGES,
    },
    "decoder": {"model_type": "detr", "activation_function": "relu"},
}
FIXED["swin"] = {field: value for field, value in FIXED["maskformer-swin"].items() if field != "out_features"}


def read_config(described: Row, name: str) -> MaskFormerConfig:
    """The network that a ``config.json`` describes; ``name`` is what errors call the checkpoint.

    Raises:
        StudioError: it is no MaskFormer, or has a part that our networks do not.
    """
    kind = described.get("model_type")
    if kind != MODEL_TYPE:
        raise StudioError("error.huggingface_kind", name=name, kind=kind)
    decoder = _part(described, "decoder_config", {})
    _refuse_variants(decoder, "decoder", name)
    return MaskFormerConfig(
        num_classes=len(read_labels(described)),
        backbone=_backbone(_part(described, "backbone_config", PUBLISHED_SWIN), name),
        num_queries=_count(decoder, "num_queries", 100),
        width=_count(decoder, "d_model", 256),
        mask_channels=_count(described, "mask_feature_size", 256),
        pixel_decoder_width=_count(described, "fpn_feature_size", 256),
        decoder_layers=_count(decoder, "decoder_layers", 6, at_most=MOST_LAYERS),
        attention_heads=_count(decoder, "decoder_attention_heads", 8),
        feedforward_width=_count(decoder, "decoder_ffn_dim", 2048),
        dropout=_share(decoder, "dropout", 0.1),
    )


def read_labels(described: Row) -> list[str]:
    """Class names in class order; ``LABEL_0`` ... where the file gives a number only.

    Raises:
        StudioError: the names are not numbered from 0 on.
    """
    named = described.get("id2label")
    count = described.get("num_labels")
    if not isinstance(named, dict) or (isinstance(count, int) and count != len(named)):
        return [f"LABEL_{index}" for index in range(_count(described, "num_labels", 2, at_most=MOST_CLASSES))]
    labels = {str(index): str(label) for index, label in named.items()}
    order = [str(index) for index in range(len(labels))]
    if set(order) != set(labels) or not labels:
        raise StudioError("error.config_fields", what="id2label")
    return [labels[index] for index in order]


def backbone_kind(described: Row) -> str:
    """The ``model_type`` of the backbone."""
    return str(_part(described, "backbone_config", PUBLISHED_SWIN).get("model_type"))


def _backbone(row: Row, name: str) -> ResNetSpec | SwinSpec:
    kind = row.get("model_type")
    if kind not in BACKBONES:
        raise StudioError("error.huggingface_backbone", name=name, kind=kind, known="ResNet, Swin")
    _refuse_variants(row, kind, name)
    if kind == "resnet":
        return ResNetSpec(
            depths=_counts(row, "depths", (3, 4, 6, 3), at_most=MOST_LAYERS),
            widths=_counts(row, "hidden_sizes", (256, 512, 1024, 2048)),
            stem=(_count(row, "embedding_size", 64),),
        )
    return SwinSpec(
        width=_count(row, "embed_dim", 96),
        depths=_counts(row, "depths", (2, 2, 6, 2), at_most=MOST_LAYERS),
        heads=_counts(row, "num_heads", (3, 6, 12, 24)),
        window=_count(row, "window_size", 7),
        drop_path=_share(row, "drop_path_rate", 0.1),
    )


def _refuse_variants(row: Row, part: str, name: str) -> None:
    for field, known in FIXED[part].items():
        value = row.get(field)
        if value is not None and value != known:
            raise StudioError("error.huggingface_variant", name=name, field=field, part=part, value=value, known=known)


def _part(described: Row, field: str, default: Row) -> Row:
    part = described.get(field)
    if part is None:
        return default
    if not isinstance(part, dict):
        raise StudioError("error.config_fields", what=f"{field} = {part}")
    return part


def _count(row: Row, field: str, default: int, *, at_most: float = math.inf) -> int:
    value = row.get(field, default)
    if type(value) is not int or value > at_most:
        raise StudioError("error.config_fields", what=f"{field} = {value}")
    return value


def _counts(row: Row, field: str, default: tuple[int, ...], *, at_most: float = math.inf) -> tuple[int, ...]:
    values = row.get(field, default)
    if not isinstance(values, list | tuple) or any(type(v) is not int or v > at_most for v in values):
        raise StudioError("error.config_fields", what=f"{field} = {values}")
    return tuple(values)


def _share(row: Row, field: str, default: float) -> float:
    value = row.get(field, default)
    if type(value) not in (int, float) or not 0 <= value < 1:
        raise StudioError("error.config_fields", what=f"{field} = {value}")
    return float(value)
