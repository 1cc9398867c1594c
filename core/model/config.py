"""The numbers that make one MaskFormer; stored as JSON beside the weights."""

from dataclasses import asdict, dataclass, fields
from typing import Any, Self

from core.messages import StudioError

MEMORY_STRIDES = (8, 16, 32)


@dataclass(frozen=True, slots=True)
class MaskFormerConfig:
    """Constructor argument of :class:`core.model.MaskFormer`; defaults are the paper's.

    Attributes:
        num_classes: K; the class head has K + 1 outputs, the last = no object.
        num_queries: Q (the paper's N).
        width: D, model width of the transformer decoder.
        mask_channels: C, channels of pixel and mask embeddings.
        pixel_decoder_width: channels inside the FPN.
        memory_stride: stride of the backbone stage that the queries attend to (32 in the paper).

    Raises:
        StudioError: a number is out of range.
    """

    num_classes: int
    backbone: str = "efficientnet_lite0"
    num_queries: int = 100
    width: int = 256
    mask_channels: int = 256
    pixel_decoder_width: int = 256
    decoder_layers: int = 6
    attention_heads: int = 8
    feedforward_width: int = 2048
    dropout: float = 0.1
    memory_stride: int = 32

    def __post_init__(self) -> None:
        counts = {f.name: getattr(self, f.name) for f in fields(self) if f.type is int}
        too_small = [f"{name} = {value}" for name, value in counts.items() if not isinstance(value, int) or value < 1]
        if too_small:
            raise StudioError("error.config_range", what=", ".join(too_small))
        if self.width % self.attention_heads or self.width % 4:
            raise StudioError("error.config_width", width=self.width, heads=self.attention_heads)
        if self.memory_stride not in MEMORY_STRIDES:
            raise StudioError("error.config_range", what=f"memory_stride = {self.memory_stride}")

    def to_json(self) -> dict[str, Any]:
        """Plain values by field name."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """Reads what :meth:`to_json` wrote; raises StudioError for names that are unknown or missing."""
        if not isinstance(data, dict):
            raise StudioError("error.config_fields", what=f"model = {data}")
        known = {f.name for f in fields(cls)}
        wrong = sorted(set(data) - known) or sorted({"num_classes"} - set(data))
        if wrong:
            raise StudioError("error.config_fields", what=", ".join(wrong))
        return cls(**data)
