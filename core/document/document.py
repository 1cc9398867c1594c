"""One picture as the model and a person made it together: a value that is never changed, only replaced."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from core.inference import Prediction
from core.types import PanopticResult, QueryFate, SegmentInfo, Size, Taxonomy


@dataclass(frozen=True, slots=True)
class Settings:
    """The thresholds of the panoptic assembly, both 0..1."""

    score_threshold: float
    overlap_threshold: float


@dataclass(frozen=True, eq=False, slots=True)
class Document:
    """The edited picture.

    Attributes:
        label_map: (H, W) int32, read-only; segment ids below 65536, 0 = void. No label without a segment, and no
            segment without pixels.
        segments: by id, each with its true area.
        settings: what the model's part of the picture was assembled with.
        off: queries that a person switched off, or whose segment was deleted.
        silent: those of ``off`` that were deleted to void. They win their pixels as before, for nobody, so that a
            deletion to void changes nothing around it.
        voided: (H, W) bool, read-only; pixels that stay void whatever the model says.
        assembled: every query's fate in the last assembly, by the model's rules alone.
        taxonomy: the categories of the segments: the model's, as a person renamed and recoloured them, and their own.
        version: grows with every change, undo and redo included.
    """

    label_map: NDArray[np.int32]
    segments: Mapping[int, SegmentInfo]
    settings: Settings
    off: frozenset[int]
    silent: frozenset[int]
    voided: NDArray[np.bool_]
    assembled: tuple[QueryFate, ...]
    taxonomy: Taxonomy
    version: int = 0

    def __post_init__(self) -> None:
        object.__setattr__(self, "label_map", read_only(self.label_map))
        object.__setattr__(self, "voided", read_only(self.voided))
        object.__setattr__(self, "segments", MappingProxyType(dict(self.segments)))

    @classmethod
    def from_result(cls, result: PanopticResult, prediction: Prediction, settings: Settings | None = None) -> Self:
        """The model's own result; ``settings`` are what it was made with (default: the checkpoint's own)."""
        return cls(
            label_map=result.panoptic_map,
            segments={segment.segment_id: segment for segment in result.segments},
            settings=settings or Settings(prediction.score_threshold, prediction.overlap_threshold),
            off=frozenset(row.query for row in result.fates if row.fate == "off"),
            silent=frozenset(),
            voided=np.zeros(result.panoptic_map.shape, dtype=bool),
            assembled=result.fates,
            taxonomy=prediction.taxonomy,
        )

    @property
    def size_hw(self) -> Size:
        """Height and width of the picture."""
        height, width = self.label_map.shape
        return height, width

    @property
    def rules(self) -> tuple[float, float, frozenset[int]]:
        """Score threshold, overlap threshold and the queries left out: what the model's part is assembled by."""
        return self.settings.score_threshold, self.settings.overlap_threshold, self.off - self.silent

    @property
    def nbytes(self) -> int:
        """Memory of the two maps."""
        return self.label_map.nbytes + self.voided.nbytes


def read_only(values: NDArray[np.generic]) -> NDArray[np.generic]:
    """A view that refuses to be written to."""
    view = values.view()
    view.flags.writeable = False
    return view
