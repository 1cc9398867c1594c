"""The figures of many corrections: NoC, failures, mean IoU after so many clicks, harm, and seconds a click."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from core.evaluation.clicks.tries import Try

AT = (0, 1, 3, 5, 10, 20)  # clicks
LEAST_AREA, LARGE_AREA = 200, 800  # pixels: what the headline is about, and what is large
AREAS = ((0, LEAST_AREA), (LEAST_AREA, LARGE_AREA), (LARGE_AREA, 5000), (5000, None))
HEADLINE = "own"


@dataclass(frozen=True, slots=True)
class Row:
    """One correction: where it began (``own``, ``nothing``), of what, and how it went."""

    start: str
    is_jittered: bool
    category: str
    area: int
    went: Try


@dataclass(frozen=True, slots=True)
class ClickReport:
    """All corrections by one method; ``pictures`` were looked at.

    ``ceiling`` says, where it was asked for, what the best query for each true mask reaches, see
    :func:`core.evaluation.clicks.ceiling.summary`.
    """

    rows: list[Row] = field(default_factory=list)
    pictures: int = 0
    ceiling: dict[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """The headline's figures on top: from the model's own masks, ``LEAST_AREA`` pixels or more, clicks exact."""
        headline = figures(self.select(HEADLINE, is_jittered=False))
        return {
            "pictures": self.pictures,
            **headline,
            **({"ceiling": self.ceiling} if self.ceiling else {}),
            "starts": {
                start: {
                    "exact": self._block(start, is_jittered=False),
                    "jittered": self._block(start, is_jittered=True),
                }
                for start in dict.fromkeys(row.start for row in self.rows)
            },
        }

    def select(self, start: str, *, is_jittered: bool, least: int = LEAST_AREA, most: int | None = None) -> list[Row]:
        """Rows of segments of ``least`` pixels or more, and fewer than ``most``."""
        return [
            row
            for row in self.rows
            if row.start == start
            and row.is_jittered == is_jittered
            and row.area >= least
            and (most is None or row.area < most)
        ]

    def _block(self, start: str, *, is_jittered: bool) -> dict[str, Any]:
        def chosen(least: int, most: int | None = None) -> dict[str, Any]:
            return figures(self.select(start, is_jittered=is_jittered, least=least, most=most))

        rows = self.select(start, is_jittered=is_jittered)
        names = sorted({row.category for row in rows})
        return {
            **chosen(LEAST_AREA),
            "large": chosen(LARGE_AREA),
            "by_area": {f"{least}-{most or ''}": chosen(least, most) for least, most in AREAS},
            "by_category": {name: figures([row for row in rows if row.category == name]) for name in names},
        }


def figures(rows: Sequence[Row]) -> dict[str, Any]:
    """Of some corrections; None where there are none."""
    tries = [row.went for row in rows]
    clicks = sum(len(went.seconds) for went in tries)
    seconds = [spent for went in tries for spent in went.seconds]
    return {
        "segments": len(tries),
        "noc85": _mean([went.clicks_to(0.85) for went in tries]),
        "noc90": _mean([went.clicks_to(0.90) for went in tries]),
        "failures20": _mean([not went.reaches(0.85) for went in tries]),
        "miou_at": {str(count): _mean([went.iou_at(count) for went in tries]) for count in AT},
        "harmful": sum(went.harms for went in tries) / clicks if clicks else None,
        "seconds_per_click": float(np.median(seconds)) if seconds else None,
    }


def _mean(values: Sequence[float]) -> float | None:
    return float(np.mean(values)) if values else None
