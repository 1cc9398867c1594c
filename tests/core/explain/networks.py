"""A small network with random weights, and a picture for it whose sides need padding."""

import numpy as np
import torch

from core.checkpoints import Card, Checkpoint, Preprocessing
from core.inference import Predictor
from core.model import MaskFormerConfig, ResNetSpec, build_network
from tests.annotated import TAXONOMY

IMAGE = np.random.default_rng(3).integers(0, 255, (50, 90, 3)).astype(np.uint8)
CONFIG = MaskFormerConfig(
    num_classes=len(TAXONOMY),
    backbone=ResNetSpec(depths=(1, 1, 1, 1), widths=(16, 32, 64, 128), stem=(8,)),
    num_queries=7,
    width=16,
    mask_channels=8,
    pixel_decoder_width=32,
    decoder_layers=3,
    attention_heads=2,
    feedforward_width=8,
)


def predictor_of(config: MaskFormerConfig, seed: int = 5) -> Predictor:
    torch.manual_seed(seed)
    preprocessing = Preprocessing(short_side=64, max_long_side=128)
    return Predictor(Checkpoint(build_network(config), config, TAXONOMY, preprocessing, Card("small")), device="cpu")
