"""detectron2's names for a transformers MaskFormer's tensors, for making files in the paper's layout.

The pairs are those that transformers' own conversion scripts list (Apache-2.0):
``src/transformers/models/maskformer/convert_maskformer_{resnet,swin}_to_pytorch.py``; nothing here comes from the
studio's table, which these files are to test. transformers' names are those that its files have.
"""

from collections.abc import Iterator

import torch
from torch import Tensor

Pair = tuple[str, str]  # detectron2, transformers

ENCODER = "model.pixel_level_module.encoder"
FPN = "model.pixel_level_module.decoder"
DECODER = "model.transformer_module.decoder"
PREDICTOR = "sem_seg_head.predictor"


def in_detectron2_layout(weights: dict[str, Tensor], *, part: str = "pixel_decoder.") -> dict[str, Tensor]:
    """A transformers model's state dictionary as the paper's code would have stored it.

    ``part`` is what newer files have in the names of the pixel decoder's tensors; the scripts list the older ones.
    """
    weights = {_on_disk(name): tensor for name, tensor in weights.items()}
    stored = {theirs: weights.pop(name) for theirs, name in _modules(weights)}
    for theirs, names in _fused(weights):
        stored[theirs] = torch.cat([weights.pop(name) for name in names])
    assert set(weights) <= {f"{ENCODER}.model.layernorm.{leaf}" for leaf in ("weight", "bias")}  # norm3 a second time
    return {_with_part(name, part): tensor for name, tensor in stored.items()}


def _on_disk(name: str) -> str:
    """transformers 5 renames when it reads and writes; its files and the scripts have the older names."""
    return name.replace(".o_proj.", ".out_proj.").replace(".mlp.fc", ".fc") if name.startswith(DECODER) else name


def _with_part(name: str, part: str) -> str:
    rest = name.removeprefix("sem_seg_head.")
    return name if rest == name or rest.startswith("predictor.") else f"sem_seg_head.{part}{rest}"


def _modules(weights: dict[str, Tensor]) -> list[Pair]:
    """All pairs of which the model has the second."""
    listed = [*_resnet(), *_swin(), *_pixel_decoder(), *_transformer(), *_heads()]
    leaves = ("weight", "bias", "running_mean", "running_var", "num_batches_tracked")
    pairs = [(f"{theirs}.{leaf}", f"{ours}.{leaf}") for theirs, ours in listed for leaf in leaves]
    pairs += [*_tables(), ("criterion.empty_weight", "criterion.empty_weight")]  # the loss's, stored with the rest
    return [(theirs, ours) for theirs, ours in pairs if ours in weights]


def _resnet() -> Iterator[Pair]:
    yield "backbone.stem.conv1", f"{ENCODER}.embedder.embedder.convolution"
    yield "backbone.stem.conv1.norm", f"{ENCODER}.embedder.embedder.normalization"
    for stage in range(4):
        for block in range(23):
            theirs, ours = f"backbone.res{stage + 2}.{block}", f"{ENCODER}.encoder.stages.{stage}.layers.{block}"
            yield f"{theirs}.shortcut", f"{ours}.shortcut.convolution"
            yield f"{theirs}.shortcut.norm", f"{ours}.shortcut.normalization"
            for i in range(3):
                yield f"{theirs}.conv{i + 1}", f"{ours}.layer.{i}.convolution"
                yield f"{theirs}.conv{i + 1}.norm", f"{ours}.layer.{i}.normalization"


def _swin() -> Iterator[Pair]:
    yield "backbone.patch_embed.proj", f"{ENCODER}.model.embeddings.patch_embeddings.projection"
    yield "backbone.patch_embed.norm", f"{ENCODER}.model.embeddings.norm"
    for stage in range(4):
        theirs, ours = f"backbone.layers.{stage}", f"{ENCODER}.model.encoder.layers.{stage}"
        yield f"{theirs}.downsample.reduction", f"{ours}.downsample.reduction"
        yield f"{theirs}.downsample.norm", f"{ours}.downsample.norm"
        yield f"backbone.norm{stage}", f"{ENCODER}.hidden_states_norms.{stage}"
        for block in range(18):
            theirs_in, ours_in = f"{theirs}.blocks.{block}", f"{ours}.blocks.{block}"
            yield f"{theirs_in}.norm1", f"{ours_in}.layernorm_before"
            yield f"{theirs_in}.norm2", f"{ours_in}.layernorm_after"
            yield f"{theirs_in}.attn.proj", f"{ours_in}.attention.output.dense"
            yield f"{theirs_in}.mlp.fc1", f"{ours_in}.intermediate.dense"
            yield f"{theirs_in}.mlp.fc2", f"{ours_in}.output.dense"


