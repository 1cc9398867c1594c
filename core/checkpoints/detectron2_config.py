"""What network a detectron2 file is for: it carries no configuration, so its tensors tell."""

from collections.abc import Mapping
from itertools import count, takewhile
from math import isqrt

from core.checkpoints.detectron2_names import HEAD, PREDICTOR, pixel_decoder_prefix
from core.messages import StudioError
from core.model import MaskFormerConfig, ResNetSpec, SwinSpec

Shapes = Mapping[str, tuple[int, ...]]

MULTI_GRID = (1, 2, 4)  # what DeepLab and the paper give a ResNet with three convolutions in its stem
HEADS = 8  # of every published transformer; no tensor's shape tells


def infer_config(shapes: Shapes, *, file: str) -> MaskFormerConfig:
    """The configuration that fits tensors of these shapes.

    Where a tensor is missing that would tell a number, the paper's number stands in, so that filling the network can
    name all that is missing.

    Raises:
        StudioError: the file has no backbone or no head that is known, or a number is out of range.
    """
    formulation, num_classes = _formulation(shapes, file)
    pixel_decoder = pixel_decoder_prefix(shapes)
    encoder, decoder = f"{pixel_decoder}transformer.encoder.layers.", f"{PREDICTOR}transformer.decoder.layers."
    encoder_layers = _count(shapes, encoder)
    hidden = f"{decoder if formulation != 'per_pixel' else encoder}0.linear1.weight"
    return MaskFormerConfig(
        num_classes=num_classes,
        backbone=_backbone(shapes, file),
        num_queries=_size(shapes, f"{PREDICTOR}query_embed.weight", 0, 100),
        width=_size(shapes, f"{PREDICTOR}query_embed.weight", 1, 256),
        mask_channels=_size(shapes, f"{pixel_decoder}mask_features.weight", 0, 256),
        pixel_decoder_width=_size(shapes, f"{pixel_decoder}mask_features.weight", 1, 256),
        decoder_layers=_count(shapes, decoder) or 6,
        attention_heads=HEADS,
        feedforward_width=_size(shapes, hidden, 0, 2048),
        encoder_layers=encoder_layers,
        formulation=formulation,
    )


def _formulation(shapes: Shapes, file: str) -> tuple[str, int]:
    """The formulation, and the number of classes K."""
    if f"{PREDICTOR}weight" in shapes:
        return "per_pixel", _size(shapes, f"{PREDICTOR}weight", 0, 1)
    for head in ("class_embed.weight", "class_embed.bias"):
        if f"{PREDICTOR}{head}" in shapes:
            return "mask", _size(shapes, f"{PREDICTOR}{head}", 0, 2) - 1  # the last class is no object
    if f"{PREDICTOR}query_embed.weight" in shapes:
        return "per_pixel_plus", _size(shapes, f"{PREDICTOR}query_embed.weight", 0, 1)
    raise StudioError("error.checkpoint_no_maskformer", file=file, what=f"{HEAD}predictor")


def _backbone(shapes: Shapes, file: str) -> ResNetSpec | SwinSpec:
    if any(name.startswith("backbone.res") for name in shapes):
        return _resnet(shapes)
    if any(name.startswith("backbone.layers") for name in shapes):
        return _swin(shapes)
    raise StudioError("error.checkpoint_no_maskformer", file=file, what="backbone.res2, backbone.layers.0")


def _resnet(shapes: Shapes) -> ResNetSpec:
    stages = range(2, 6)
    depths = tuple(_count(shapes, f"backbone.res{stage}.") or 1 for stage in stages)
    convolutions = (f"backbone.stem.conv{number}.weight" for number in count(1))
    stem = tuple(_size(shapes, name, 0, 64) for name in takewhile(shapes.__contains__, convolutions))
    is_deep = len(stem) > 1 and depths[-1] == len(MULTI_GRID)
    return ResNetSpec(
        depths=depths,
        widths=tuple(_size(shapes, f"backbone.res{stage}.0.conv3.weight", 0, 64 << stage) for stage in stages),
        stem=stem or (64,),
        multi_grid=MULTI_GRID if is_deep else (),
    )


def _swin(shapes: Shapes) -> SwinSpec:
    stages = [f"backbone.layers.{stage}.blocks." for stage in range(4)]
    tables = [f"{stage}0.attn.relative_position_bias_table" for stage in stages]
    width = _size(shapes, "backbone.patch_embed.proj.weight", 0, 96)
    return SwinSpec(
        width=width,
        depths=tuple(_count(shapes, stage) or 1 for stage in stages),
        heads=tuple(_size(shapes, table, 1, width // 32 << stage) for stage, table in enumerate(tables)),
        window=(isqrt(_size(shapes, tables[0], 0, 13**2)) + 1) // 2,
    )


def _size(shapes: Shapes, name: str, axis: int, default: int) -> int:
    """The length of one axis, or the default where the tensor is missing or has fewer."""
    shape = shapes.get(name, ())
    return shape[axis] if axis < len(shape) else default


def _count(shapes: Shapes, prefix: str) -> int:
    """How many different numbers follow the prefix; what a name claims costs nothing."""
    following = (name[len(prefix) :].partition(".")[0] for name in shapes if name.startswith(prefix))
    return len({number for number in following if number.isdecimal()})
