"""Our ResNet and Swin give what transformers' backbones give on the same weights, for any size of picture."""

import re
from typing import Any

import pytest
import torch
from torch import nn

from core.model.backbones import BACKBONES, Backbone, BackboneSpec, ResNetSpec, SwinSpec, build_backbone
from tests.parity.weights import close, randomise, rename

transformers = pytest.importorskip("transformers")
maskformer_swin = pytest.importorskip("transformers.models.maskformer.modeling_maskformer_swin")

ALL_STAGES = ["stage1", "stage2", "stage3", "stage4"]
LEAF = r"\.(\w+)"

RESNET_NAMES = {  # theirs -> ours
    rf"embedder\.embedder\.convolution{LEAF}": r"stem.0.0.\1",
    rf"embedder\.embedder\.normalization{LEAF}": r"stem.0.1.\1",
    **{
        rf"encoder\.stages\.(\d)\.layers\.(\d+)\.{theirs}\.{kind}{LEAF}": rf"stages.\1.\2.{ours}.{index}.\3"
        for theirs, ours in (
            (r"layer\.0", "reduce"),
            (r"layer\.1", "filter"),
            (r"layer\.2", "expand"),
            ("shortcut", "shortcut"),
        )
        for index, kind in enumerate(("convolution", "normalization"))
    },
}
BLOCK = r"encoder\.layers\.(\d)\.blocks\.(\d+)"
OUR_BLOCK = r"stages.\1.blocks.\2"
SWIN_NAMES = {
    rf"embeddings\.patch_embeddings\.projection{LEAF}": r"patch_embedding.\1",
    rf"embeddings\.norm{LEAF}": r"patch_norm.\1",
    rf"{BLOCK}\.layernorm_before{LEAF}": rf"{OUR_BLOCK}.attention_norm.\3",
    rf"{BLOCK}\.layernorm_after{LEAF}": rf"{OUR_BLOCK}.feedforward_norm.\3",
    rf"encoder\.layers\.(\d)\.downsample\.(norm|reduction){LEAF}": r"stages.\1.merge.\2.\3",
}
MASKFORMER_SWIN_NAMES = {
    **SWIN_NAMES,
    rf"{BLOCK}\.attention\.self\.(query|key|value){LEAF}": rf"{OUR_BLOCK}.attention.\3.\4",
    rf"{BLOCK}\.attention\.self\.relative_position_bias_table": rf"{OUR_BLOCK}.attention.position_bias",
    rf"{BLOCK}\.attention\.output\.dense{LEAF}": rf"{OUR_BLOCK}.attention.output.\3",
    rf"{BLOCK}\.intermediate\.dense{LEAF}": rf"{OUR_BLOCK}.feedforward.0.\3",
    rf"{BLOCK}\.output\.dense{LEAF}": rf"{OUR_BLOCK}.feedforward.2.\3",
    rf"hidden_states_norms\.(\d){LEAF}": r"norms.\1.\2",
}
PLAIN_SWIN_NAMES = {
    **SWIN_NAMES,
    **{
        rf"{BLOCK}\.attention\.{theirs}_proj{LEAF}": rf"{OUR_BLOCK}.attention.{ours}.\3"
        for theirs, ours in (("q", "query"), ("k", "key"), ("v", "value"), ("o", "output"))
    },
    rf"{BLOCK}\.attention\.relative_position_bias\.\w+": rf"{OUR_BLOCK}.attention.position_bias",
    rf"{BLOCK}\.mlp\.fc1{LEAF}": rf"{OUR_BLOCK}.feedforward.0.\3",
    rf"{BLOCK}\.mlp\.fc2{LEAF}": rf"{OUR_BLOCK}.feedforward.2.\3",
    **{rf"hidden_states_norms\.stage{index + 1}{LEAF}": rf"norms.{index}.\1" for index in range(4)},
}
UNUSED = r".*relative_position_index|(model|swin)\.layernorm\..*"

ODD_RESNET = ResNetSpec(depths=(1, 2, 3, 1), widths=(16, 24, 40, 64), stem=(16,))
EQUAL_RESNET = ResNetSpec(depths=(2, 1, 1, 1), widths=(32, 32, 64, 64), stem=(32,))  # fewer shortcuts are projected
ODD_SWIN = SwinSpec(width=24, depths=(1, 3, 2, 2), heads=(2, 3, 4, 6), window=5)
EVEN_SWIN = SwinSpec(width=16, depths=(2, 2, 2, 2), heads=(1, 2, 4, 8), window=4)
SIZES = [(1, 333, 517), (3, 97, 65), (2, 128, 96), (1, 17, 31)]


@pytest.fixture(autouse=True)
def _seeded() -> None:
    torch.manual_seed(0)


def resnet_pair(spec: ResNetSpec) -> tuple[Backbone, nn.Module]:
    config = transformers.ResNetConfig(
        depths=list(spec.depths), hidden_sizes=list(spec.widths), embedding_size=spec.stem[0], out_features=ALL_STAGES
    )
    return pair(spec, transformers.ResNetBackbone(config), RESNET_NAMES)


def swin_numbers(spec: SwinSpec) -> dict[str, Any]:
    return {
        "embed_dim": spec.width,
        "depths": list(spec.depths),
        "num_heads": list(spec.heads),
        "window_size": spec.window,
        "out_features": ALL_STAGES,
    }


def swin_pair(spec: SwinSpec) -> tuple[Backbone, nn.Module]:
    config = transformers.models.maskformer.MaskFormerSwinConfig(**swin_numbers(spec))
    return pair(spec, maskformer_swin.MaskFormerSwinBackbone(config), MASKFORMER_SWIN_NAMES)


def plain_swin_pair(spec: SwinSpec) -> tuple[Backbone, nn.Module]:
    return pair(spec, transformers.SwinBackbone(transformers.SwinConfig(**swin_numbers(spec))), PLAIN_SWIN_NAMES)


def pair(spec: BackboneSpec, theirs: nn.Module, names: dict[str, str]) -> tuple[Backbone, nn.Module]:
    """Both with the same drawn weights."""
    randomise(theirs)
    stored = {re.sub(r"^(model|swin)\.(?!layernorm)", "", name): value for name, value in theirs.state_dict().items()}
    ours = build_backbone(spec).eval()
    ours.load_state_dict(
        rename({name: value for name, value in stored.items() if not re.fullmatch(UNUSED, name)}, names)
    )
    return ours, theirs.eval()


@torch.inference_mode()
def assert_equal(backbones: tuple[Backbone, nn.Module], sizes: list[tuple[int, int, int]]) -> None:
    ours, theirs = backbones
    for batch, height, width in sizes:
        images = torch.randn(batch, 3, height, width)
        for feature, expected in zip(ours(images), theirs(images).feature_maps, strict=True):
            assert close(feature, expected), (batch, height, width)


@pytest.mark.parametrize("spec", [ODD_RESNET, EQUAL_RESNET])
def test_small_resnets(spec):
    assert_equal(resnet_pair(spec), SIZES)


@pytest.mark.parametrize("spec", [ODD_SWIN, EVEN_SWIN])
@pytest.mark.parametrize("pair_of", [swin_pair, plain_swin_pair])
def test_small_swins(spec, pair_of):
    assert_equal(pair_of(spec), SIZES)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["resnet50", "swin_tiny"])  # the others are tested whole
def test_published_backbones(name):
    pair_of = swin_pair if name.startswith("swin") else resnet_pair
    assert_equal(pair_of(BACKBONES[name]), [(1, 333, 517), (3, 97, 65)])
