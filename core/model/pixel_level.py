"""The pixel-level module that every network of the paper starts with: backbone and pixel decoder."""

from torch import Tensor, nn

from core.model.backbones import STRIDES, build_backbone
from core.model.config import MaskFormerConfig
from core.model.pixel_decoder import EncodedPyramid, FeaturePyramid
from core.model.transformer_decoder import TransformerDecoder
from core.model.waves import WAVE_CHANNELS


class PixelLevelNetwork(nn.Module):
    """Pictures -> pixel embeddings and the features that queries attend to."""

    def __init__(self, config: MaskFormerConfig) -> None:
        super().__init__()
        self.config = config
        self.backbone = build_backbone(config.backbone)
        self.pixel_decoder = _pixel_decoder(config, self.backbone.channels)
        self.memory_stage = STRIDES.index(config.memory_stride)

    def embed_pixels(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Normalised pictures (B, 3, H, W) -> pixel embeddings (B, C, h, w), memory (B, channels, H', W')."""
        features = self.pixel_decoder.encode(self.backbone(images))  # strides 4, 8, 16, 32
        return self.pixel_decoder(features), features[self.memory_stage]

    def _transformer_decoder(self) -> TransformerDecoder:
        """The decoder that fits this pixel-level module's memory."""
        config = self.config
        channels = self.backbone.channels
        if config.encoder_layers:
            channels = (*channels[:-1], config.pixel_decoder_width)
        return TransformerDecoder(
            channels[self.memory_stage],
            num_queries=config.num_queries - config.seeds,
            width=config.width,
            layers=config.decoder_layers,
            heads=config.attention_heads,
            feedforward_width=config.feedforward_width,
            dropout=config.dropout,
        )


def mask_head(config: MaskFormerConfig) -> nn.Sequential:
    """The paper's perceptron from queries to mask embeddings: two hidden layers with ReLU."""
    width = config.width
    return nn.Sequential(
        nn.Linear(width, width), nn.ReLU(), nn.Linear(width, width), nn.ReLU(), nn.Linear(width, config.mask_channels)
    )


def _pixel_decoder(config: MaskFormerConfig, channels: tuple[int, ...]) -> FeaturePyramid:
    decoded = config.mask_channels - (WAVE_CHANNELS if config.seeds else 0)  # waves are known beforehand
    if not config.encoder_layers:
        return FeaturePyramid(
            channels,
            width=config.pixel_decoder_width,
            mask_channels=decoded,
        )
    return EncodedPyramid(
        channels,
        width=config.pixel_decoder_width,
        mask_channels=decoded,
        layers=config.encoder_layers,
        heads=config.attention_heads,
        feedforward_width=config.feedforward_width,
        dropout=config.dropout,
    )
