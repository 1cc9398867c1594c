"""Our pixel decoder and transformer decoder give what transformers' MaskFormer gives on the same weights."""

import pytest
import torch
from torch import Tensor, nn

from core.model.pixel_decoder import FeaturePyramid
from core.model.transformer_decoder import TransformerDecoder

maskformer = pytest.importorskip("transformers.models.maskformer.modeling_maskformer")
transformers = pytest.importorskip("transformers")

CHANNELS = [16, 24, 40, 56]
DECODER_NAMES = {  # theirs -> ours
    "self_attn.q_proj": "self_attention.query",
    "self_attn.k_proj": "self_attention.key",
    "self_attn.v_proj": "self_attention.value",
    "self_attn.o_proj": "self_attention.output",
    "encoder_attn.q_proj": "cross_attention.query",
    "encoder_attn.k_proj": "cross_attention.key",
    "encoder_attn.v_proj": "cross_attention.value",
    "encoder_attn.o_proj": "cross_attention.output",
    "self_attn_layer_norm": "self_norm",
    "encoder_attn_layer_norm": "cross_norm",
    "final_layer_norm": "feedforward_norm",
    "mlp.fc1": "feedforward.0",
    "mlp.fc2": "feedforward.3",
}


def randomise(module: nn.Module) -> None:
    """Weights of a size that keeps every part of the module audible."""
    generator = torch.Generator().manual_seed(3)
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.copy_(torch.randn(parameter.shape, generator=generator) * 0.1)


def close(ours: Tensor, theirs: Tensor) -> bool:
    return bool((ours - theirs).abs().max() <= 1e-4 * theirs.abs().max())


@torch.inference_mode()
def test_feature_pyramid_equals_transformers():
    theirs = maskformer.MaskFormerPixelDecoder(
        in_features=CHANNELS[-1], lateral_widths=CHANNELS[:-1], feature_size=64, mask_feature_size=32
    ).eval()
    ours = FeaturePyramid(CHANNELS, width=64, mask_channels=32).eval()
    randomise(theirs)
    published = theirs.state_dict()
    names = {"mask_projection": "mask_projection", "fpn.stem.0": "coarsest.0", "fpn.stem.1": "coarsest.1"}
    for level in range(3):
        names |= {f"fpn.layers.{level}.proj.{part}": f"laterals.{level}.{part}" for part in (0, 1)}
        names |= {f"fpn.layers.{level}.block.{part}": f"smoothers.{level}.{part}" for part in (0, 1)}
    ours.load_state_dict(rename(published, names))
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
        "queries_embedder": "query_positions",
        "input_projection": "input_projection",
        "decoder.layernorm": "norm",
    }
    for layer in range(3):
        names |= {f"decoder.layers.{layer}.{a}": f"layers.{layer}.{b}" for a, b in DECODER_NAMES.items()}
    ours.load_state_dict(rename(theirs.state_dict(), names))
    memory = torch.randn(2, 56, 5, 9)

    states = ours(memory)
    assert close(states[-1], theirs(memory).last_hidden_state)


def rename(published: dict[str, Tensor], names: dict[str, str]) -> dict[str, Tensor]:
    """Raises KeyError where theirs has a tensor that no name covers."""
    split = ((key.rpartition("."), value) for key, value in published.items())
    return {f"{names[prefix]}.{leaf}": value for (prefix, _, leaf), value in split}
