"""Files in the paper's own layout: their tensors tell the network, and it computes what the paper's does."""

from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import Tensor

from core.checkpoints import load_checkpoint
from core.checkpoints.detectron2_config import infer_config
from core.checkpoints.published import ZooRow, published
from core.model import BACKBONES, ResNetSpec, SwinSpec
from tests.core.checkpoints.detectron2_keys import in_detectron2_layout
from tests.core.checkpoints.detectron2_reference import (
    BASE,
    DEEP,
    ENCODER,
    PER_PIXEL,
    PLUS,
    Reference,
    Weights,
    drawn,
    forward,
    stored,
)

TOLERANCE = 1e-4  # of the largest value


def shapes_of(size: Reference) -> dict[str, tuple[int, ...]]:
    """The list of tensors of a network of any size, without its weights."""
    weights = Weights("meta")
    forward(weights, size, torch.empty(1, 3, 64, 64, device="meta"))
    return {name: tuple(tensor.shape) for name, tensor in weights.items()}


def assert_close(got: Tensor, expected: Tensor) -> None:
    assert got.shape == expected.shape
    assert (got - expected).abs().max() <= TOLERANCE * expected.abs().max()


@pytest.mark.parametrize(
    "size",
    [
        pytest.param(BASE, id="base"),
        pytest.param(replace(BASE, part=""), id="base, old names"),
        pytest.param(ENCODER, id="encoder"),
        pytest.param(replace(ENCODER, part="", width=64), id="encoder of another width, old names"),
        pytest.param(DEEP, id="deep stem"),
        pytest.param(replace(DEEP, encoder_layers=1, part=""), id="deep stem, encoder, old names"),
        pytest.param(PER_PIXEL, id="per pixel"),
        pytest.param(replace(PER_PIXEL, encoder_layers=1, part=""), id="per pixel, encoder, old names"),
        pytest.param(PLUS, id="per pixel plus"),
        pytest.param(replace(PLUS, stem=(8, 8, 12), multi_grid=(1, 2, 4), part=""), id="per pixel plus, deep, old"),
    ],
)
def test_a_file_computes_what_the_paper_s_network_does(tmp_path, size):
    images = torch.randn(2, 3, 75, 109, generator=torch.Generator().manual_seed(1))
    weights, expected = drawn(size, images)
    checkpoint = load_checkpoint(stored(tmp_path, weights))
    with torch.inference_mode():
        output = checkpoint.model(images)
    for name, values in expected.items():
        assert_close(getattr(output, name), values)
    assert len(checkpoint.taxonomy) == checkpoint.config.num_classes == size.classes
    assert checkpoint.config.backbone == ResNetSpec(size.depths, size.widths, size.stem, size.multi_grid)


def transformers_model(backbone: Any, **others: Any) -> Any:
    transformers = pytest.importorskip("transformers")
    sizes = {"d_model": 64, "decoder_layers": 2, "decoder_attention_heads": 8, "decoder_ffn_dim": 96}
    config = transformers.MaskFormerConfig(
        backbone_config=backbone,
        fpn_feature_size=32,
        mask_feature_size=24,
        num_labels=6,
        decoder_config=transformers.DetrConfig(num_queries=9, **sizes),
        **others,
    )
    torch.manual_seed(3)
    model = transformers.MaskFormerForInstanceSegmentation(config).eval()
    with torch.no_grad():
        for name, tensor in model.state_dict().items():
            if tensor.dim() == 1:  # norms and biases start at 0 and 1: there, mixed-up names would not show
                tensor += torch.rand_like(tensor) * (1 if "running_var" in name else 0.2)
    return model


def small_backbone(family: str) -> Any:
    transformers = pytest.importorskip("transformers")
    stages = ["stage1", "stage2", "stage3", "stage4"]
    if family == "resnet":
        sizes = {"depths": [1, 2, 1, 2], "hidden_sizes": [64, 128, 192, 256], "embedding_size": 16}
        return transformers.ResNetConfig(**sizes, out_features=stages)
    sizes = {"depths": [2, 1, 2, 1], "embed_dim": 24, "num_heads": [1, 2, 3, 6], "window_size": 5}
    return transformers.SwinConfig(**sizes, out_features=stages)


@pytest.mark.parametrize("part", ["pixel_decoder.", ""], ids=["new names", "old names"])
@pytest.mark.parametrize("family", ["resnet", "swin"])
def test_a_file_computes_what_transformers_does(tmp_path, family, part):
    model = transformers_model(small_backbone(family))
    images = torch.randn(1, 3, 96, 117, generator=torch.Generator().manual_seed(2))
    with torch.inference_mode():
        expected = model(images, output_auxiliary_logits=False)
        checkpoint = load_checkpoint(stored(tmp_path, in_detectron2_layout(model.state_dict(), part=part)))
        output = checkpoint.model(images)
    assert_close(output.class_logits, expected.class_queries_logits)
    assert_close(output.mask_logits, expected.masks_queries_logits)
    assert_close(output.pixel_embeddings, expected.pixel_decoder_last_hidden_state)


def reference_for(row: ZooRow) -> Reference:
    """The sizes that the paper states for one of its ResNets."""
    depths, stem = {
        "resnet50": ((3, 4, 6, 3), (64,)),
        "resnet101": ((3, 4, 23, 3), (64,)),
        "resnet101c": ((3, 4, 23, 3), (64, 64, 128)),
    }[row.backbone]
    return Reference(
        depths=depths,
        widths=(256, 512, 1024, 2048),
        stem=stem,
        pixel_width=256,
        mask_channels=256,
        width=256,
        queries=row.classes if row.formulation == "per_pixel_plus" else 100,
        classes=row.classes,
        hidden=2048,
        encoder_layers=row.encoder_layers,
        decoder_layers=6,
        formulation=row.formulation,
    )


PUBLISHED = {(row.backbone, row.encoder_layers, row.formulation): row for row in published()}


@pytest.mark.parametrize("row", PUBLISHED.values(), ids=lambda row: f"{row.title} {row.data}")
def test_the_tensors_of_a_published_file_tell_its_network(row):
    if row.backbone.startswith("resnet"):
        shapes = shapes_of(reference_for(row))
    else:
        spec = BACKBONES[row.backbone]
        assert isinstance(spec, SwinSpec)
        sizes = {"embed_dim": spec.width, "depths": spec.depths, "num_heads": spec.heads, "window_size": spec.window}
        shapes = swin_shapes(row, sizes)
    assert infer_config(shapes, file="model_final.pkl") == row.config()


def swin_shapes(row: ZooRow, sizes: dict[str, Any]) -> dict[str, tuple[int, ...]]:
    """What transformers' network of this size has, in the paper's layout."""
    transformers = pytest.importorskip("transformers")
    stages = ["stage1", "stage2", "stage3", "stage4"]
    config = transformers.MaskFormerConfig(
        backbone_config=transformers.SwinConfig(**sizes, out_features=stages), num_labels=row.classes
    )
    with torch.device("meta"):
        model = transformers.MaskFormerForInstanceSegmentation(config)
    return {name: tuple(tensor.shape) for name, tensor in in_detectron2_layout(model.state_dict()).items()}
