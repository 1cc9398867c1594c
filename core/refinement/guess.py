"""What a first click, or a first box, begins with before anything is solved."""

import numpy as np

from core.inference import Prediction, query_mask
from core.masks import parts_at
from core.refinement.hover import query_of
from core.refinement.prompts import Mask, Prompts


def first_guess(prediction: Prediction, prompts: Prompts) -> Mask:
    """(H, W) of the query that explains the clicks best the parts that were clicked; without one the box, or nothing.

    One query may hold all windows of a facade where a person means one of them.
    """
    best = query_of(prediction, prompts.clicks)
    if best is not None:
        plus = [click for click in prompts.clicks if click.is_positive]
        return parts_at(query_mask(prediction, best), [click.x for click in plus], [click.y for click in plus])
    inside = np.zeros(prediction.geometry.picture_hw, dtype=bool)
    if prompts.box is not None:
        x0, y0, x1, y1 = prompts.box
        inside[y0:y1, x0:x1] = True
    return inside
