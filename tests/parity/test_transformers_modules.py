"""Our pixel decoders and transformer layers give what transformers' MaskFormer gives on the same weights."""

import re

import pytest
import torch

from core.model.pixel_decoder import EncodedPyramid, FeaturePyramid
from core.model.transformer_decoder import TransformerDecoder
from tests.parity.weights import close, randomise, rename

detr = pytest.importorskip("transformers.models.detr.modeling_detr")
maskformer = pytest.importorskip("transformers.models.maskformer.modeling_maskformer")
transformers = pytest.importorskip("transformers")

CHANNELS = [16, 24, 40, 56]
LEAF = r"\.(weight|bias)"
LAYER_NAMES = {  # theirs -> ours
    rf"self_attn\.q_proj{LEAF}": r"self_attention.query.\1",
    rf"self_attn\.k_proj{LEAF}": r"self_attention.key.\1",
    rf"self_attn\.v_proj{LEAF}": r"self_attention.value.\1",
    rf"self_attn\.o_proj{LEAF}": r"self_attention.output.\1",
    rf"self_attn_layer_norm{LEAF}": r"self_norm.\1",
    rf"final_layer_norm{LEAF}": r"feedforward_norm.\1",
    rf"mlp\.fc1{LEAF}": r"feedforward.0.\1",
    rf"mlp\.fc2{LEAF}": r"feedforward.3.\1",
}
CROSS_NAMES = {
    rf"encoder_attn\.q_proj{LEAF}": r"cross_attention.query.\1",
    rf"encoder_attn\.k_proj{LEAF}": r"cross_attention.key.\1",
    rf"encoder_attn\.v_proj{LEAF}": r"cross_attention.value.\1",
    rf"encoder_attn\.o_proj{LEAF}": r"cross_attention.output.\1",
    rf"encoder_attn_layer_norm{LEAF}": r"cross_norm.\1",
}
FPN_NAMES = {
    rf"mask_projection{LEAF}": r"mask_projection.\1",
    rf"fpn\.stem\.([01]){LEAF}": r"coarsest.\1.\2",
    rf"fpn\.layers\.(\d)\.proj\.([01]){LEAF}": r"laterals.\1.\2.\3",
    rf"fpn\.layers\.(\d)\.block\.([01]){LEAF}": r"smoothers.\1.\2.\3",
}


@pytest.fixture(autouse=True)
def _seeded() -> None:
    torch.manual_seed(0)


def layers(prefix: str, names: dict[str, str], ours: str) -> dict[str, str]:
    """The names of a layer, for every layer of a stack."""
    shifted = {
        theirs: re.sub(r"\\(\d)", lambda digit: f"\\{int(digit[1]) + 1}", name) for theirs, name in names.items()
    }
    return {rf"{prefix}\.(\d)\.{theirs}": f"{ours}.{name}" for theirs, name in shifted.items()}


@torch.inference_mode()
def test_feature_pyramid_equals_transformers():
    theirs = maskformer.MaskFormerPixelDecoder(
        in_features=CHANNELS[-1], lateral_widths=CHANNELS[:-1], feature_size=64, mask_feature_size=32
    ).eval()
    ours = FeaturePyramid(CHANNELS, width=64, mask_channels=32).eval()
    randomise(theirs)
    ours.load_state_dict(rename(theirs.state_dict(), FPN_NAMES))
    features = [torch.randn(2, c, 96 // s, 64 // s) for c, s in zip(CHANNELS, (1, 2, 4, 8), strict=True)]

    assert close(ours(features), theirs(features).last_hidden_state)


@torch.inference_mode()
def test_transformer_decoder_equals_transformers():
    decoder = transformers.DetrConfig(
        d_model=64, decoder_layers=3, decoder_attention_heads=4, decoder_ffn_dim=96, num_queries=11, dropout=0.0
    )
    config = transformers.MaskFormerConfig(decoder_config=decoder.to_dict())
    theirs = maskformer.MaskFormerTransformerModule(in_features=56, config=config).eval()
    ours = TransformerDecoder(56, num_queries=11, width=64, layers=3, heads=4, feedforward_width=96, dropout=0.0).eval()
    randomise(theirs)
    names = {
        r"queries_embedder\.weight": "query_positions.weight",
        rf"input_projection{LEAF}": r"input_projection.\1",
        rf"decoder\.layernorm{LEAF}": r"norm.\1",
        **layers(r"decoder\.layers", LAYER_NAMES | CROSS_NAMES, r"layers.\1"),
    }
    ours.load_state_dict(rename(theirs.state_dict(), names))
    memory = torch.randn(2, 56, 5, 9)

    states = ours(memory)
    assert close(states[-1], theirs(memory).last_hidden_state)


@torch.inference_mode()
def test_transformer_encoder_equals_transformers():
    """DETR's encoder, which the paper's other pixel decoder puts on the projected stride-32 features."""
    config = transformers.DetrConfig(d_model=64, encoder_layers=3, encoder_attention_heads=4, encoder_ffn_dim=96)
    theirs = detr.DetrEncoder(config).eval()
    randomise(theirs)
    ours = EncodedPyramid(
        CHANNELS, width=64, mask_channels=32, layers=3, heads=4, feedforward_width=96, dropout=0.0
    ).eval()
    randomise(ours.input_projection)
    ours.encoder.load_state_dict(rename(theirs.state_dict(), layers("layers", LAYER_NAMES, r"\1")))
    features = [torch.randn(2, channels, 5, 9) for channels in CHANNELS]

    tokens = ours.input_projection(features[-1]).flatten(2).transpose(1, 2)  # (B, 45, D)
    positions = detr.DetrSinePositionEmbedding(32, normalize=True)((2, 64, 5, 9), "cpu", torch.float32)
    encoded = theirs(tokens, spatial_position_embeddings=positions.flatten(2).transpose(1, 2))
    *finer, coarsest = ours.encode(features)
    assert all(map(torch.equal, finer, features))
    assert close(coarsest, encoded.last_hidden_state.transpose(1, 2).reshape(2, 64, 5, 9))
