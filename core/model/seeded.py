"""A MaskFormer for many things that look alike: queries start at places of the picture, and masks know them.

Two nuclei differ in little but where they are. A mask that is ``sigmoid(q . E)`` can tell them apart only by what E
says of places, and a query only by where it looks. So here E carries plane waves beside what the pixel decoder says,
and a query starts at a seed: it knows its own place, and the part of its mask embedding that multiplies the waves is a
soft shape around that place. Masks stay dot products; matching, losses and inference are the paper's.
"""

import torch
from torch import Tensor, nn

from core.model.config import MaskFormerConfig
from core.model.maskformer import LayerPrediction, MaskFormer, MaskFormerOutput
from core.model.seeds import Seeding, Seeds
from core.model.waves import WAVE_CHANNELS, around, grid_places, waves

FRESH_AMPLITUDE = 0.15  # of every wave: a fresh query's mask is a blob around its seed


class SeededMaskFormer(MaskFormer):
    """``config.seeds`` of the queries start at seeds, the others are learned as in the paper.

    ``forward`` takes normalised pictures (B, 3, H, W); before the first layer there is one more prediction.
    """

    def __init__(self, config: MaskFormerConfig) -> None:
        super().__init__(config)
        self.seeds = Seeds(config.pixel_decoder_width, width=config.width, count=config.seeds)
        self.free_content = nn.Embedding(config.num_queries - config.seeds, config.width)
        self.place_projection = nn.Linear(WAVE_CHANNELS, config.width)
        *_, bias = self.mask_head.parameters()
        with torch.no_grad():
            bias[-WAVE_CHANNELS : -WAVE_CHANNELS // 2] = FRESH_AMPLITUDE

    def forward(self, images: Tensor) -> MaskFormerOutput:
        features = self.pixel_decoder.encode(self.backbone(images))  # strides 4, 8, 16, 32
        finest = self.pixel_decoder.fuse(features)
        seeding = self.seeds(finest)
        appearance = self.pixel_decoder.mask_projection(finest)
        pixel_embeddings = torch.cat([appearance, _wave_map(appearance, 4, len(images))], 1)  # (B, C, h, w)
        states = self._read(seeding, features[self.memory_stage])
        places = self._places(seeding)
        layers = tuple(LayerPrediction(self.class_head(state), self._masks_around(state, places)) for state in states)
        return MaskFormerOutput(pixel_embeddings, layers, seeding.heat_logits)

    def _read(self, seeding: Seeding, memory: Tensor) -> list[Tensor]:
        """Each (B, Q, D): the queries as they start, and after each layer."""
        batch, free = len(memory), self.free_content.weight
        content = torch.cat([seeding.content, free.expand(batch, -1, -1)], 1)
        seeded = self.place_projection(waves(seeding.places).to(content.dtype))
        learned = self.transformer_decoder.query_positions.weight.expand(batch, -1, -1)
        positions = self.place_projection(_wave_map(memory, self.config.memory_stride, 1).flatten(2).transpose(1, 2))
        return self.transformer_decoder.read(content, torch.cat([seeded, learned], 1), memory, positions)

    def _places(self, seeding: Seeding) -> Tensor:
        """(B, Q, 2); learned queries draw their shapes around the picture's corner."""
        corner = seeding.places.new_zeros(len(seeding.places), len(self.free_content.weight), 2)
        return torch.cat([seeding.places, corner], 1)

    def _masks_around(self, state: Tensor, places: Tensor) -> Tensor:
        """(B, Q, D) -> mask embeddings (B, Q, C)."""
        embeddings = self.mask_head(state)
        appearance, shape = embeddings[..., :-WAVE_CHANNELS], embeddings[..., -WAVE_CHANNELS:]
        return torch.cat([appearance, around(shape, places)], -1)


def _wave_map(features: Tensor, stride: int, batch: int) -> Tensor:
    """(batch, WAVE_CHANNELS, h, w) at the places of these features' cells."""
    height, width = features.shape[-2:]
    grid = waves(grid_places(height, width, stride, features.device)).to(features.dtype)
    return grid.permute(2, 0, 1).expand(batch, -1, -1, -1)
