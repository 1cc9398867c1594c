"""The whole network, read as the paper draws it (figure 2 of arXiv 2107.06278)."""

from dataclasses import dataclass

from torch import Tensor, einsum, nn

from core.model.backbones import build_backbone
from core.model.backbones.efficientnet_lite import STRIDES
from core.model.config import MaskFormerConfig
from core.model.pixel_decoder import FeaturePyramid
from core.model.transformer_decoder import TransformerDecoder


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
    """

    pixel_embeddings: Tensor
    layers: tuple[LayerPrediction, ...]

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


class MaskFormer(nn.Module):
    """Pixel-level module, transformer module, segmentation heads.

    ``forward`` takes normalised pictures (B, 3, H, W) whose sides are multiples of 32.
    """

    def __init__(self, config: MaskFormerConfig) -> None:
        super().__init__()
        self.config = config
        self.backbone = build_backbone(config.backbone)
        self.pixel_decoder = FeaturePyramid(
            self.backbone.channels, width=config.pixel_decoder_width, mask_channels=config.mask_channels
        )
        self.memory_stage = STRIDES.index(config.memory_stride)
        self.transformer_decoder = TransformerDecoder(
            self.backbone.channels[self.memory_stage],
            num_queries=config.num_queries,
            width=config.width,
            layers=config.decoder_layers,
            heads=config.attention_heads,
            feedforward_width=config.feedforward_width,
            dropout=config.dropout,
        )
        self.class_head = nn.Linear(config.width, config.num_classes + 1)
        self.mask_head = _perceptron(config.width, config.mask_channels)

    def forward(self, images: Tensor) -> MaskFormerOutput:
        features = self.backbone(images)  # strides 4, 8, 16, 32
        pixel_embeddings = self.pixel_decoder(features)  # (B, C, h, w)
        states = self.transformer_decoder(features[self.memory_stage])  # each (B, Q, D)
        layers = tuple(LayerPrediction(self.class_head(state), self.mask_head(state)) for state in states)
        return MaskFormerOutput(pixel_embeddings, layers)


def _perceptron(width: int, outputs: int) -> nn.Sequential:
    """The paper's mask head: two hidden layers with ReLU."""
    return nn.Sequential(
        nn.Linear(width, width), nn.ReLU(), nn.Linear(width, width), nn.ReLU(), nn.Linear(width, outputs)
    )
