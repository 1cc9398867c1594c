"""The panoptic assembly step by step: who is left after each rule of :mod:`core.inference.panoptic`, with what."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import torch
from numpy.typing import NDArray

from core.inference import Prediction, assemble, segments_of
from core.inference.contest import compete
from core.inference.panoptic import NOBODY
from core.messages import StudioError
from core.types import VOID, Fate, QueryFate, SegmentInfo


class Step(StrEnum):
    """The steps in their order."""

    QUERIES = "queries"  # all N pairs
    OBJECTS = "objects"  # without those whose best class is "no object", and those that are switched off
    CONFIDENT = "confident"  # p(class) exceeds the score threshold
    ARGMAX = "argmax"  # each pixel goes to the largest p(class) x mask probability
    OVERLAP = "overlap"  # who won too small a share of its own mask gives its pixels up
    SEGMENTS = "segments"  # stuff of one class is fused, and segments are numbered


STEPS = tuple(Step)
_LEAVES_AT = {
    Fate.OFF: Step.OBJECTS,
    Fate.NO_OBJECT: Step.OBJECTS,
    Fate.BELOW_THRESHOLD: Step.CONFIDENT,
    Fate.OVERLAPPED: Step.OVERLAP,
}


@dataclass(frozen=True, eq=False)
class AssemblySteps:
    """One picture's assembly.

    Attributes:
        fates: one for every query.
        winners: (H, W) int16 query that wins each pixel, -1 = nobody takes part.
        owners: (H, W) int16 the same after the overlap test, -1 = void.
        panoptic_map: (H, W) int32 segment ids, 0 = void, of ``segments``.
    """

    fates: tuple[QueryFate, ...]
    winners: NDArray[np.int16]
    owners: NDArray[np.int16]
    panoptic_map: NDArray[np.int32]
    segments: tuple[SegmentInfo, ...]

    def leaves_at(self, query: int) -> Step | None:
        """The step that ends a query's way; None where its pixels are in the result."""
        return _LEAVES_AT.get(self.fates[query].fate)

    def left(self, step: Step) -> list[int]:
        """The queries that are there after a step."""
        place = STEPS.index(step)
        ends = [self.leaves_at(fate.query) for fate in self.fates]
        return [fate.query for fate, end in zip(self.fates, ends, strict=True) if not end or STEPS.index(end) > place]

    def void_share(self, step: Step) -> float:
        """Share of the picture that nobody has after a step from ``ARGMAX`` on."""
        owners = self.winners if step is Step.ARGMAX else self.owners
        return float((owners == NOBODY).mean())


def assembly_steps(
    prediction: Prediction,
    score_threshold: float | None = None,
    overlap_threshold: float | None = None,
    off: frozenset[int] = frozenset(),
) -> AssemblySteps:
    """As :func:`core.inference.panoptic`, whose result is the last step.

    Raises:
        StudioError: the prediction is of a per-pixel network, which assembles nothing.
    """
    if prediction.is_per_pixel:
        raise StudioError("error.explain_no_queries")
    assembly = assemble(prediction, score_threshold, overlap_threshold, off)
    competing = [fate.query for fate in assembly.fates if fate.fate in (Fate.SEGMENT, Fate.FUSED, Fate.OVERLAPPED)]
    winners = np.full(prediction.geometry.picture_hw, NOBODY, dtype=np.int16)
    if competing:
        contest = compete(prediction, torch.tensor(competing))
        winners = np.array(competing, dtype=np.int16)[contest.winners]
    labels = np.full(len(prediction) + 1, VOID, dtype=np.int32)  # the last row serves NOBODY = -1
    for fate in assembly.fates:
        labels[fate.query] = fate.segment_id or VOID
    segments = segments_of(assembly.fates, prediction)
    return AssemblySteps(assembly.fates, winners, assembly.owners, labels[assembly.owners], segments)
