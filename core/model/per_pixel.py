"""The per-pixel baselines of the paper (section 4.1): the same pixel-level module, K class logits a pixel."""

from dataclasses import dataclass

from torch import Tensor, einsum

from core.model.config import MaskFormerConfig
from core.model.convolution import conv
from core.model.pixel_level import PixelLevelNetwork, mask_head


@dataclass(frozen=True, slots=True)
class PerPixelOutput:
    """Class logits of every pixel of a batch.

    Attributes:
        pixel_embeddings: (B, C, h, w).
        layers: (B, K, h, w) class logits at stride 4, one a decoder layer; the last is the result.
    """

    pixel_embeddings: Tensor
    layers: tuple[Tensor, ...]

    @property
    def class_logits(self) -> Tensor:
        """(B, K, h, w) at stride 4."""
        return self.layers[-1]


class PerPixelBaseline(PixelLevelNetwork):
    """A linear classifier on every pixel embedding."""

    def __init__(self, config: MaskFormerConfig) -> None:
        super().__init__(config)
        self.classifier = conv(config.mask_channels, config.num_classes, kernel=1)

    def forward(self, images: Tensor) -> PerPixelOutput:
        pixel_embeddings, _ = self.embed_pixels(images)  # (B, C, h, w)
        return PerPixelOutput(pixel_embeddings, (self.classifier(pixel_embeddings),))


class PerPixelBaselinePlus(PixelLevelNetwork):
    """Queries that each stand for one class: their masks are its logits, and no class head is needed."""

    def __init__(self, config: MaskFormerConfig) -> None:
        super().__init__(config)
        self.transformer_decoder = self._transformer_decoder()
        self.mask_head = mask_head(config)

    def forward(self, images: Tensor) -> PerPixelOutput:
        pixel_embeddings, memory = self.embed_pixels(images)  # (B, C, h, w)
        states = self.transformer_decoder(memory)  # each (B, K, D)
        layers = tuple(einsum("bkc,bchw->bkhw", self.mask_head(state), pixel_embeddings) for state in states)
        return PerPixelOutput(pixel_embeddings, layers)
