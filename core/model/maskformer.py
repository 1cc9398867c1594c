"""The whole network, read as the paper draws it (figure 2 of arXiv 2107.06278)."""

from dataclasses import dataclass

from torch import Tensor, einsum, nn

from core.model.config import MaskFormerConfig
from core.model.pixel_level import PixelLevelNetwork, mask_head


@dataclass(frozen=True, slots=True)
class LayerPrediction:
    """What the shared heads say after one decoder layer: (B, Q, K+1) and (B, Q, C)."""

    class_logits: Tensor
    mask_embeddings: Tensor


@dataclass(frozen=True, slots=True)
class MaskFormerOutput:
    """N (class distribution, mask) pairs of a batch.

    Attributes:
        pixel_embeddings: (B, C, h, w).
        layers: one prediction a decoder layer; the last is the result, the others are supervised too.
        heat_logits: (B, h, w) of the seeds where queries start at some.
    """

    pixel_embeddings: Tensor
    layers: tuple[LayerPrediction, ...]
    heat_logits: Tensor | None = None

    @property
    def class_logits(self) -> Tensor:
        """(B, Q, K+1), last entry = no object."""
        return self.layers[-1].class_logits

    @property
    def mask_embeddings(self) -> Tensor:
        """(B, Q, C)."""
        return self.layers[-1].mask_embeddings

    @property
    def mask_logits(self) -> Tensor:
        """(B, Q, h, w) at stride 4."""
        return einsum("bqc,bchw->bqhw", self.mask_embeddings, self.pixel_embeddings)


class MaskFormer(PixelLevelNetwork):
    """Pixel-level module, transformer module, segmentation heads.

    ``forward`` takes normalised pictures (B, 3, H, W).
    """

    def __init__(self, config: MaskFormerConfig) -> None:
        super().__init__(config)
        self.transformer_decoder = self._transformer_decoder()
        self.class_head = nn.Linear(config.width, config.num_classes + 1)
        self.mask_head = mask_head(config)

    def forward(self, images: Tensor) -> MaskFormerOutput:
        pixel_embeddings, memory = self.embed_pixels(images)  # (B, C, h, w)
        states = self.transformer_decoder(memory)  # each (B, Q, D)
        layers = tuple(LayerPrediction(self.class_head(state), self.mask_head(state)) for state in states)
        return MaskFormerOutput(pixel_embeddings, layers)
