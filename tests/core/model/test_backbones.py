import pytest
import torch
from torch import Tensor
from torch.nn.functional import batch_norm, conv2d, max_pool2d

from core.checkpoints.imagenet import PACKAGES, load_imagenet
from core.messages import StudioError
from core.model import BackboneSpec, LiteSpec, ResNetSpec, SwinSpec
from core.model.backbones import build_backbone
from core.model.backbones.swin import DropPath
from tests.parity.weights import close, randomise

SMALL = {
    "resnet": ResNetSpec(depths=(1, 1, 2, 1), widths=(16, 24, 32, 40), stem=(8,)),
    "swin": SwinSpec(width=16, depths=(1, 2, 2, 1), heads=(1, 2, 2, 4), window=4, drop_path=0.0),
    "lite": LiteSpec(width=0.5, depth=0.5),
}
DEEP_STEM = ResNetSpec(depths=(1, 2, 1, 3), widths=(16, 24, 32, 40), stem=(6, 6, 12), multi_grid=(1, 2, 4))
each_family = pytest.mark.parametrize("spec", SMALL.values(), ids=SMALL)


@pytest.fixture(autouse=True)
def _seeded() -> None:
    torch.manual_seed(0)


def small(spec: BackboneSpec) -> torch.nn.Module:
    backbone = build_backbone(spec).eval()
    randomise(backbone)
    return backbone


@each_family
@torch.inference_mode()
def test_any_size_of_picture(spec):
    """Every halving rounds up, and the widths are the ones it names."""
    backbone = small(spec)
    for height, width in [(96, 64), (97, 131), (33, 40)]:
        features = backbone(torch.randn(2, 3, height, width))
        sides = [(-(-height // stride), -(-width // stride)) for stride in (4, 8, 16, 32)]
        assert [f.shape for f in features] == [(2, c, h, w) for c, (h, w) in zip(backbone.channels, sides, strict=True)]


@each_family
@torch.inference_mode()
def test_memory_format_changes_nothing(spec):
    images = torch.randn(2, 3, 97, 131)
    plain = small(spec)(images)
    last = torch.channels_last
    permuted = small(spec).to(memory_format=last)(images.contiguous(memory_format=last))
    assert all(map(close, permuted, plain))


@each_family
def test_half_precision_stays_near(spec):
    images = torch.randn(1, 3, 97, 131)
    backbone = small(spec)
    with torch.inference_mode():
        exact = backbone(images)
        with torch.autocast("cpu", torch.bfloat16):
            near = backbone(images)
    for feature, expected in zip(near, exact, strict=True):
        assert (feature - expected).abs().mean() < 0.05 * expected.abs().mean()


@each_family
def test_every_parameter_learns(spec):
    backbone = small(spec).train()
    sum(feature.square().mean() for feature in backbone(torch.randn(2, 3, 64, 64))).backward()
    silent = [name for name, p in backbone.named_parameters() if p.grad is None or not p.grad.any()]
    assert [name for name in silent if not name.endswith("key.bias")] == []  # softmax does not see the keys' bias


@pytest.mark.parametrize(
    ("spec", "stem"),
    [("resnet", ["stem."]), ("swin", ["patch_embedding.", "patch_norm."]), ("lite", ["stem."])],
)
def test_frozen_parts_are_the_stem_and_the_first_stages(spec, stem):
    backbone = build_backbone(SMALL[spec])
    for part in backbone.frozen_parts(2):
        part.requires_grad_(False)
    prefixes = (*stem, "stages.0.", "stages.1.")
    for name, parameter in backbone.named_parameters():
        assert parameter.requires_grad != name.startswith(prefixes), name


def conv_norm(x: Tensor, weights: dict[str, Tensor], name: str, stride: int = 1, dilation: int = 1) -> Tensor:
    kernel = weights[f"{name}.0.weight"]
    x = conv2d(x, kernel, stride=stride, padding=(kernel.shape[-1] - 1) // 2 * dilation, dilation=dilation)
    statistics = (weights[f"{name}.1.{leaf}"] for leaf in ("running_mean", "running_var", "weight", "bias"))
    return batch_norm(x, *statistics, eps=1e-5)


def slow_deep_stemmed_resnet(images: Tensor, weights: dict[str, Tensor]) -> list[Tensor]:
    """ResNet-"c" from its description: three 3x3 in the stem, the stride in the 3x3, multi-grid in the last stage."""
    x = images
    for index, stride in enumerate((2, 1, 1)):
        x = conv_norm(x, weights, f"stem.{index}", stride).relu()
    x = max_pool2d(x, 3, 2, 1)
    features = []
    for stage, dilations in enumerate([(1,), (1, 1), (1,), (1, 2, 4)]):
        for block, dilation in enumerate(dilations):
            name = f"stages.{stage}.{block}"
            stride = 2 if stage > 0 and block == 0 else 1
            y = conv_norm(x, weights, f"{name}.reduce").relu()
            y = conv_norm(y, weights, f"{name}.filter", stride, dilation).relu()
            y = conv_norm(y, weights, f"{name}.expand")
            x = (y + (conv_norm(x, weights, f"{name}.shortcut", stride) if block == 0 else x)).relu()
        features.append(x)
    return features


@pytest.mark.parametrize("size", [(1, 333, 517), (3, 97, 65)])
@torch.inference_mode()
def test_deep_stem_and_multi_grid(size):
    batch, height, width = size
    backbone = small(DEEP_STEM)
    images = torch.randn(batch, 3, height, width)
    assert all(map(close, backbone(images), slow_deep_stemmed_resnet(images, backbone.state_dict())))


def test_stochastic_depth_skips_whole_pictures_and_keeps_the_mean():
    torch.manual_seed(0)
    drop_path = DropPath(0.25)
    dropped = drop_path(torch.ones(4000, 3, 5, 2))
    scales = dropped[:, 0, 0, 0]
    assert torch.equal(dropped, scales[:, None, None, None].expand_as(dropped))
    assert set(scales.tolist()) == {0.0, torch.tensor(1 / 0.75).item()}
    assert scales.mean().item() == pytest.approx(1, abs=0.03)
    assert torch.equal(drop_path.eval()(dropped), dropped)


@pytest.mark.parametrize(
    ("name", "channels"),
    [
        ("efficientnet_lite0", (24, 40, 112, 320)),
        ("efficientnet_lite1", (24, 40, 112, 320)),
        ("efficientnet_lite2", (24, 48, 120, 352)),
    ],
)
def test_imagenet_weights_fill_every_tensor_of_the_backbone(name, channels):
    pytest.importorskip(PACKAGES[name][0])
    backbone = build_backbone(name)
    before = {name: value.clone() for name, value in backbone.state_dict().items()}
    load_imagenet(backbone, name)
    after = backbone.state_dict()
    same = [name for name in before if torch.equal(after[name], before[name]) and "batches" not in name]
    assert same == []
    assert backbone.channels == channels


def test_backbones_without_imagenet_weights_are_named():
    with pytest.raises(StudioError, match="swin_tiny"):
        load_imagenet(build_backbone(SMALL["swin"]), "swin_tiny")
