"""The FPN pixel decoder: multi-scale features -> per-pixel embeddings at stride 4."""

from collections.abc import Sequence

from torch import Tensor, nn
from torch.nn.functional import interpolate


def _conv_group_norm(inputs: int, outputs: int, kernel: int) -> nn.Sequential:
    conv = nn.Conv2d(inputs, outputs, kernel, padding=kernel // 2, bias=False)
    return nn.Sequential(conv, nn.GroupNorm(32, outputs))


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
        self.mask_projection = nn.Conv2d(width, mask_channels, 3, padding=1)

    def forward(self, features: Sequence[Tensor]) -> Tensor:
        *finer, coarsest = features
        x = self.activation(self.coarsest(coarsest))
        for feature, lateral, smoother in zip(reversed(finer), self.laterals, self.smoothers, strict=True):
            x = lateral(feature) + interpolate(x, size=feature.shape[-2:], mode="nearest")
            x = self.activation(smoother(x))
        pixel_embeddings: Tensor = self.mask_projection(x)  # (B, C, h, w)
        return pixel_embeddings
