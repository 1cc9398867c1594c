"""What a checkpoint is, on the disk and in memory, wherever it comes from."""

import math
from dataclasses import dataclass

import torch

from core.checkpoints.card import Card
from core.checkpoints.names import SAME_NAMES, KeyTable
from core.checkpoints.tensors import Tensors, fill, refuse_misfits, wanted
from core.messages import StudioError
from core.model import MaskFormerConfig, Network, build_network
from core.types import Taxonomy

MOST_PIXELS_A_SIDE, MOST_PADDING = 16384, 1024  # what asks for more would take all memory


@dataclass(frozen=True, slots=True)
class Preprocessing:
    """From an upright RGB picture to the network's input, and the thresholds that suit the weights.

    Attributes:
        short_side: pixels the shorter side is resized to, unless the longer would exceed ``max_long_side``;
            0 leaves a picture at its own size up to that limit.
        mean, std: per channel, on the 0..255 scale.
        pad_multiple: sides are padded (bottom, right) to a multiple of it.
        score_threshold, overlap_threshold: panoptic defaults of this checkpoint.

    Raises:
        StudioError: a value is of another kind, or no picture could go through it.
    """

    short_side: int = 512
    max_long_side: int = 2048
    mean: tuple[float, float, float] = (123.675, 116.28, 103.53)
    std: tuple[float, float, float] = (58.395, 57.12, 57.375)
    pad_multiple: int = 32
    score_threshold: float = 0.8
    overlap_threshold: float = 0.8

    def __post_init__(self) -> None:
        sides = {
            "short_side": (0, MOST_PIXELS_A_SIDE),
            "max_long_side": (1, MOST_PIXELS_A_SIDE),
            "pad_multiple": (1, MOST_PADDING),
        }
        sound = {name: _is_within(getattr(self, name), *bounds) for name, bounds in sides.items()}
        sound["mean"] = _is_triple(self.mean)
        sound["std"] = _is_triple(self.std) and min(self.std) > 0
        for name in ("score_threshold", "overlap_threshold"):
            sound[name] = _is_number(getattr(self, name)) and 0 <= getattr(self, name) <= 1
        if wrong := [f"{name} = {getattr(self, name)}" for name, is_sound in sound.items() if not is_sound]:
            raise StudioError("error.config_range", what=", ".join(wrong))


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A model in evaluation mode with all that belongs to it."""

    model: Network
    config: MaskFormerConfig
    taxonomy: Taxonomy
    preprocessing: Preprocessing
    card: Card

    @property
    def is_per_pixel(self) -> bool:
        """True for the paper's baselines, which have no queries to browse."""
        return self.config.formulation != "mask"


@dataclass(frozen=True, slots=True)
class StoredCheckpoint:
    """A checkpoint as a reader finds it: everything is known but the weights, which still lie in their file.

    Attributes:
        name: what errors call it.
        tensors: the file's tensors under the file's names.
        table: how these names belong to ours.

    Raises:
        StudioError: the taxonomy has more or fewer categories than the network.
    """

    name: str
    config: MaskFormerConfig
    taxonomy: Taxonomy
    preprocessing: Preprocessing
    card: Card
    tensors: Tensors
    table: KeyTable = SAME_NAMES

    def __post_init__(self) -> None:
        names, classes = len(self.taxonomy), self.config.num_classes
        if names != classes:
            raise StudioError("error.config_classes", name=self.name, names=names, classes=classes)

    def load(self, device: str | torch.device = "cpu") -> Checkpoint:
        """Builds the network, once it is certain that the tensors fit it, and fills it, in float32.

        Raises:
            StudioError: tensors are missing, unexpected or mis-shaped (all are named).
        """
        with torch.device("meta"):
            outline = build_network(self.config)
        shares = self.table.shares(wanted(outline), self.tensors.shapes())
        refuse_misfits(outline, self.tensors, shares, name=self.name, ignored=self.table.ignored)
        model = build_network(self.config)
        fill(model, self.tensors, shares, name=self.name, ignored=self.table.ignored)
        return Checkpoint(
            model=model.to(device).eval().requires_grad_(False),
            config=self.config,
            taxonomy=self.taxonomy,
            preprocessing=self.preprocessing,
            card=self.card,
        )


def _is_within(value: object, least: int, most: int) -> bool:
    return type(value) is int and least <= value <= most


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _is_triple(values: object) -> bool:
    return isinstance(values, tuple) and len(values) == 3 and all(map(_is_number, values))
