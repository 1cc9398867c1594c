"""DETR's transformer decoder (post-norm): learned queries read the picture, layer by layer."""

import torch
from torch import Tensor, nn

from core.model.attention import Attention, feedforward
from core.model.convolution import conv
from core.model.position import sine_positions
from core.model.precision import single_on_cpu


class DecoderLayer(nn.Module):
    """Queries talk to each other, look at the picture, think: each step is added and normalised."""

    def __init__(self, *, width: int, heads: int, feedforward_width: int, dropout: float) -> None:
        super().__init__()
        self.self_attention = Attention(width, heads, dropout)
        self.cross_attention = Attention(width, heads, dropout)
        self.feedforward = feedforward(width, feedforward_width, dropout)
        self.self_norm = nn.LayerNorm(width)
        self.cross_norm = nn.LayerNorm(width)
        self.feedforward_norm = nn.LayerNorm(width)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor, *, query_positions: Tensor, memory: Tensor, memory_positions: Tensor) -> Tensor:
        placed = x + query_positions  # (B, Q, D)
        x = self.self_norm(x + self.dropout(self.self_attention(placed, placed, x)))
        seen = self.cross_attention(x + query_positions, memory + memory_positions, memory)
        x = self.cross_norm(x + self.dropout(seen))
        thought: Tensor = self.feedforward_norm(x + self.dropout(self.feedforward(x)))
        return thought


class TransformerDecoder(nn.Module):
    """(B, channels, H', W') memory -> the queries after each layer, every one through the same final norm."""

    def __init__(
        self,
        channels: int,
        *,
        num_queries: int,
        width: int,
        layers: int,
        heads: int,
        feedforward_width: int,
        dropout: float,
    ) -> None:
        super().__init__()
        self.input_projection = _projection(channels, width)
        self.query_positions = nn.Embedding(num_queries, width)
        self.layers = nn.ModuleList(
            DecoderLayer(width=width, heads=heads, feedforward_width=feedforward_width, dropout=dropout)
            for _ in range(layers)
        )
        self.norm = nn.LayerNorm(width)

    def forward(self, features: Tensor) -> list[Tensor]:
        positions = self.query_positions.weight.expand(len(features), -1, -1)  # (B, Q, D)
        height, width = features.shape[-2:]
        keys = sine_positions(height, width, positions.shape[-1], features.device)  # (H'W', D)
        return self.read(torch.zeros_like(positions), positions, features, keys)[1:]

    def read(self, content: Tensor, positions: Tensor, features: Tensor, keys: Tensor) -> list[Tensor]:
        """Each (B, Q, D), normalised: the queries as they start, and after each layer.

        Args:
            content, positions: (B, Q, D) of the queries.
            features: (B, channels, H', W') to read from.
            keys: (H'W', D), their positions.
        """
        return single_on_cpu(self._read, content, positions, features, keys)

    def _read(self, content: Tensor, positions: Tensor, features: Tensor, keys: Tensor) -> list[Tensor]:
        memory = self.input_projection(features).flatten(2).transpose(1, 2)  # (B, H'W', D)
        x, states = content, [self.norm(content)]
        for layer in self.layers:
            x = layer(x, query_positions=positions, memory=memory, memory_positions=keys.to(memory.dtype))
            states.append(self.norm(x))
        return states


def _projection(channels: int, width: int) -> nn.Module:
    """A 1x1 convolution where the widths differ, as in the paper."""
    return nn.Identity() if channels == width else conv(channels, width, kernel=1)
