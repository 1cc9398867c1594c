"""The recipe of the bundled nuclei model: queries that start at seeds, parts of pictures at twice their size."""

from core.training.framing import LargestCrop
from core.training.recipe import Recipe
from core.training.street_recipes import LITE

NUCLEI = Recipe(
    name="nuclei",
    model={
        "backbone": "efficientnet_lite0",
        "num_queries": 200,
        "width": 192,
        "mask_channels": 128,
        "pixel_decoder_width": 96,
        "decoder_layers": 3,
        "feedforward_width": 768,
        "dropout": 0.0,
        "memory_stride": 16,
        "seeds": 196,
    },
    preprocessing=LITE,
    framing=LargestCrop((256, 256), share=(0.3, 0.8), turned=True),
    steps=1500,
    batch_size=8,
    learning_rate=3e-4,
    backbone_multiplier=0.33,
    weight_decay=1e-2,
    warmup_steps=100,
    matching_stride=8,
    held_back=10,
    short_sides=(448, 512, 576),
)

NUCLEI_RECIPES = (NUCLEI,)
