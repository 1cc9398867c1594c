"""Backbones by name: a row names the variant; each yields features at strides 4, 8, 16 and 32."""

from dataclasses import asdict, fields
from typing import Any

from core.messages import StudioError
from core.model.backbones.backbone import STRIDES, Backbone
from core.model.backbones.efficientnet_lite import EFFICIENTNET_LITES, EfficientNetLite, LiteSpec
from core.model.backbones.resnet import RESNETS, ResNet, ResNetSpec
from core.model.backbones.swin import SWINS, Swin, SwinSpec

BackboneSpec = LiteSpec | ResNetSpec | SwinSpec

BACKBONES: dict[str, BackboneSpec] = {**EFFICIENTNET_LITES, **RESNETS, **SWINS}
FAMILIES: dict[str, type[BackboneSpec]] = {"efficientnet_lite": LiteSpec, "resnet": ResNetSpec, "swin": SwinSpec}


def build_backbone(which: str | BackboneSpec) -> Backbone:
    """An untrained backbone: a row's name, or numbers of one's own.

    Raises:
        StudioError: no row has this name.
    """
    match spec_of(which):
        case LiteSpec() as spec:
            return EfficientNetLite(spec)
        case ResNetSpec() as spec:
            return ResNet(spec)
        case SwinSpec() as spec:
            return Swin(spec)


def spec_of(which: str | BackboneSpec) -> BackboneSpec:
    """The numbers of a row; raises StudioError where no row has this name."""
    if isinstance(which, BackboneSpec):
        return which
    if not isinstance(which, str) or which not in BACKBONES:
        raise StudioError("error.unknown_backbone", name=which, known=", ".join(BACKBONES))
    return BACKBONES[which]


def name_of(spec: BackboneSpec) -> str | None:
    """The name of the row with these numbers, where there is one."""
    return next((name for name, row in BACKBONES.items() if row == spec), None)


def spec_to_json(spec: BackboneSpec) -> dict[str, Any]:
    """The family and its numbers."""
    family = next(name for name, kind in FAMILIES.items() if isinstance(spec, kind))
    return {"family": family, **asdict(spec)}


def spec_from_json(row: dict[str, Any]) -> BackboneSpec:
    """Reads what :func:`spec_to_json` wrote; raises StudioError for families and fields that are unknown or missing."""
    kind = FAMILIES.get(str(row.get("family")))
    numbers: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in row.items()}
    numbers.pop("family", None)
    if kind is None or set(numbers) - {field.name for field in fields(kind)}:
        raise StudioError("error.config_fields", what=f"backbone = {row}")
    try:
        return kind(**numbers)
    except TypeError as error:
        raise StudioError("error.config_fields", what=f"backbone = {row}") from error


__all__ = [
    "BACKBONES",
    "STRIDES",
    "Backbone",
    "BackboneSpec",
    "EfficientNetLite",
    "LiteSpec",
    "ResNet",
    "ResNetSpec",
    "Swin",
    "SwinSpec",
    "build_backbone",
    "name_of",
    "spec_from_json",
    "spec_of",
    "spec_to_json",
]
