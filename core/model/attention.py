"""Multi-head attention and the feed-forward block that every transformer layer here is made of."""

from torch import Tensor, nn
from torch.nn.functional import scaled_dot_product_attention

STACKED_GAIN = 2**-0.5  # DETR draws query, key and value as one stacked matrix, whose Xavier range is narrower


class Attention(nn.Module):
    """Multi-head attention of (B, Q, D) queries over (B, M, D) keys and values."""

    def __init__(self, width: int, heads: int, dropout: float = 0.0) -> None:
        super().__init__()
        self.heads = heads
        self.dropout = dropout
        self.query = _linear(width, STACKED_GAIN)
        self.key = _linear(width, STACKED_GAIN)
        self.value = _linear(width, STACKED_GAIN)
        self.output = _linear(width)

    def _split(self, x: Tensor) -> Tensor:
        batch, tokens, width = x.shape
        return x.view(batch, tokens, self.heads, width // self.heads).transpose(1, 2)  # (B, heads, tokens, D / heads)

    def projected(self, query: Tensor, key: Tensor) -> tuple[Tensor, Tensor]:
        """(B, heads, Q, D / heads) and (B, heads, M, D / heads): what is compared in each head."""
        return self._split(self.query(query)), self._split(self.key(key))

    def forward(self, query: Tensor, key: Tensor, value: Tensor, bias: Tensor | None = None) -> Tensor:
        """``bias`` is added to the scores; its shape broadcasts to (B, heads, Q, M)."""
        q, k, v = self._split(self.query(query)), self._split(self.key(key)), self._split(self.value(value))
        dropout = self.dropout if self.training else 0.0
        attended = scaled_dot_product_attention(q, k, v, attn_mask=bias, dropout_p=dropout)
        mixed: Tensor = self.output(attended.transpose(1, 2).flatten(2))  # (B, Q, D)
        return mixed


def feedforward(width: int, hidden: int, dropout: float) -> nn.Sequential:
    """The two-layer perceptron of DETR's layers."""
    block = nn.Sequential(nn.Linear(width, hidden), nn.ReLU(), nn.Dropout(dropout), nn.Linear(hidden, width))
    for parameter in block.parameters():
        if parameter.dim() > 1:
            nn.init.xavier_uniform_(parameter)
    return block


def _linear(width: int, gain: float = 1.0) -> nn.Linear:
    linear = nn.Linear(width, width)
    nn.init.xavier_uniform_(linear.weight, gain)
    nn.init.zeros_(linear.bias)
    return linear
