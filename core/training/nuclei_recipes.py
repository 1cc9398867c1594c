"""The recipes of the bundled nuclei model: whole pictures small first, then larger."""

from dataclasses import replace

from core.training.framing import LargestCrop
from core.training.recipe import Recipe
from core.training.street_recipes import LITE

NUCLEI = Recipe(
    name="nuclei",
    model={
        "backbone": "efficientnet_lite0",
        "num_queries": 200,
        "width": 192,
        "mask_channels": 96,
        "pixel_decoder_width": 96,
        "decoder_layers": 4,
        "feedforward_width": 768,
        "dropout": 0.0,
        "memory_stride": 8,
        "placed": True,
    },
    preprocessing=LITE,
    framing=LargestCrop((256, 256), share=(0.4, 1.0), turned=True),
    steps=3000,
    batch_size=8,
    learning_rate=3e-4,
    backbone_multiplier=0.33,
    weight_decay=1e-2,
    warmup_steps=100,
    matching_stride=8,
    held_back=10,
    short_sides=(256, 320, 384, 448, 512),
)

NUCLEI_FINE = replace(  # a second stage for nuclei's weights: larger crops, masks supervised on a finer grid
    NUCLEI,
    name="nuclei-fine",
    framing=LargestCrop((384, 384), share=(0.6, 1.0), turned=True),
    steps=2400,
    batch_size=4,
    learning_rate=2e-4,
    warmup_steps=20,
    frozen_stages=2,
    loss_stride=2,
    seed=2,
)

NUCLEI_RECIPES = (NUCLEI, NUCLEI_FINE)
