"""DETR's transformer encoder layer (post-norm): every place of the coarsest features reads all others."""

from torch import Tensor, nn

from core.model.attention import Attention, feedforward


class EncoderLayer(nn.Module):
    """Places talk to each other, then think: each step is added and normalised."""

    def __init__(self, *, width: int, heads: int, feedforward_width: int, dropout: float) -> None:
        super().__init__()
        self.self_attention = Attention(width, heads, dropout)
        self.feedforward = feedforward(width, feedforward_width, dropout)
        self.self_norm = nn.LayerNorm(width)
        self.feedforward_norm = nn.LayerNorm(width)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor, positions: Tensor) -> Tensor:
        placed = x + positions  # (B, H'W', D)
        x = self.self_norm(x + self.dropout(self.self_attention(placed, placed, x)))
        thought: Tensor = self.feedforward_norm(x + self.dropout(self.feedforward(x)))
        return thought
