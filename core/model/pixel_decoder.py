"""The pixel decoders: multi-scale features -> per-pixel embeddings at stride 4."""

from collections.abc import Sequence

from torch import Tensor, nn
from torch.nn.functional import interpolate

from core.model.convolution import conv
from core.model.position import sine_positions
from core.model.transformer_encoder import EncoderLayer

NORM_GROUPS = 32


def _conv_group_norm(inputs: int, outputs: int, kernel: int) -> nn.Sequential:
    return nn.Sequential(conv(inputs, outputs, kernel, bias=False), nn.GroupNorm(NORM_GROUPS, outputs))


class FeaturePyramid(nn.Module):
    """Top-down fusion by nearest upsampling, then a 3x3 convolution to C mask channels.

    ``channels`` are the backbone's widths at strides 4, 8, 16, 32.
    """

    def __init__(self, channels: Sequence[int], *, width: int, mask_channels: int) -> None:
        super().__init__()
        *finer, coarsest = channels
        self.coarsest = _conv_group_norm(coarsest, width, kernel=3)
        self.laterals = nn.ModuleList(_conv_group_norm(c, width, kernel=1) for c in reversed(finer))
        self.smoothers = nn.ModuleList(_conv_group_norm(width, width, kernel=3) for _ in finer)
        self.activation = nn.ReLU(inplace=True)
        self.mask_projection = conv(width, mask_channels, kernel=3)

    def encode(self, features: Sequence[Tensor]) -> Sequence[Tensor]:
        """The features that both decoders read: here the backbone's own."""
        return features

    def forward(self, features: Sequence[Tensor]) -> Tensor:
        pixel_embeddings: Tensor = self.mask_projection(self.fuse(features))  # (B, C, h, w)
        return pixel_embeddings

    def fuse(self, features: Sequence[Tensor]) -> Tensor:
        """(B, width, h, w): all scales at stride 4."""
        *finer, coarsest = features
        x: Tensor = self.activation(self.coarsest(coarsest))
        for feature, lateral, smoother in zip(reversed(finer), self.laterals, self.smoothers, strict=True):
            x = lateral(feature) + interpolate(x, size=feature.shape[-2:], mode="nearest")
            x = self.activation(smoother(x))
        return x


class EncodedPyramid(FeaturePyramid):
    """The paper's other pixel decoder: a transformer encoder works on the stride-32 features first."""

    def __init__(
        self,
        channels: Sequence[int],
        *,
        width: int,
        mask_channels: int,
        layers: int,
        heads: int,
        feedforward_width: int,
        dropout: float,
    ) -> None:
        *finer, coarsest = channels
        super().__init__((*finer, width), width=width, mask_channels=mask_channels)
        self.input_projection = conv(coarsest, width, kernel=1)
        self.encoder = nn.ModuleList(
            EncoderLayer(width=width, heads=heads, feedforward_width=feedforward_width, dropout=dropout)
            for _ in range(layers)
        )

    def encode(self, features: Sequence[Tensor]) -> Sequence[Tensor]:
        """The encoder's output takes the place of the stride-32 features."""
        *finer, coarsest = features
        projected = self.input_projection(coarsest)  # (B, D, H', W')
        x = projected.flatten(2).transpose(1, 2)  # (B, H'W', D)
        height, width = projected.shape[-2:]
        positions = sine_positions(height, width, x.shape[-1], x.device).to(x.dtype)
        for layer in self.encoder:
            x = layer(x, positions)
        return (*finer, x.transpose(1, 2).unflatten(2, (height, width)))
