"""The paper's own training settings (arXiv 2107.06278, section 4 and appendix A), one recipe a published network.

What differs from the paper: pixels that are padded or not labelled count for nothing, neither in the matching nor in
the losses; a few training pictures are held back, to look at as it trains. Swin trains with the stochastic depth of its
row in :data:`core.model.BACKBONES`, 0.3 in the last block as published.
"""

from dataclasses import dataclass, replace
from typing import Any

from core.checkpoints import Preprocessing
from core.training.augmentation import ColorJitter
from core.training.framing import DetrResize, Framing, ScaledCrop
from core.training.recipe import Recipe

SSD_JITTER = ColorJitter(brightness=0.25, contrast=0.5, saturation=0.5, hue=18.0, chance=0.5)  # arXiv 1512.02325
SCALES = tuple(tenth / 10 for tenth in range(5, 21))

RESNET: dict[str, Any] = {
    "learning_rate": 1e-4,
    "weight_decay": 1e-4,
    "backbone_multiplier": 0.1,
    "warmup_steps": 0,
    "frozen_statistics": True,
}
RESNET_C = {**RESNET, "frozen_statistics": False}
SWIN: dict[str, Any] = {
    "learning_rate": 6e-5,
    "weight_decay": 1e-2,
    "backbone_multiplier": 1.0,
    "warmup_steps": 1500,
}
BACKBONES = {  # name in recipes: row of core.model.BACKBONES, settings
    "r50": ("resnet50", RESNET),
    "r101": ("resnet101", RESNET),
    "r101c": ("resnet101c", RESNET_C),
    "swin-tiny": ("swin_tiny", SWIN),
    "swin-small": ("swin_small", SWIN),
    "swin-base": ("swin_base", SWIN),
    "swin-large": ("swin_large", SWIN),
}
FORMULATIONS = {"maskformer": "mask", "per-pixel": "per_pixel", "per-pixel-plus": "per_pixel_plus"}


@dataclass(frozen=True, slots=True)
class Setting:
    """What a data set decides: sizes, the length of a run and the schedule."""

    framing: Framing
    test_size: tuple[int, int]  # short side, greatest long side
    steps: int
    batch_size: int
    schedule: str = "poly"
    jitter: ColorJitter | None = SSD_JITTER
    held_back: int = 256


def _scaled(crop_hw: tuple[int, int], short_side: int, max_long_side: int) -> ScaledCrop:
    return ScaledCrop(crop_hw, tuple(int(short_side * scale) for scale in SCALES), max_long_side)


DETR = DetrResize(
    short_sides=tuple(range(480, 801, 32)), max_long_side=1333, first_sides=(400, 500, 600), crop_sides=(384, 600)
)
SETTINGS = {
    "ade20k": Setting(_scaled((512, 512), 512, 2048), (512, 2048), 160_000, 16),
    "ade20k-640": Setting(_scaled((640, 640), 640, 2560), (640, 2560), 160_000, 16),
    "ade20k-full": Setting(_scaled((512, 512), 512, 2048), (512, 2048), 200_000, 16),
    "coco-stuff": Setting(_scaled((640, 640), 640, 2560), (640, 2560), 60_000, 32),
    "cityscapes": Setting(_scaled((512, 1024), 1024, 4096), (1024, 2048), 90_000, 16, held_back=64),
    "mapillary": Setting(_scaled((1280, 1280), 2048, 8192), (2048, 4096), 300_000, 16),
    "coco-panoptic": Setting(DETR, (800, 1333), 554_400, 64, schedule="step", jitter=None),
}

# formulation, backbone, data set, setting, layers of the transformer encoder
ROWS = (
    ("maskformer", "r50", "ade20k", "ade20k", 0),
    ("maskformer", "r101", "ade20k", "ade20k", 0),
    ("maskformer", "r101c", "ade20k", "ade20k", 0),
    ("maskformer", "swin-tiny", "ade20k", "ade20k", 0),
    ("maskformer", "swin-small", "ade20k", "ade20k", 0),
    ("maskformer", "swin-base", "ade20k", "ade20k-640", 0),
    ("maskformer", "swin-large", "ade20k", "ade20k-640", 0),
    ("per-pixel", "r50", "ade20k", "ade20k", 0),
    ("per-pixel-plus", "r50", "ade20k", "ade20k", 0),
    ("maskformer", "r50", "ade20k-full", "ade20k-full", 0),
    ("maskformer", "r101", "ade20k-full", "ade20k-full", 0),
    ("maskformer", "r101c", "ade20k-full", "ade20k-full", 0),
    ("maskformer", "r50", "coco-stuff", "coco-stuff", 0),
    ("maskformer", "r101", "coco-stuff", "coco-stuff", 0),
    ("maskformer", "r101c", "coco-stuff", "coco-stuff", 0),
    ("maskformer", "r101", "cityscapes", "cityscapes", 0),
    ("maskformer", "r101c", "cityscapes", "cityscapes", 0),
    ("maskformer", "r50", "mapillary", "mapillary", 0),
    ("maskformer", "r50", "coco-panoptic", "coco-panoptic", 6),
    ("maskformer", "r101", "coco-panoptic", "coco-panoptic", 6),
    ("maskformer", "swin-tiny", "coco-panoptic", "coco-panoptic", 0),
    ("maskformer", "swin-small", "coco-panoptic", "coco-panoptic", 0),
    ("maskformer", "swin-base", "coco-panoptic", "coco-panoptic", 0),
    ("maskformer", "swin-large", "coco-panoptic", "coco-panoptic", 0),
)


def _recipe(formulation: str, backbone: str, data: str, setting_name: str, encoder_layers: int) -> Recipe:
    setting = SETTINGS[setting_name]
    row, optimisation = BACKBONES[backbone]
    short_side, max_long_side = setting.test_size
    return Recipe(
        name=f"{formulation}-{backbone}-{data}",
        model={"backbone": row, "encoder_layers": encoder_layers, "formulation": FORMULATIONS[formulation]},
        preprocessing=replace(Preprocessing(), short_side=short_side, max_long_side=max_long_side),
        framing=setting.framing,
        jitter=setting.jitter,
        steps=setting.steps,
        batch_size=setting.batch_size,
        schedule=setting.schedule,
        clip_norm=0.01,
        ema_decay=0.0,
        matching_stride=4,
        loss_stride=1,
        held_back=setting.held_back,
        held_back_block=1,
        min_target_area=1,
        validate_every=5000,
        save_every=1000,
        loader_workers=4,
        short_sides=(short_side,),
        **optimisation,
    )


PUBLISHED_RECIPES = tuple(_recipe(*row) for row in ROWS)
