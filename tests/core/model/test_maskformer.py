from dataclasses import replace

import pytest
import torch
from torch import nn

from core.model import MaskFormer, MaskFormerConfig, build_network

SMALL = MaskFormerConfig(
    num_classes=5,
    num_queries=7,
    width=32,
    mask_channels=16,
    pixel_decoder_width=32,
    decoder_layers=3,
    attention_heads=4,
    feedforward_width=48,
)


@pytest.fixture(scope="module")
def model() -> MaskFormer:
    torch.manual_seed(0)
    return MaskFormer(SMALL).eval()


@pytest.mark.parametrize("hw", [(32, 32), (64, 96), (160, 32)])
@torch.inference_mode()
def test_shapes_follow_the_picture(model, hw):
    output = model(torch.randn(2, 3, *hw))

    h, w = hw[0] // 4, hw[1] // 4
    assert output.class_logits.shape == (2, 7, 6)
    assert output.mask_embeddings.shape == (2, 7, 16)
    assert output.pixel_embeddings.shape == (2, 16, h, w)
    assert output.mask_logits.shape == (2, 7, h, w)
    assert len(output.layers) == 3


@torch.inference_mode()
def test_mask_logits_are_the_dot_products(model):
    output = model(torch.randn(1, 3, 64, 64))

    expected = sum(
        output.mask_embeddings[0, 4, c].item() * output.pixel_embeddings[0, c, 9, 5].item() for c in range(16)
    )
    assert output.mask_logits[0, 4, 9, 5].item() == pytest.approx(expected, rel=1e-4, abs=1e-5)


@torch.inference_mode()
def test_a_batch_equals_its_pictures(model):
    images = torch.randn(3, 3, 64, 96)
    together = model(images)
    for index, image in enumerate(images):
        alone = model(image[None])
        torch.testing.assert_close(together.mask_logits[index], alone.mask_logits[0], rtol=1e-4, atol=1e-5)
        torch.testing.assert_close(together.class_logits[index], alone.class_logits[0], rtol=1e-4, atol=1e-5)


@torch.inference_mode()
def test_the_order_of_queries_carries_through(model):
    """Queries are a set: swapping two learned positions swaps two predictions and nothing else."""
    images = torch.randn(1, 3, 64, 64)
    before = model(images)
    positions = model.transformer_decoder.query_positions.weight
    order = torch.tensor([0, 5, 2, 3, 4, 1, 6])
    original = positions.clone()
    positions.copy_(original[order])
    after = model(images)
    positions.copy_(original)

    torch.testing.assert_close(after.mask_logits[0], before.mask_logits[0, order], rtol=1e-4, atol=1e-5)


def test_every_layer_is_supervised(model):
    model.train()
    output = model(torch.randn(2, 3, 64, 64))
    sum(
        layer.class_logits.square().mean() + layer.mask_embeddings.square().mean() for layer in output.layers
    ).backward()
    silent = [
        name
        for name, parameter in model.transformer_decoder.named_parameters()
        if parameter.grad is None or not parameter.grad.any()
    ]
    model.eval()
    # the first layer's queries are zero, and so are its values and what its norm scales
    assert {name for name in silent if not name.startswith("layers.0.self_")} == set()


@torch.inference_mode()
def test_the_encoder_speaks_to_both_decoders():
    """With a transformer encoder its output takes the place of the stride-32 features, for pixels and queries."""
    torch.manual_seed(0)
    model = MaskFormer(replace(SMALL, encoder_layers=2)).eval()
    assert isinstance(model.transformer_decoder.input_projection, nn.Identity)  # the widths agree
    images = torch.randn(1, 3, 64, 96)
    before = model(images)
    model.pixel_decoder.encoder[1].feedforward_norm.bias.add_(1)
    after = model(images)
    assert not torch.allclose(before.pixel_embeddings, after.pixel_embeddings, atol=1e-3)
    assert not torch.allclose(before.mask_embeddings, after.mask_embeddings, atol=1e-3)


@torch.inference_mode()
def test_queries_may_attend_to_finer_features():
    torch.manual_seed(0)
    model = MaskFormer(replace(SMALL, memory_stride=16)).eval()
    assert model.transformer_decoder.input_projection.in_channels == 112
    assert model(torch.randn(1, 3, 64, 96)).mask_logits.shape == (1, 7, 16, 24)


@pytest.mark.parametrize(
    ("backbone", "millions"),  # as the paper publishes them for ADE20K
    [
        ("resnet50", 41.3),
        ("resnet101", 60.3),
        ("swin_tiny", 41.8),
        ("swin_small", 63.1),
        ("swin_base", 101.8),
        ("swin_large", 211.6),
    ],
)
def test_published_networks_have_the_published_size(backbone, millions):
    with torch.device("meta"):
        network = build_network(MaskFormerConfig(num_classes=150, backbone=backbone))
    assert round(sum(p.numel() for p in network.parameters()) / 1e6, 1) == millions
