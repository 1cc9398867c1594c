"""DETR's transformer decoder (post-norm): learned queries read the picture, layer by layer."""

import math
from collections.abc import Iterable

import torch
from torch import Tensor, nn

from core.model.attention import Attention, feedforward
from core.model.convolution import conv
from core.model.position import place_features, sine_positions

GRID_FOCUS = 4.0  # how sharply a fresh query looks at its point


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
        placed: bool = False,
    ) -> None:
        super().__init__()
        self.placed = placed
        self.input_projection = _projection(channels, width)
        self.query_positions = nn.Embedding(num_queries, width)
        fresh = [
            DecoderLayer(width=width, heads=heads, feedforward_width=feedforward_width, dropout=dropout)
            for _ in range(layers)
        ]
        self.layers = nn.ModuleList(fresh)
        self.norm = nn.LayerNorm(width)
        if placed:
            _look_at_a_grid(self.query_positions.weight, fresh)

    def forward(self, features: Tensor) -> list[Tensor]:
        projected = self.input_projection(features)  # (B, D, H', W')
        height, width = projected.shape[-2:]
        if self.placed:
            projected = projected + place_features(height, width, projected.shape[1], projected.device).to(projected)
        memory = projected.flatten(2).transpose(1, 2)  # (B, H'W', D)
        memory_positions = sine_positions(height, width, memory.shape[-1], memory.device).to(memory.dtype)
        query_positions = self.query_positions.weight.expand(len(memory), -1, -1)  # (B, Q, D)
        x = torch.zeros_like(query_positions)
        states = []
        for layer in self.layers:
            x = layer(x, query_positions=query_positions, memory=memory, memory_positions=memory_positions)
            states.append(self.norm(x))
        return states


@torch.no_grad()
def _look_at_a_grid(positions: Tensor, layers: Iterable[DecoderLayer]) -> None:
    """Fresh queries (Q, D) attend around the points of a square grid; the few that are left over look anywhere."""
    side = math.isqrt(len(positions))
    grid = place_features(side, side, positions.shape[1], positions.device).flatten(1).T
    positions[: len(grid)] = GRID_FOCUS * grid
    for layer in layers:
        layer.cross_attention.key.weight.copy_(layer.cross_attention.query.weight)


def _projection(channels: int, width: int) -> nn.Module:
    """A 1x1 convolution where the widths differ, as in the paper."""
    return nn.Identity() if channels == width else conv(channels, width, kernel=1)
