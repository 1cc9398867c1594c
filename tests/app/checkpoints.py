"""Small checkpoints with random weights, for tests of the app that load a real one."""

from pathlib import Path

import torch

from core.checkpoints import Card, Checkpoint, Preprocessing, hub_cache, save_checkpoint
from core.checkpoints.huggingface_export import save_huggingface
from core.model import MaskFormerConfig, ResNetSpec, build_network
from tests.app.pictures import TAXONOMY

TINY, SMALL, LARGE = (f"facebook/maskformer-swin-{size}-coco" for size in ("tiny", "small", "large"))
COMMIT = "0123456789abcdef0123456789abcdef01234567"
BACKBONE = ResNetSpec(depths=(1, 1, 1, 1), widths=(16, 32, 64, 128), stem=(8,))
PREPROCESSING = Preprocessing(short_side=64, max_long_side=96)


def small_config(formulation: str = "mask") -> MaskFormerConfig:
    """A network that loads and predicts in a moment."""
    return MaskFormerConfig(
        num_classes=len(TAXONOMY),
        backbone=BACKBONE,
        num_queries=len(TAXONOMY) if formulation == "per_pixel_plus" else 5,
        width=8,
        mask_channels=8,
        pixel_decoder_width=32,
        decoder_layers=1,
        attention_heads=2,
        feedforward_width=8,
        formulation=formulation,
    )


def save_small(folder: Path, title: str = "Small", *, formulation: str = "mask") -> Path:
    """Writes a folder of our own."""
    torch.manual_seed(1)
    config = small_config(formulation)
    weights = build_network(config).state_dict()
    save_checkpoint(folder, weights=weights, config=config, taxonomy=TAXONOMY, preprocessing=PREPROCESSING)
    (folder / "README.md").write_text(f"---\ntitle: {title}\ndomain: noise\n---\nA card.", encoding="utf-8")
    return folder


def save_published(folder: Path) -> Path:
    """Writes a folder as Hugging Face has it."""
    torch.manual_seed(2)
    config = small_config()
    card = Card("published", text="A card.")
    save_huggingface(folder, Checkpoint(build_network(config).eval(), config, TAXONOMY, PREPROCESSING, card))
    return folder


def put_in_cache(name: str, folder: Path) -> Path:
    """Makes a folder the newest snapshot of a repository in the cache that ``HF_HUB_CACHE`` names."""
    return hub_cache.keep_snapshot(name, COMMIT, {path.name: path for path in folder.iterdir()})
