"""Windows of Swin Transformer: cutting a grid of tokens into them, and attention inside each."""

import math

import torch
from torch import Tensor, nn
from torch.nn.functional import pad

from core.model.attention import Attention

INITIAL_STD = 0.02
ACROSS_THE_SEAM = -100.0  # added to the score of two tokens that only the shift brought into one window


def padded(x: Tensor, multiple: int) -> Tensor:
    """(B, H, W, C) with zeros at the bottom and the right, where a side is no multiple."""
    bottom, right = (-side % multiple for side in x.shape[1:3])
    return pad(x, (0, 0, 0, right, 0, bottom)) if bottom or right else x


def cut(x: Tensor, window: int) -> Tensor:
    """(B, H, W, C) -> (n, w*w, C): windows row by row, all of the first picture first."""
    batch, height, width, channels = x.shape
    x = x.reshape(batch, height // window, window, width // window, window, channels)
    return x.transpose(2, 3).reshape(-1, window**2, channels)


def join(windows: Tensor, rows: int, columns: int) -> Tensor:
    """The inverse of :func:`cut`."""
    _, tokens, channels = windows.shape
    window = math.isqrt(tokens)
    x = windows.view(-1, rows, columns, window, window, channels)
    return x.transpose(2, 3).reshape(-1, rows * window, columns * window, channels)


class WindowAttention(Attention):
    """Attention among the w*w tokens of each window, with a learned bias for every relative position."""

    positions: Tensor
    seams: Tensor

    def __init__(self, width: int, heads: int, *, window: int, shift: int) -> None:
        super().__init__(width, heads)
        self.shift = shift
        self.position_bias = nn.Parameter(torch.empty((2 * window - 1) ** 2, heads))
        nn.init.trunc_normal_(self.position_bias, std=INITIAL_STD)
        self.register_buffer("positions", _relative_positions(window), persistent=False)
        self.register_buffer("seams", _seams(window, shift) if shift else None, persistent=False)

    def attend(self, tokens: Tensor, rows: int, columns: int) -> Tensor:
        """(B * rows * columns, w*w, C), the windows of a batch -> the same shape."""
        bias = self.position_bias[self.positions].permute(2, 0, 1)[None]  # (1, heads, w*w, w*w)
        if self.shift:
            kinds = _kinds(rows, columns, tokens.device).repeat(len(tokens) // (rows * columns))
            bias = bias + self.seams[kinds][:, None]  # (windows, heads, w*w, w*w)
        attended: Tensor = self(tokens, tokens, tokens, bias)
        return attended


def _relative_positions(window: int) -> Tensor:
    """(w*w, w*w): the row of the bias table for each pair of tokens."""
    steps = torch.arange(window)
    y, x = (axis.flatten() for axis in torch.meshgrid(steps, steps, indexing="ij"))
    dy, dx = y[:, None] - y, x[:, None] - x  # (w*w, w*w), from -(w-1) to w-1
    return (dy + window - 1) * (2 * window - 1) + dx + window - 1


def _kinds(rows: int, columns: int, device: torch.device) -> Tensor:
    """(rows * columns,): which of the four ``seams`` goes through each window of a picture."""
    bottom = torch.arange(rows, device=device) == rows - 1
    right = torch.arange(columns, device=device) == columns - 1
    return (2 * bottom[:, None] + right).flatten()


def _seams(window: int, shift: int) -> Tensor:
    """(4, w*w, w*w): what keeps tokens apart that were neighbours only after the shift.

    No seam goes through most windows (0), one through those at the right (1) and at the bottom (2), and two through
    the corner (3): the four windows of a picture of 2x2.
    """
    beyond = torch.arange(2 * window) >= 2 * window - shift
    sides = (2 * beyond[:, None] + beyond)[None, :, :, None]  # (1, 2w, 2w, 1)
    sides = cut(sides, window)[..., 0]  # (4, w*w)
    apart = sides[:, :, None] != sides[:, None, :]
    return torch.zeros(apart.shape).masked_fill(apart, ACROSS_THE_SEAM)
