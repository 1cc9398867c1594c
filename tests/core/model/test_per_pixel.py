from dataclasses import replace

import pytest
import torch

from core.model import (
    MaskFormer,
    MaskFormerConfig,
    PerPixelBaseline,
    PerPixelBaselinePlus,
    ResNetSpec,
    SwinSpec,
    build_network,
)

SMALL = MaskFormerConfig(
    num_classes=7,
    backbone=ResNetSpec(depths=(1, 1, 1, 1), widths=(16, 24, 32, 40), stem=(8,)),
    num_queries=7,
    width=32,
    mask_channels=16,
    pixel_decoder_width=32,
    decoder_layers=3,
    attention_heads=4,
    feedforward_width=48,
)
SWIN = SwinSpec(width=16, depths=(1, 2, 2, 1), heads=(1, 2, 2, 4), window=4)


@pytest.fixture(autouse=True)
def _seeded() -> None:
    torch.manual_seed(0)


@pytest.mark.parametrize(
    ("formulation", "kind"),
    [("mask", MaskFormer), ("per_pixel", PerPixelBaseline), ("per_pixel_plus", PerPixelBaselinePlus)],
)
def test_the_formulation_chooses_the_network(formulation, kind):
    assert type(build_network(replace(SMALL, formulation=formulation))) is kind


@pytest.mark.parametrize("encoder_layers", [0, 2])
@pytest.mark.parametrize("backbone", [SMALL.backbone, SWIN])
@pytest.mark.parametrize(("formulation", "layers"), [("per_pixel", 1), ("per_pixel_plus", 3)])
@torch.inference_mode()
def test_every_pixel_gets_a_logit_for_every_class(backbone, formulation, layers, encoder_layers):
    config = replace(SMALL, backbone=backbone, formulation=formulation, encoder_layers=encoder_layers)
    output = build_network(config).eval()(torch.randn(2, 3, 61, 90))
    assert output.pixel_embeddings.shape == (2, 16, 16, 23)
    assert [tuple(layer.shape) for layer in output.layers] == [(2, 7, 16, 23)] * layers
    assert output.class_logits is output.layers[-1]


@torch.inference_mode()
def test_the_plain_baseline_is_linear_in_the_pixel_embedding():
    network = build_network(replace(SMALL, formulation="per_pixel")).eval()
    output = network(torch.randn(1, 3, 64, 96))
    weight, bias = network.classifier.weight[:, :, 0, 0], network.classifier.bias
    expected = weight @ output.pixel_embeddings[0, :, 3, 5] + bias
    torch.testing.assert_close(output.class_logits[0, :, 3, 5], expected, rtol=1e-4, atol=1e-5)


@torch.inference_mode()
def test_the_baseline_with_queries_is_maskformer_without_class_head():
    """On MaskFormer's own weights its class logits are MaskFormer's mask logits, layer by layer."""
    torch.manual_seed(0)
    maskformer = build_network(SMALL).eval()
    baseline = build_network(replace(SMALL, formulation="per_pixel_plus")).eval()
    unused = baseline.load_state_dict(maskformer.state_dict(), strict=False)
    assert not unused.missing_keys
    assert {name.partition(".")[0] for name in unused.unexpected_keys} == {"class_head"}
    images = torch.randn(2, 3, 64, 96)
    masks, classes = maskformer(images), baseline(images)
    for prediction, logits in zip(masks.layers, classes.layers, strict=True):
        expected = torch.einsum("bqc,bchw->bqhw", prediction.mask_embeddings, masks.pixel_embeddings)
        torch.testing.assert_close(logits, expected, rtol=1e-4, atol=1e-4)
