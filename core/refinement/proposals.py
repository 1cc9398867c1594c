"""The queries' own masks, one bit a cell: what a click may mean before anything is solved."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from core.inference import Prediction
from core.refinement.prompts import Mask
from core.types import Size


@dataclass(frozen=True, eq=False, slots=True)
class Proposals:
    """Masks of all queries on the cells that cover a picture.

    Attributes:
        bits: (Q, ceil(h' * w' / 8)) uint8, row by row.
        claims: (Q,) probability of any class at all.
        hw: (h', w').
    """

    bits: NDArray[np.uint8]
    claims: NDArray[np.float32]
    hw: Size

    @classmethod
    def of(cls, prediction: Prediction) -> Self:
        """A prediction's."""
        held = held_cells(prediction)
        claims = (1 - prediction.class_probs[:, -1]).numpy()
        return cls(np.packbits(held.flatten(1).numpy(), axis=1), claims, prediction.geometry.inner_hw)

    def best_at(self, row: int, column: int) -> Mask | None:
        """(h', w') the mask of the query that claims a cell most; None where no mask holds it."""
        height, width = self.hw
        cell = row * width + column
        holding = (self.bits[:, cell // 8] >> (7 - cell % 8)) & 1
        if not holding.any():
            return None
        query = int(np.where(holding, self.claims, -1).argmax())
        return np.unpackbits(self.bits[query], count=height * width).reshape(height, width).astype(bool)


def held_cells(prediction: Prediction) -> Tensor:
    """(Q, h', w') bool: the cells that each query's own mask holds; per pixel, where no class is more probable."""
    height, width = prediction.geometry.inner_hw
    logits = prediction.mask_logits[:, :height, :width]
    return logits >= (logits.amax(dim=0) if prediction.is_per_pixel else 0)
