import json
from dataclasses import replace

import pytest

from core.messages import StudioError
from core.model import BACKBONES, LiteSpec, MaskFormerConfig, ResNetSpec, SwinSpec

PLAIN = MaskFormerConfig(num_classes=5, width=32, pixel_decoder_width=32)
ODD_SPECS = [
    ResNetSpec(depths=(1, 2, 1, 3), widths=(16, 24, 32, 40), stem=(8, 8, 16), multi_grid=(1, 2, 4)),
    SwinSpec(width=24, depths=(1, 2, 1, 1), heads=(1, 2, 3, 4), window=5, drop_path=0.1),
    LiteSpec(width=0.5, depth=0.7),
]


def through_json(config: MaskFormerConfig) -> MaskFormerConfig:
    return MaskFormerConfig.from_json(json.loads(json.dumps(config.to_json())))


@pytest.mark.parametrize("backbone", [*ODD_SPECS, "resnet101c", "swin_base"])
def test_it_survives_json(backbone):
    config = replace(PLAIN, backbone=backbone, encoder_layers=6, formulation="per_pixel")
    assert through_json(config) == config


def test_a_row_is_written_by_its_name():
    numbers = SwinSpec(width=96, depths=(2, 2, 6, 2), heads=(3, 6, 12, 24), window=7)
    assert replace(PLAIN, backbone=numbers).to_json()["backbone"] == "swin_tiny"


def test_older_files_load():
    older = {"num_classes": 13, "backbone": "efficientnet_lite0", "width": 192, "dropout": 0.0, "memory_stride": 32}
    config = MaskFormerConfig.from_json(older)
    assert (config.encoder_layers, config.formulation) == (0, "mask")


@pytest.mark.parametrize(
    "wrong",
    [
        {"num_queries": 0},
        {"width": 30},
        {"memory_stride": 7},
        {"decoder_layers": -1},
        {"encoder_layers": -1},
        {"num_classes": "5"},
        {"num_classes": True},
        {"pixel_decoder_width": 48},
        {"pixel_decoder_width": 32, "attention_heads": 12, "width": 48, "encoder_layers": 1},
        {"formulation": "per_region"},
        {"formulation": "per_pixel_plus", "num_queries": 100},
        {"dropout": 1.5},
        {"dropout": "0.1"},
        {"backbone": "resnet18"},
        {"backbone": None},
        {"backbone": ["resnet50"]},
        {"decoder_layers": 2**40},
        {"encoder_layers": 1001},
        {"width": 2**40},
        {"pixel_decoder_width": 2**40},
        {"num_queries": 2**40},
        {"num_classes": 2**40},
    ],
)
def test_what_cannot_be_built_is_refused(wrong):
    with pytest.raises(StudioError):
        MaskFormerConfig(**{"num_classes": 5, **wrong})


@pytest.mark.parametrize(
    "row",
    [
        {"family": "resnet"},
        {"family": "resnext", "depths": [3, 4, 6, 3]},
        {"family": "resnet", "depths": [3, 4, 6, 3], "cardinality": 32},
        {"family": "resnet", "depths": [3, 4, 6]},
        {"family": "resnet", "depths": [3, 4, 6, 3], "widths": [255, 512, 1024, 2048]},
        {"family": "resnet", "depths": [3, 4, 6, 3], "multi_grid": [1, 2]},
        {"family": "resnet", "depths": [3, 4, 6, 3], "stem": []},
        {"family": "resnet", "depths": "3463"},
        {"family": "resnet", "depths": [3, 4, 6, "3"]},
        {"family": "swin", "width": 96, "depths": [2, 2, 6, 2], "heads": [3, 6, 12, 25], "window": 7},
        {"family": "swin", "width": 96, "depths": [2, 2, 6, 2], "heads": [3, 6, 12, 24], "window": 0},
        {"family": "swin", "width": 96, "depths": [2, 2, 6, 2], "heads": [3, 6, 12, 24], "window": 7, "drop_path": 1},
        {"family": "efficientnet_lite", "width": 0, "depth": 1},
        {"family": ["resnet"]},
        {"family": "resnet", "depths": [3, 4, 6, 2**40]},
        {"family": "resnet", "depths": [3, 4, 6, 3.5]},
        {"family": "resnet", "depths": [3, 4, 6, 3], "widths": [256, 512, 1024, 2**40]},
        {"family": "resnet", "depths": 3},
        {"family": "swin", "width": 96, "depths": [2, 2, 6, 2**40], "heads": [3, 6, 12, 24], "window": 7},
        {"family": "swin", "width": 96.0, "depths": [2, 2, 6, 2], "heads": [3, 6, 12, 24], "window": 7},
        {"family": "swin", "width": 2**40, "depths": [2, 2, 6, 2], "heads": [1, 1, 1, 1], "window": 7},
        {"family": "swin", "width": 96, "depths": [2, 2, 6, 2], "heads": [3, 6, 12, 24], "window": 2**20},
        {"family": "swin", "width": 96, "depths": [2, 2, 6, 2], "heads": [3, 6, 12, 0], "window": 7},
        {"family": "efficientnet_lite", "width": 1, "depth": 1e12},
        {"family": "efficientnet_lite", "width": 1e12, "depth": 1},
        {"family": "efficientnet_lite", "width": "1", "depth": 1},
    ],
)
def test_backbones_that_cannot_be_built_are_refused(row):
    with pytest.raises(StudioError):
        MaskFormerConfig.from_json({"num_classes": 5, "backbone": row})


def test_fields_that_are_unknown_or_missing_are_named():
    with pytest.raises(StudioError, match="widht"):
        MaskFormerConfig.from_json({**PLAIN.to_json(), "widht": 3})
    with pytest.raises(StudioError, match="num_classes"):
        MaskFormerConfig.from_json({"width": 32})


def test_the_table_names_every_published_backbone():
    assert set(BACKBONES) == {
        *(f"efficientnet_lite{size}" for size in (0, 1, 2)),
        *("resnet50", "resnet101", "resnet101c"),
        *(f"swin_{size}" for size in ("tiny", "small", "base", "large")),
    }
    deep = BACKBONES["resnet101c"]
    assert (deep.depths, deep.stem, deep.multi_grid) == ((3, 4, 23, 3), (64, 64, 128), (1, 2, 4))
