"""One segment corrected click by click: how its IoU goes, and how long each answer takes."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from core.evaluation.clicks.person import next_click
from core.refinement import Prompts
from core.refinement.prompts import Mask
from core.types import Click

MOST_CLICKS = 20
ENOUGH = 0.90  # IoU: the person clicks no more
HARM = 0.02  # IoU that a click may cost

Method: TypeAlias = Callable[[Prompts, Mask], Mask]  # what was said, and (H, W) the segment as it stands, to (H, W)


@dataclass(frozen=True, slots=True)
class Try:
    """``ious`` before the first click and after each; ``seconds`` of each answer."""

    ious: tuple[float, ...]
    seconds: tuple[float, ...]

    def clicks_to(self, wanted: float) -> int:
        """Clicks until an IoU is reached, ``MOST_CLICKS`` where it never is."""
        return next((count for count, iou in enumerate(self.ious) if iou >= wanted), MOST_CLICKS)

    def reaches(self, wanted: float) -> bool:
        """Whether an IoU is ever reached."""
        return max(self.ious) >= wanted

    def iou_at(self, count: int) -> float:
        """IoU after so many clicks, or after the last."""
        return self.ious[min(count, len(self.ious) - 1)]

    @property
    def harms(self) -> int:
        """Clicks that cost more than ``HARM``."""
        return sum(after < before - HARM for before, after in zip(self.ious, self.ious[1:], strict=False))


def correct(method: Method, truth: Mask, start: Mask, counts: Mask, jitter: np.random.Generator | None = None) -> Try:
    """Clicks at the deepest error until the IoU is ``ENOUGH``, nothing is wrong, or ``MOST_CLICKS`` are spent.

    Args:
        truth: (H, W) the segment that is meant.
        start: (H, W) the segment before the first click; empty: from nothing.
        counts: (H, W) False where the truth is unknown.
        jitter: of the clicks, see :func:`core.evaluation.clicks.person.next_click`.
    """
    mask, clicks = start, list[Click]()
    ious, seconds = [iou(truth, mask, counts)], list[float]()
    while ious[-1] < ENOUGH and len(clicks) < MOST_CLICKS:
        click = next_click(truth, mask, counts, jitter=jitter)
        if click is None:
            break
        clicks.append(click)
        began = time.perf_counter()
        mask = method(Prompts(clicks=tuple(clicks), is_accepted=bool(start.any())), mask)
        seconds.append(time.perf_counter() - began)
        ious.append(iou(truth, mask, counts))
    return Try(tuple(ious), tuple(seconds))


def iou(truth: Mask, mask: Mask, counts: Mask) -> float:
    """Intersection over union where the truth is known; 1 where both are empty."""
    either = int(((truth | mask) & counts).sum())
    return float((truth & mask & counts).sum()) / either if either else 1.0
