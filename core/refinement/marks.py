"""The pixels that a person spoke about: few, however large the picture."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from core.types import Box


@dataclass(frozen=True, eq=False, slots=True)
class Marks:
    """Pixels, each once.

    Attributes:
        xs, ys: (n,) columns and rows.
        inside: (n,) True where the pixel belongs to the segment, False where it does not.
    """

    xs: NDArray[np.intp]
    ys: NDArray[np.intp]
    inside: NDArray[np.bool_]

    @classmethod
    def latest_of(cls, said: NDArray[np.intp]) -> Self:
        """Of rows (x, y, inside), oldest first, the last about each pixel."""
        _, places = np.unique(said[::-1, :2], axis=0, return_index=True)
        kept = said[len(said) - 1 - places]
        return cls(kept[:, 0], kept[:, 1], kept[:, 2].astype(bool))

    def within(self, box: Box) -> Self:
        """Those in a half-open box, in pixels of the box."""
        x0, y0, x1, y1 = box
        held = (self.xs >= x0) & (self.xs < x1) & (self.ys >= y0) & (self.ys < y1)
        return type(self)(self.xs[held] - x0, self.ys[held] - y0, self.inside[held])

    def contradict(self, mask: NDArray[np.bool_]) -> bool:
        """Whether a mask (h, w) has another answer for any pixel."""
        return bool((mask[self.ys, self.xs] != self.inside).any())

    def write_on(self, mask: NDArray[np.bool_]) -> None:
        """Gives a mask (h, w) every answer."""
        mask[self.ys, self.xs] = self.inside
