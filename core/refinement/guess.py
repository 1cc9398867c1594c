"""What a first click, or a first box, begins with before anything is solved."""

import numpy as np
from numpy.typing import NDArray

from core.inference import Prediction, query_mask
from core.masks import parts_at
from core.refinement.hover import query_of
from core.refinement.prompts import Mask, Prompts
from core.types import VOID

TAKEN = 0.5  # IoU of a guess with the segment that lies there: who begins a new one does not mean that


def first_guess(prediction: Prediction, prompts: Prompts, label_map: NDArray[np.integer] | None = None) -> Mask:
    """(H, W) of the query that explains the clicks best the parts that were clicked; without one the box, or nothing.

    One query may hold all windows of a facade where a person means one of them.

    Args:
        label_map: (H, W) the segments that are there already, if any: none of them is guessed again.
    """
    best, plus = query_of(prediction, prompts.clicks), [click for click in prompts.clicks if click.is_positive]
    if best is not None:
        guess = parts_at(query_mask(prediction, best), [click.x for click in plus], [click.y for click in plus])
        if label_map is None or not is_taken(guess, label_map, int(label_map[plus[0].y, plus[0].x])):
            return guess
    inside = np.zeros(prediction.geometry.picture_hw, dtype=bool)
    if prompts.box is not None:
        x0, y0, x1, y1 = prompts.box
        inside[y0:y1, x0:x1] = True
    return inside


def is_taken(guess: Mask, label_map: NDArray[np.integer], label: int) -> bool:
    """Whether a guess (H, W) is the segment ``label`` of a map."""
    there = label_map == label
    return label != VOID and int((guess & there).sum()) >= TAKEN * int((guess | there).sum())
