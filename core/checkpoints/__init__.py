"""Weights with everything needed to use them: configuration, taxonomy, preprocessing and card."""

from core.checkpoints.card import Card
from core.checkpoints.checkpoint import Checkpoint, Preprocessing, StoredCheckpoint
from core.checkpoints.folder import save_checkpoint
from core.checkpoints.loading import find_checkpoint, load_card, load_checkpoint
from core.checkpoints.shelf import bundled

__all__ = [
    "Card",
    "Checkpoint",
    "Preprocessing",
    "StoredCheckpoint",
    "bundled",
    "find_checkpoint",
    "load_card",
    "load_checkpoint",
    "save_checkpoint",
]
