"""MaskFormer (arXiv 2107.06278): a picture goes in, N (class distribution, mask) pairs come out."""

from core.model.backbones import BACKBONES, BackboneSpec, LiteSpec, ResNetSpec, SwinSpec
from core.model.config import MaskFormerConfig
from core.model.maskformer import LayerPrediction, MaskFormer, MaskFormerOutput
from core.model.per_pixel import PerPixelBaseline, PerPixelBaselinePlus, PerPixelOutput
from core.model.seeded import SeededMaskFormer

Network = MaskFormer | PerPixelBaseline | PerPixelBaselinePlus

NETWORKS: dict[str, type[Network]] = {
    "mask": MaskFormer,
    "per_pixel": PerPixelBaseline,
    "per_pixel_plus": PerPixelBaselinePlus,
}


def build_network(config: MaskFormerConfig) -> Network:
    """The untrained network of the configuration's formulation."""
    return (SeededMaskFormer if config.seeds else NETWORKS[config.formulation])(config)


__all__ = [
    "BACKBONES",
    "BackboneSpec",
    "LayerPrediction",
    "LiteSpec",
    "MaskFormer",
    "MaskFormerConfig",
    "MaskFormerOutput",
    "Network",
    "PerPixelBaseline",
    "PerPixelBaselinePlus",
    "PerPixelOutput",
    "ResNetSpec",
    "SwinSpec",
    "build_network",
]
