import pytest
import torch

from core.checkpoints.imagenet import load_imagenet
from core.messages import StudioError
from core.model import MaskFormer, MaskFormerConfig
from core.model.backbones import build_backbone

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


def test_backbone_strides_and_channels_are_the_published_ones():
    backbone = build_backbone("efficientnet_lite0").eval()
    with torch.inference_mode():
        features = backbone(torch.randn(1, 3, 96, 64))
    assert [tuple(f.shape[1:]) for f in features] == [(24, 24, 16), (40, 12, 8), (112, 6, 4), (320, 3, 2)]
    assert backbone.channels == (24, 40, 112, 320)


def test_imagenet_weights_fill_every_tensor_of_the_backbone():
    backbone = build_backbone("efficientnet_lite0")
    before = {name: value.clone() for name, value in backbone.state_dict().items()}
    load_imagenet(backbone, "efficientnet_lite0")
    after = backbone.state_dict()
    same = [name for name in before if torch.equal(after[name], before[name]) and "batches" not in name]
    assert same == []


@pytest.mark.parametrize(
    "wrong", [{"num_queries": 0}, {"width": 30}, {"memory_stride": 7}, {"decoder_layers": -1}, {"num_classes": "5"}]
)
def test_configuration_refuses_what_cannot_be_built(wrong):
    with pytest.raises(StudioError):
        MaskFormerConfig(**{"num_classes": 5, **wrong})


def test_configuration_survives_json():
    assert MaskFormerConfig.from_json(SMALL.to_json()) == SMALL
    with pytest.raises(StudioError, match="widht"):
        MaskFormerConfig.from_json({**SMALL.to_json(), "widht": 3})
    with pytest.raises(StudioError, match="num_classes"):
        MaskFormerConfig.from_json({"width": 32})
