"""Backbones by name: a row names the variant; each yields features at strides 4, 8, 16 and 32."""

from core.messages import StudioError
from core.model.backbones.efficientnet_lite import EFFICIENTNET_LITE, EfficientNetLite

BACKBONES = {**EFFICIENTNET_LITE}


def build_backbone(name: str) -> EfficientNetLite:
    """An untrained backbone.

    Raises:
        StudioError: no row has this name.
    """
    if name not in BACKBONES:
        raise StudioError("error.unknown_backbone", name=name, known=", ".join(BACKBONES))
    return EfficientNetLite(BACKBONES[name])


__all__ = ["BACKBONES", "EfficientNetLite", "build_backbone"]
