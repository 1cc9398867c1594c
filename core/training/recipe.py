"""Everything that decides a training run, as one frozen row a recipe."""

from dataclasses import dataclass, field, replace
from typing import Any

from core.checkpoints import Preprocessing
from core.messages import StudioError
from core.model import MaskFormerConfig


@dataclass(frozen=True, slots=True)
class Recipe:
    """A training run's settings.

    Attributes:
        model: fields of MaskFormerConfig without those that the data set decides, see :meth:`config`.
        crop_hw: training picture size; crops cover ``crop_share`` (fractions of the side) of a picture.
        rare_category_share: pictures of categories that stand in fewer than this fraction of the pictures are
            drawn more often (0 = as they come).
        matching_stride, loss_stride: where costs and losses are measured (the paper: 4 and 1).
        backbone_multiplier: the backbone's share of the learning rate.
        ema_decay: of the exponential average of the weights, which is what is saved.
        warmup_steps: linear; then the rate falls as (1 - step / steps) ** poly_power.
        clip_norm: bound on the gradient's norm over the whole model.
        frozen_stages: backbone stages (with the stem) that keep their ImageNet weights and statistics.
        held_back, held_back_block: one block of neighbouring pictures in this many is kept from training, for
            validation and calibration, and how many pictures a block has.
        short_sides, threshold_grid: input sizes and thresholds to choose from when the weights are done.
        min_target_area: a segment with fewer pixels in the crop is treated as void.
    """

    name: str
    model: dict[str, Any]
    preprocessing: Preprocessing
    crop_hw: tuple[int, int]
    crop_share: tuple[float, float]
    steps: int
    batch_size: int
    learning_rate: float
    backbone_multiplier: float
    weight_decay: float
    warmup_steps: int
    frozen_stages: int = 0
    rare_category_share: float = 0.0
    poly_power: float = 0.9
    clip_norm: float = 0.1
    ema_decay: float = 0.998
    matching_stride: int = 4
    loss_stride: int = 4
    class_weight: float = 1.0
    focal_weight: float = 20.0
    dice_weight: float = 1.0
    no_object_weight: float = 0.1
    held_back: int = 16
    held_back_block: int = 8
    min_target_area: int = 16
    validate_every: int = 1000
    save_every: int = 100
    seed: int = 1
    loader_workers: int = 1
    short_sides: tuple[int, ...] = (384,)
    threshold_grid: tuple[float, ...] = field(default=(0.3, 0.4, 0.5, 0.6, 0.7, 0.8))

    def config(self, num_classes: int) -> MaskFormerConfig:
        """The network for a data set of so many classes, each of which is a query in the ``per_pixel_plus`` one."""
        queries = {"num_queries": num_classes} if self.model.get("formulation") == "per_pixel_plus" else {}
        return MaskFormerConfig(num_classes=num_classes, **self.model | queries)


LITE = Preprocessing(
    short_side=384,
    max_long_side=1024,
    mean=(127.5, 127.5, 127.5),
    std=(127.5, 127.5, 127.5),
    score_threshold=0.5,
    overlap_threshold=0.6,
)

STREET = Recipe(
    name="street",
    model={
        "backbone": "efficientnet_lite0",
        "num_queries": 100,
        "width": 192,
        "mask_channels": 96,
        "pixel_decoder_width": 96,
        "decoder_layers": 4,
        "feedforward_width": 768,
        "dropout": 0.0,
    },
    preprocessing=LITE,
    crop_hw=(224, 288),
    crop_share=(0.45, 1.0),
    steps=3400,
    batch_size=8,
    learning_rate=3e-4,
    backbone_multiplier=0.33,
    weight_decay=1e-2,
    warmup_steps=100,
    frozen_stages=2,
    rare_category_share=0.6,
    matching_stride=8,
    short_sides=(320, 384, 448, 512),
)

STREET_FINE = replace(  # a second stage for street's weights: larger crops, thin masks supervised on a finer grid
    STREET,
    name="street-fine",
    crop_hw=(288, 384),
    crop_share=(0.5, 1.0),
    loss_stride=2,
    steps=1500,
    learning_rate=1.5e-4,
    warmup_steps=20,
    ema_decay=0.995,
)

STREET_FINISH = replace(  # a third stage: larger still
    STREET_FINE,
    name="street-finish",
    crop_hw=(320, 416),
    steps=700,
    seed=3,
)

STREET_PER_PIXEL = replace(  # the paper's stronger baseline on street's budget, for a like-for-like comparison
    STREET,
    name="street-per-pixel",
    model={**STREET.model, "formulation": "per_pixel_plus"},
)

RECIPES = {recipe.name: recipe for recipe in (STREET, STREET_FINE, STREET_FINISH, STREET_PER_PIXEL)}


def recipe_named(name: str) -> Recipe:
    """The recipe of a name; raises StudioError with the known names where there is none."""
    if name not in RECIPES:
        raise StudioError("error.unknown_recipe", name=name, known=", ".join(RECIPES))
    return RECIPES[name]
