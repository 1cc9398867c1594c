"""How detectron2 and the paper's code on top of it name our tensors."""

from collections.abc import Collection

from core.checkpoints.names import KeyTable

HEAD = "sem_seg_head."
PREDICTOR = f"{HEAD}predictor."
PIXEL_DECODER = f"{HEAD}pixel_decoder."  # files from before the paper's code was published lack the last part

QKV = ("query", "key", "value")
QKV_WEIGHT, QKV_BIAS = (tuple(f"{which}.{leaf}" for which in QKV) for leaf in ("weight", "bias"))

RESNET = KeyTable.of(
    ("stem.conv{i+1}", "stem.{i}.0"),
    ("stem.conv{i+1}.norm", "stem.{i}.1"),
    ("res{s+2}.{b}.conv1", "stages.{s}.{b}.reduce.0"),
    ("res{s+2}.{b}.conv1.norm", "stages.{s}.{b}.reduce.1"),
    ("res{s+2}.{b}.conv2", "stages.{s}.{b}.filter.0"),
    ("res{s+2}.{b}.conv2.norm", "stages.{s}.{b}.filter.1"),
    ("res{s+2}.{b}.conv3", "stages.{s}.{b}.expand.0"),
    ("res{s+2}.{b}.conv3.norm", "stages.{s}.{b}.expand.1"),
    ("res{s+2}.{b}.shortcut", "stages.{s}.{b}.shortcut.0"),
    ("res{s+2}.{b}.shortcut.norm", "stages.{s}.{b}.shortcut.1"),
    theirs="backbone.",
    ours="backbone.",
)

SWIN = KeyTable.of(
    ("patch_embed.proj", "patch_embedding"),
    ("patch_embed.norm", "patch_norm"),
    ("layers.{s}.blocks.{b}.norm1", "stages.{s}.blocks.{b}.attention_norm"),
    ("layers.{s}.blocks.{b}.norm2", "stages.{s}.blocks.{b}.feedforward_norm"),
    ("layers.{s}.blocks.{b}.attn.qkv", tuple(f"stages.{{s}}.blocks.{{b}}.attention.{which}" for which in QKV)),
    ("layers.{s}.blocks.{b}.attn.proj", "stages.{s}.blocks.{b}.attention.output"),
    (
        "layers.{s}.blocks.{b}.attn.relative_position_bias_table",
        "stages.{s}.blocks.{b}.attention.position_bias",
    ),
    ("layers.{s}.blocks.{b}.mlp.fc1", "stages.{s}.blocks.{b}.feedforward.0"),
    ("layers.{s}.blocks.{b}.mlp.fc2", "stages.{s}.blocks.{b}.feedforward.2"),
    ("layers.{s}.downsample.norm", "stages.{s}.merge.norm"),
    ("layers.{s}.downsample.reduction", "stages.{s}.merge.reduction"),
    ("norm{s}", "norms.{s}"),
    theirs="backbone.",
    ours="backbone.",
)


def _attention(theirs: str, ours: str) -> KeyTable:
    """torch's MultiheadAttention, which keeps query, key and value in one matrix."""
    return KeyTable.of(
        ("in_proj_weight", QKV_WEIGHT), ("in_proj_bias", QKV_BIAS), ("out_proj", "output"), theirs=theirs, ours=ours
    )


def _pixel_decoder(theirs: str) -> KeyTable:
    """Their layers are numbered from the finest feature, ours from the coarsest."""
    ours, layer = "pixel_decoder.", "transformer.encoder.layers.{l}."
    return KeyTable.of(
        ("layer_4", "coarsest.0"),
        ("layer_4.norm", "coarsest.1"),
        *((f"adapter_{3 - i}", f"laterals.{i}.0") for i in range(3)),
        *((f"adapter_{3 - i}.norm", f"laterals.{i}.1") for i in range(3)),
        *((f"layer_{3 - i}", f"smoothers.{i}.0") for i in range(3)),
        *((f"layer_{3 - i}.norm", f"smoothers.{i}.1") for i in range(3)),
        ("mask_features", "mask_projection"),
        ("input_proj", "input_projection"),
        (f"{layer}norm1", "encoder.{l}.self_norm"),
        (f"{layer}norm2", "encoder.{l}.feedforward_norm"),
        (f"{layer}linear1", "encoder.{l}.feedforward.0"),
        (f"{layer}linear2", "encoder.{l}.feedforward.3"),
        theirs=theirs,
        ours=ours,
    ) + _attention(f"{theirs}{layer}self_attn.", f"{ours}encoder.{{l}}.self_attention.")


_LAYER = f"{PREDICTOR}transformer.decoder.layers.{{l}}."
HEADS = (
    KeyTable.of(
        ("norm1", "self_norm"),
        ("norm2", "cross_norm"),
        ("norm3", "feedforward_norm"),
        ("linear1", "feedforward.0"),
        ("linear2", "feedforward.3"),
        theirs=_LAYER,
        ours="transformer_decoder.layers.{l}.",
    )
    + _attention(f"{_LAYER}self_attn.", "transformer_decoder.layers.{l}.self_attention.")
    + _attention(f"{_LAYER}multihead_attn.", "transformer_decoder.layers.{l}.cross_attention.")
    + KeyTable.of(
        ("transformer.decoder.norm", "transformer_decoder.norm"),
        ("query_embed", "transformer_decoder.query_positions"),
        ("input_proj", "transformer_decoder.input_projection"),
        ("class_embed", "class_head"),
        ("mask_embed.layers.0", "mask_head.0"),
        ("mask_embed.layers.1", "mask_head.2"),
        ("mask_embed.layers.2", "mask_head.4"),
        theirs=PREDICTOR,
    )
    + KeyTable.of((PREDICTOR.removesuffix("."), "classifier"))
)

# Buffers: Swin's table of indices, the loss's class weights, the picture's mean and deviation.
BUFFERS = KeyTable(ignored=("relative_position_index", "criterion.empty_weight", "pixel_mean", "pixel_std"))


def pixel_decoder_prefix(names: Collection[str]) -> str:
    """What stands before the pixel decoder's tensors in a file with these names."""
    return PIXEL_DECODER if any(name.startswith(PIXEL_DECODER) for name in names) else HEAD


def key_table(names: Collection[str]) -> KeyTable:
    """The table for a file with these names."""
    return RESNET + SWIN + _pixel_decoder(pixel_decoder_prefix(names)) + HEADS + BUFFERS