def _tables() -> Iterator[Pair]:
    for stage in range(4):
        for block in range(18):
            theirs, ours = f"backbone.layers.{stage}.blocks.{block}", f"{ENCODER}.model.encoder.layers.{stage}"
            for table in ("relative_position_bias_table", "relative_position_index"):
                yield f"{theirs}.attn.{table}", f"{ours}.blocks.{block}.attention.self.{table}"


def _pixel_decoder() -> Iterator[Pair]:
    yield "sem_seg_head.layer_4", f"{FPN}.fpn.stem.0"
    yield "sem_seg_head.layer_4.norm", f"{FPN}.fpn.stem.1"
    for source, target in zip((3, 2, 1), (0, 1, 2), strict=True):
        yield f"sem_seg_head.adapter_{source}", f"{FPN}.fpn.layers.{target}.proj.0"
        yield f"sem_seg_head.adapter_{source}.norm", f"{FPN}.fpn.layers.{target}.proj.1"
        yield f"sem_seg_head.layer_{source}", f"{FPN}.fpn.layers.{target}.block.0"
        yield f"sem_seg_head.layer_{source}.norm", f"{FPN}.fpn.layers.{target}.block.1"
    yield "sem_seg_head.mask_features", f"{FPN}.mask_projection"


def _transformer() -> Iterator[Pair]:
    for layer in range(6):
        theirs, ours = f"{PREDICTOR}.transformer.decoder.layers.{layer}", f"{DECODER}.layers.{layer}"
        yield f"{theirs}.self_attn.out_proj", f"{ours}.self_attn.out_proj"
        yield f"{theirs}.multihead_attn.out_proj", f"{ours}.encoder_attn.out_proj"
        yield f"{theirs}.linear1", f"{ours}.fc1"
        yield f"{theirs}.linear2", f"{ours}.fc2"
        yield f"{theirs}.norm1", f"{ours}.self_attn_layer_norm"
        yield f"{theirs}.norm2", f"{ours}.encoder_attn_layer_norm"
        yield f"{theirs}.norm3", f"{ours}.final_layer_norm"
    yield f"{PREDICTOR}.transformer.decoder.norm", f"{DECODER}.layernorm"


def _heads() -> Iterator[Pair]:
    yield f"{PREDICTOR}.query_embed", "model.transformer_module.queries_embedder"
    yield f"{PREDICTOR}.input_proj", "model.transformer_module.input_projection"
    yield f"{PREDICTOR}.class_embed", "class_predictor"
    for i in range(3):
        yield f"{PREDICTOR}.mask_embed.layers.{i}", f"mask_embedder.{i}.0"


def _fused(weights: dict[str, Tensor]) -> Iterator[tuple[str, list[str]]]:
    """Query, key and value, in this order, are one tensor in the paper's layout."""
    for stage in range(4):
        for block in range(18):
            theirs, ours = f"backbone.layers.{stage}.blocks.{block}", f"{ENCODER}.model.encoder.layers.{stage}"
            for leaf in ("weight", "bias"):
                names = [f"{ours}.blocks.{block}.attention.self.{which}.{leaf}" for which in ("query", "key", "value")]
                if names[0] in weights:
                    yield f"{theirs}.attn.qkv.{leaf}", names
    for layer in range(6):
        for theirs, ours in (("self_attn", "self_attn"), ("multihead_attn", "encoder_attn")):
            for leaf in ("weight", "bias"):
                names = [f"{DECODER}.layers.{layer}.{ours}.{which}_proj.{leaf}" for which in "qkv"]
                if names[0] in weights:
                    yield f"{PREDICTOR}.transformer.decoder.layers.{layer}.{theirs}.in_proj_{leaf}", names
