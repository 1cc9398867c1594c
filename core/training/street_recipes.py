"""The recipes of the bundled street model: its stages, and a per-pixel baseline on the first one's budget."""

from dataclasses import replace

from core.checkpoints import Preprocessing
from core.model.waves import WAVE_CHANNELS
from core.training.framing import LargestCrop
from core.training.recipe import Recipe

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
    framing=LargestCrop((224, 288), share=(0.45, 1.0)),
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
    framing=LargestCrop((288, 384), share=(0.5, 1.0)),
    loss_stride=2,
    steps=1500,
    learning_rate=1.5e-4,
    warmup_steps=20,
    ema_decay=0.995,
)

STREET_FINISH = replace(  # a third stage: larger still
    STREET_FINE,
    name="street-finish",
    framing=LargestCrop((320, 416), share=(0.5, 1.0)),
    steps=700,
    seed=3,
)

STREET_LAST = replace(  # and once more
    STREET_FINISH,
    name="street-last",
    framing=LargestCrop((352, 464), share=(0.5, 1.0)),
    steps=450,
    seed=4,
)

STREET_SEEDS = replace(  # a sixth stage: queries for things begin at seeds, parts of pictures half as large again
    STREET,
    name="street-seeds",
    model={**STREET.model, "seeds": 60, "mask_channels": 96 + WAVE_CHANNELS},
    grown=True,
    framing=LargestCrop((352, 464), share=(0.4, 0.9)),
    loss_stride=2,
    steps=5500,
    frozen_statistics=True,
    validate_every=500,
    short_sides=(384, 448, 512, 576),
    seed=5,
)

STREET_PER_PIXEL = replace(  # the paper's stronger baseline on street's budget, for a like-for-like comparison
    STREET,
    name="street-per-pixel",
    model={**STREET.model, "formulation": "per_pixel_plus"},
)

STREET_RECIPES = (STREET, STREET_FINE, STREET_FINISH, STREET_LAST, STREET_SEEDS, STREET_PER_PIXEL)
