"""Weights with everything needed to use them: configuration, taxonomy, preprocessing and card."""

from core.checkpoints.card import Card
from core.checkpoints.checkpoint import Checkpoint, Preprocessing, bundled, load_card, load_checkpoint, save_checkpoint

__all__ = ["Card", "Checkpoint", "Preprocessing", "bundled", "load_card", "load_checkpoint", "save_checkpoint"]
