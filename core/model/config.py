"""The numbers that make one network; stored as JSON beside the weights."""

from dataclasses import asdict, dataclass, fields
from typing import Any, Self

from core.messages import StudioError
from core.model.backbones import BackboneSpec, name_of, spec_from_json, spec_of, spec_to_json
from core.model.backbones.backbone import MOST_BLOCKS, MOST_CHANNELS
from core.model.pixel_decoder import NORM_GROUPS
from core.model.waves import WAVE_CHANNELS

MEMORY_STRIDES = (8, 16, 32)
FORMULATIONS = ("mask", "per_pixel", "per_pixel_plus")
LAYERS = {"encoder_layers", "decoder_layers"}
MAY_BE_ZERO = {"encoder_layers", "seeds"}


@dataclass(frozen=True, slots=True)
class MaskFormerConfig:
    """Argument of :func:`core.model.build_network`; defaults are the paper's.

    Attributes:
        num_classes: K; the class head has K + 1 outputs, the last = no object.
        backbone: a row of ``BACKBONES``, or numbers of one's own; numbers that are a row's become its name.
        num_queries: Q (the paper's N); K for ``per_pixel_plus``.
        width: D, model width of the transformer decoder.
        mask_channels: C, channels of pixel and mask embeddings.
        pixel_decoder_width: channels inside the FPN, and model width of its encoder.
        memory_stride: stride of the features that the queries attend to (32 in the paper).
        encoder_layers: transformer-encoder layers on the stride-32 features (0, or 6 in the paper).
        seeds: so many of the queries start at places of the picture, see :mod:`core.model.seeded` (0 in the paper).
            For many things that look alike.
        formulation: ``mask`` is MaskFormer; ``per_pixel`` and ``per_pixel_plus`` are the paper's baselines.

    Raises:
        StudioError: a number is out of range, or two do not go together.
    """

    num_classes: int
    backbone: str | BackboneSpec = "efficientnet_lite0"
    num_queries: int = 100
    width: int = 256
    mask_channels: int = 256
    pixel_decoder_width: int = 256
    decoder_layers: int = 6
    attention_heads: int = 8
    feedforward_width: int = 2048
    dropout: float = 0.1
    memory_stride: int = 32
    encoder_layers: int = 0
    seeds: int = 0
    formulation: str = "mask"

    def __post_init__(self) -> None:
        spec = spec_of(self.backbone)
        object.__setattr__(self, "backbone", name_of(spec) or spec)
        wrong = self._out_of_range()
        if wrong:
            raise StudioError("error.config_range", what=", ".join(f"{name} = {getattr(self, name)}" for name in wrong))
        attending = (self.width, self.pixel_decoder_width) if self.encoder_layers else (self.width,)
        for width in attending:
            if width % self.attention_heads or width % 4:
                raise StudioError("error.config_width", width=width, heads=self.attention_heads)
        if self.pixel_decoder_width % NORM_GROUPS:
            raise StudioError("error.config_groups", width=self.pixel_decoder_width, groups=NORM_GROUPS)
        if self.formulation == "per_pixel_plus" and self.num_queries != self.num_classes:
            raise StudioError("error.config_queries", queries=self.num_queries, classes=self.num_classes)

    def _out_of_range(self) -> list[str]:
        """The fields that are wrong by themselves."""
        sound = {f.name: self._is_count(f.name) for f in fields(self) if f.type is int}
        sound["memory_stride"] = self.memory_stride in MEMORY_STRIDES
        sound["formulation"] = self.formulation in FORMULATIONS
        sound["dropout"] = isinstance(self.dropout, (int, float)) and 0 <= self.dropout < 1
        if all(sound.values()) and self.seeds:
            sound["seeds"] = self.seeds <= self.num_queries
            sound["mask_channels"] = self.mask_channels > WAVE_CHANNELS
            sound["formulation"] = self.formulation == "mask"
        return [name for name, is_sound in sound.items() if not is_sound]

    def _is_count(self, name: str) -> bool:
        """Whether a field is a whole number between what makes sense and what fits any memory."""
        value = getattr(self, name)
        least, most = int(name not in MAY_BE_ZERO), MOST_BLOCKS if name in LAYERS else MOST_CHANNELS
        return type(value) is int and least <= value <= most

    def to_json(self) -> dict[str, Any]:
        """Plain values by field name."""
        backbone = self.backbone if isinstance(self.backbone, str) else spec_to_json(self.backbone)
        return {**asdict(self), "backbone": backbone}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """Reads what :meth:`to_json` wrote; raises StudioError for names that are unknown or missing."""
        if not isinstance(data, dict):
            raise StudioError("error.config_fields", what=f"model = {data}")
        known = {f.name for f in fields(cls)}
        wrong = sorted(set(data) - known) or sorted({"num_classes"} - set(data))
        if wrong:
            raise StudioError("error.config_fields", what=", ".join(wrong))
        backbone = data.get("backbone")
        return cls(**{**data, "backbone": spec_from_json(backbone)} if isinstance(backbone, dict) else data)
