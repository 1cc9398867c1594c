"""What the model says about one picture: computed once, read by every later view."""

from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from core.inference.geometry import Geometry
from core.types import Taxonomy


@dataclass(frozen=True, eq=False)
class Prediction:
    """N (mask, class) pairs and the embeddings they came from: float32 on the CPU, never changed.

    A per-pixel network's prediction (``is_per_pixel``) is told in the same terms: query k is class k for certain, its
    mask logits are the log-probabilities of class k, and its mask is where no class is more probable.

    Attributes:
        class_logits: (Q, K + 1), the last = no object.
        mask_logits: (Q, h, w) on the padded stride-4 grid.
        mask_embeddings: (Q, C); zeros per pixel, where there are no queries to embed.
        pixel_embeddings: (C, h, w).
        score_threshold: the checkpoint's own default for panoptic inference; a query is kept above it.
        overlap_threshold: as above; a segment stays that won at least this share of its own mask.
        seeds: so many queries, the first, begin at places of this picture, see :mod:`core.model.seeds`.
        is_per_pixel: the network gives each pixel a class, not each mask; Q = K, and no threshold applies.

    Raises:
        ValueError: a tensor's shape does not go with the others, the geometry or the taxonomy.
    """

    class_logits: Tensor
    mask_logits: Tensor
    mask_embeddings: Tensor
    pixel_embeddings: Tensor
    geometry: Geometry
    taxonomy: Taxonomy
    score_threshold: float = 0.8
    overlap_threshold: float = 0.8
    seeds: int = 0
    is_per_pixel: bool = False

    def __post_init__(self) -> None:
        queries, channels = len(self.class_logits), self.mask_embeddings.shape[-1]
        expected = {
            "class_logits": (queries, len(self.taxonomy) + 1),
            "mask_logits": (queries, *self.geometry.grid_hw),
            "mask_embeddings": (queries, channels),
            "pixel_embeddings": (channels, *self.geometry.grid_hw),
        }
        for name, shape in expected.items():
            tensor: Tensor = getattr(self, name)
            if tuple(tensor.shape) != shape:
                raise ValueError(f"{name} must be {shape}, got {tuple(tensor.shape)}")
            if tensor.dtype != torch.float32 or tensor.device.type != "cpu":
                raise ValueError(f"{name} must be float32 on the CPU, got {tensor.dtype} on {tensor.device}")
        if self.is_per_pixel and queries != len(self.taxonomy):
            raise ValueError(f"a per-pixel prediction must have {len(self.taxonomy)} queries, got {queries}")

    def __len__(self) -> int:
        """Number of queries Q."""
        return len(self.class_logits)

    @cached_property
    def class_probs(self) -> Tensor:
        """(Q, K + 1) class distribution of every query; the last entry = no object."""
        return self.class_logits.softmax(dim=-1)

    @cached_property
    def best_classes(self) -> Tensor:
        """(Q,) class index of the largest probability without "no object"."""
        return self.class_probs[:, :-1].argmax(dim=-1)

    @cached_property
    def scores(self) -> Tensor:
        """(Q,) probability of the best class."""
        return self.class_probs[:, :-1].amax(dim=-1)

    @cached_property
    def is_object(self) -> Tensor:
        """(Q,) False where "no object" is the most probable entry."""
        return self.class_probs.argmax(dim=-1) != self.class_probs.shape[-1] - 1

    def mask_probs(self, mask_logits: Tensor) -> Tensor:
        """The mask probabilities of this prediction's mask logits, as they stand on the grid or interpolated."""
        return mask_logits.exp() if self.is_per_pixel else mask_logits.sigmoid()
