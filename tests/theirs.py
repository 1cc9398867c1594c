"""transformers' MaskFormer with weights drawn from a seed: the other side of every comparison."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

RESNET_50: dict[str, Any] = {"model_type": "resnet", "depths": [3, 4, 6, 3]}
RESNET_101: dict[str, Any] = {"model_type": "resnet", "depths": [3, 4, 23, 3]}
SWIN_TINY: dict[str, Any] = {"model_type": "maskformer-swin"}
SWIN_BASE: dict[str, Any] = {
    "model_type": "maskformer-swin",
    "embed_dim": 128,
    "depths": [2, 2, 18, 2],
    "num_heads": [4, 8, 16, 32],
    "window_size": 12,
}
STAGES = ["stage1", "stage2", "stage3", "stage4"]
PUBLISHED_DECODER: dict[str, Any] = {}


@dataclass(frozen=True)
class Variant:
    """Everything that makes one network, as transformers counts it."""

    backbone: dict[str, Any]
    decoder: dict[str, Any]
    labels: Sequence[str]
    pixel_decoder_width: int = 256
    mask_channels: int = 256


NUMBERED = [f"class {index}" for index in range(150)]
PUBLISHED = {
    name: Variant(backbone, PUBLISHED_DECODER, NUMBERED)
    for name, backbone in {
        "resnet50": RESNET_50,
        "resnet101": RESNET_101,
        "swin_tiny": SWIN_TINY,
        "swin_base": SWIN_BASE,
    }.items()
}

ODD_DECODER: dict[str, Any] = {
    "d_model": 48,
    "num_queries": 7,
    "decoder_layers": 3,
    "decoder_attention_heads": 4,
    "decoder_ffn_dim": 40,
}
ODD = {  # small networks whose numbers all differ from the published ones and from each other
    "resnet": Variant(
        {
            "model_type": "resnet",
            "depths": [1, 3, 2, 1],
            "hidden_sizes": [24, 40, 56, 72],
            "embedding_size": 20,
        },
        ODD_DECODER,
        NUMBERED[:5],
        pixel_decoder_width=64,
        mask_channels=36,
    ),
    "resnet, no input projection": Variant(
        {"model_type": "resnet", "depths": [1, 1, 1, 1], "hidden_sizes": [16, 24, 32, 48], "embedding_size": 8},
        ODD_DECODER,
        NUMBERED[:1],
        pixel_decoder_width=32,
        mask_channels=20,
    ),
    "swin": Variant(
        {
            "model_type": "maskformer-swin",
            "embed_dim": 24,
            "depths": [1, 2, 3, 2],
            "num_heads": [2, 3, 6, 8],
            "window_size": 5,
        },
        {**ODD_DECODER, "d_model": 64, "decoder_layers": 1},
        NUMBERED[:11],
        pixel_decoder_width=96,
        mask_channels=64,
    ),
    "swin, even window": Variant(
        {
            "model_type": "maskformer-swin",
            "embed_dim": 16,
            "depths": [2, 1, 2, 1],
            "num_heads": [1, 2, 4, 4],
            "window_size": 4,
        },
        {**ODD_DECODER, "num_queries": 3},
        NUMBERED[:2],
        pixel_decoder_width=64,
        mask_channels=24,
    ),
}


def build(variant: Variant, seed: int = 0) -> Any:
    """A ``MaskFormerForInstanceSegmentation`` in evaluation mode, every part of which can be heard in its output."""
    from transformers import MaskFormerConfig, MaskFormerForInstanceSegmentation

    config = MaskFormerConfig(
        backbone_config={**variant.backbone, "out_features": STAGES},
        decoder_config={"model_type": "detr", **variant.decoder},
        id2label=dict(enumerate(variant.labels)),
        fpn_feature_size=variant.pixel_decoder_width,
        mask_feature_size=variant.mask_channels,
    )
    torch.manual_seed(seed)
    network = MaskFormerForInstanceSegmentation(config).eval()
    _make_audible(network, seed)
    _settle_residuals(network)
    return network


@torch.no_grad()
def _make_audible(network: nn.Module, seed: int) -> None:
    """Redraws what initialisation leaves so small or so plain that attention would not look anywhere."""
    generator = torch.Generator().manual_seed(seed)
    for name, tensor in network.state_dict().items():
        if not tensor.is_floating_point():
            continue
        drawn = torch.randn(tensor.shape, generator=generator)
        if name.endswith("running_var"):
            tensor.mul_(1 + 0.2 * drawn.abs())
        elif name.endswith(("queries_embedder.weight", "relative_position_bias_table")):
            tensor.copy_(drawn)
        elif tensor.dim() == 2:
            tensor.copy_(drawn / tensor.shape[1] ** 0.5)
        elif tensor.dim() == 1:
            tensor.add_(0.2 * drawn)


@torch.no_grad()
def _settle_residuals(network: nn.Module) -> None:
    """Gives batch norms the statistics of what they see and residual branches a fifth of it, as training does.

    With drawn ones the features of 101 layers grow to 5e4 and attention to one-hot choices, where rounding decides:
    transformers in float32 is then 2e-3 away from itself in float64.
    """
    norms = {name: module for name, module in network.named_modules() if isinstance(module, nn.BatchNorm2d)}
    for name, norm in norms.items():
        norm.momentum = 1.0
        norm.train()
        if name.endswith("layer.2.normalization"):  # a bottleneck's last
            norm.weight.mul_(0.2)
    if norms:
        network(pixel_values=pictures(1, 192, 256, seed=5))
    for norm in norms.values():
        norm.eval()


def pictures(batch: int, height: int, width: int, seed: int = 1) -> Tensor:
    """Normalised pictures (B, 3, H, W) with coarse and fine structure."""
    generator = torch.Generator().manual_seed(seed)
    coarse = torch.randn(batch, 3, 5, 7, generator=generator)
    smooth = nn.functional.interpolate(coarse, size=(height, width), mode="bicubic", align_corners=False)
    return smooth + 0.3 * torch.randn(batch, 3, height, width, generator=generator)


def answers(network: Any, images: Tensor) -> dict[str, Tensor]:
    """Class logits, mask logits at stride 4 and pixel embeddings."""
    output = network(pixel_values=images)
    return {
        "class_logits": output.class_queries_logits,
        "mask_logits": output.masks_queries_logits,
        "pixel_embeddings": output.pixel_decoder_last_hidden_state,
    }
