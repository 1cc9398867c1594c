"""How ``transformers`` names the tensors of a MaskFormer: on the disk, and as its modules do since release 5."""

from core.checkpoints.names import KeyTable

PIXEL_LEVEL = "model.pixel_level_module."
ENCODER = PIXEL_LEVEL + "encoder."
FINAL_NORM = ENCODER + "model.layernorm"  # of Swin as a classifier; MaskFormer reads the stages' own norms
POSITION_INDEX = ENCODER + "model.encoder.layers.{s}.blocks.{b}.attention.self.relative_position_index"
CLASS_WEIGHTS = "criterion.empty_weight"  # of the loss

_BOTTLENECK = "encoder.stages.{s}.layers.{b}."
_BLOCK = "model.encoder.layers.{s}.blocks.{b}."
_LAYER = "decoder.layers.{l}."

RESNET = KeyTable.of(
    ("embedder.embedder.convolution", "stem.0.0"),
    ("embedder.embedder.normalization", "stem.0.1"),
    (_BOTTLENECK + "layer.0.convolution", "stages.{s}.{b}.reduce.0"),
    (_BOTTLENECK + "layer.0.normalization", "stages.{s}.{b}.reduce.1"),
    (_BOTTLENECK + "layer.1.convolution", "stages.{s}.{b}.filter.0"),
    (_BOTTLENECK + "layer.1.normalization", "stages.{s}.{b}.filter.1"),
    (_BOTTLENECK + "layer.2.convolution", "stages.{s}.{b}.expand.0"),
    (_BOTTLENECK + "layer.2.normalization", "stages.{s}.{b}.expand.1"),
    (_BOTTLENECK + "shortcut.convolution", "stages.{s}.{b}.shortcut.0"),
    (_BOTTLENECK + "shortcut.normalization", "stages.{s}.{b}.shortcut.1"),
    theirs=ENCODER,
    ours="backbone.",
)

SWIN = KeyTable.of(
    ("model.embeddings.patch_embeddings.projection", "patch_embedding"),
    ("model.embeddings.norm", "patch_norm"),
    (_BLOCK + "layernorm_before", "stages.{s}.blocks.{b}.attention_norm"),
    (_BLOCK + "attention.self.relative_position_bias_table", "stages.{s}.blocks.{b}.attention.position_bias"),
    (_BLOCK + "attention.self.query", "stages.{s}.blocks.{b}.attention.query"),
    (_BLOCK + "attention.self.key", "stages.{s}.blocks.{b}.attention.key"),
    (_BLOCK + "attention.self.value", "stages.{s}.blocks.{b}.attention.value"),
    (_BLOCK + "attention.output.dense", "stages.{s}.blocks.{b}.attention.output"),
    (_BLOCK + "layernorm_after", "stages.{s}.blocks.{b}.feedforward_norm"),
    (_BLOCK + "intermediate.dense", "stages.{s}.blocks.{b}.feedforward.0"),
    (_BLOCK + "output.dense", "stages.{s}.blocks.{b}.feedforward.2"),
    ("model.encoder.layers.{s}.downsample.norm", "stages.{s}.merge.norm"),
    ("model.encoder.layers.{s}.downsample.reduction", "stages.{s}.merge.reduction"),
    ("hidden_states_norms.{s}", "norms.{s}"),
    theirs=ENCODER,
    ours="backbone.",
    ignored=(FINAL_NORM + ".weight", FINAL_NORM + ".bias", POSITION_INDEX.rpartition(".")[2]),
)

PIXEL_DECODER = KeyTable.of(
    ("fpn.stem.{p}", "coarsest.{p}"),
    ("fpn.layers.{i}.proj.{p}", "laterals.{i}.{p}"),
    ("fpn.layers.{i}.block.{p}", "smoothers.{i}.{p}"),
    ("mask_projection", "mask_projection"),
    theirs=PIXEL_LEVEL + "decoder.",
    ours="pixel_decoder.",
)

TRANSFORMER_DECODER = KeyTable.of(
    ("queries_embedder", "query_positions"),
    ("input_projection", "input_projection"),
    (_LAYER + "self_attn.q_proj", "layers.{l}.self_attention.query"),
    (_LAYER + "self_attn.k_proj", "layers.{l}.self_attention.key"),
    (_LAYER + "self_attn.v_proj", "layers.{l}.self_attention.value"),
    (_LAYER + "self_attn.out_proj", "layers.{l}.self_attention.output"),
    (_LAYER + "self_attn.o_proj", "layers.{l}.self_attention.output"),
    (_LAYER + "self_attn_layer_norm", "layers.{l}.self_norm"),
    (_LAYER + "encoder_attn.q_proj", "layers.{l}.cross_attention.query"),
    (_LAYER + "encoder_attn.k_proj", "layers.{l}.cross_attention.key"),
    (_LAYER + "encoder_attn.v_proj", "layers.{l}.cross_attention.value"),
    (_LAYER + "encoder_attn.out_proj", "layers.{l}.cross_attention.output"),
    (_LAYER + "encoder_attn.o_proj", "layers.{l}.cross_attention.output"),
    (_LAYER + "encoder_attn_layer_norm", "layers.{l}.cross_norm"),
    (_LAYER + "fc1", "layers.{l}.feedforward.0"),
    (_LAYER + "mlp.fc1", "layers.{l}.feedforward.0"),
    (_LAYER + "fc2", "layers.{l}.feedforward.3"),
    (_LAYER + "mlp.fc2", "layers.{l}.feedforward.3"),
    (_LAYER + "final_layer_norm", "layers.{l}.feedforward_norm"),
    ("decoder.layernorm", "norm"),
    theirs="model.transformer_module.",
    ours="transformer_decoder.",
)

HEADS = KeyTable.of(
    ("class_predictor", "class_head"),
    ("mask_embedder.0.0", "mask_head.0"),
    ("mask_embedder.1.0", "mask_head.2"),
    ("mask_embedder.2.0", "mask_head.4"),
    ignored=(CLASS_WEIGHTS,),
)

BACKBONES = {"resnet": RESNET, "swin": SWIN, "maskformer-swin": SWIN}


def key_table(backbone: str) -> KeyTable:
    """The table for a backbone's ``model_type``."""
    return BACKBONES[backbone] + PIXEL_DECODER + TRANSFORMER_DECODER + HEADS
