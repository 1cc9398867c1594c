"""What the click head is told about a crop: the picture, the mask as it stands, the prompts, and what is alike."""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from core.refinement.crop import Crop
from core.refinement.features import RefinementFeatures
from core.refinement.likeness import MAPS_OF_A_GROUP, likeness, solved_query
from core.refinement.marks import Marks
from core.refinement.prompts import Mask
from core.refinement.window import Window

GROUPS = 4  # of the features that likeness is read from: E, stride 4, stride 8, colour
CHANNELS = 3 + 1 + 3 + MAPS_OF_A_GROUP * GROUPS + 2
MEAN, SPREAD = 116.0, 58.0  # of the picture's values
DOT = 2.5  # cells: how far a prompt's mark reaches
MOST_CELLS = 24  # of a scribble that likeness is read at


def head_inputs(
    image: NDArray[np.uint8],
    features: RefinementFeatures,
    crop: Crop,
    mask: Mask,
    marks: Marks,
    latest: Marks,
) -> NDArray[np.float32]:
    """(CHANNELS, side, side) for one crop.

    Args:
        image: (H, W, 3).
        mask: (H, W) the segment as it stands.
        marks: all that was said, in pixels of the picture.
        latest: the latest prompt's part of it.
    """
    picture = (crop.shrink(image[crop.pixels]).transpose(2, 0, 1) - MEAN) / SPREAD
    share = crop.shrink(mask[crop.pixels])
    said = *crop.cells_of(marks), np.logical_or(*crop.cells_of(latest))
    dots = [_dots(cells) for cells in said]
    return np.concatenate([picture, share[None], dots, _alike(features, crop, mask, said)]).astype(np.float32)


def _alike(features: RefinementFeatures, crop: Crop, mask: Mask, said: tuple[Mask, Mask, Mask]) -> NDArray[np.float32]:
    """(3 x GROUPS + 2, side, side) likeness, the solved query, and the best query at the latest prompt."""
    window = Window.around(crop.box, features.geometry)
    values = features.values[window.rows, window.columns].astype(np.float32, copy=False)
    plus, minus, latest = (_grid_cells(cells, crop, window) for cells in said)
    groups = [values[:, :, start:stop] for start, stop in features.groups]
    maps = likeness(groups, plus, minus, latest[0] if latest else None)
    share = window.share(mask[window.pixels])
    solved = solved_query(values, share, _drawn(plus, share.shape), _drawn(minus, share.shape))
    proposal = np.zeros(share.shape, np.float32)
    if latest:
        row, column = latest[0]
        best = features.proposals.best_at(row + window.rows.start, column + window.columns.start)
        if best is not None:
            proposal = best[window.rows, window.columns].astype(np.float32)
    return crop.from_grid(window, np.concatenate([maps, solved[None], proposal[None]]))


def _grid_cells(cells: Mask, crop: Crop, window: Window) -> list[tuple[int, int]]:
    """Cells of the window under cells of the crop, each once, at most ``MOST_CELLS``."""
    (x0, y0, _, _), (height, width) = crop.box, crop.hw
    found = []
    for row, column in np.argwhere(cells):
        x, y = x0 + (column + 0.5) * width / crop.side - 0.5, y0 + (row + 0.5) * height / crop.side - 0.5
        found.append(window.cell_of(round(x), round(y)))
    each = list(dict.fromkeys(found))
    return each[:: -(-len(each) // MOST_CELLS)] if each else each


def _drawn(cells: Sequence[tuple[int, int]], hw: tuple[int, ...]) -> Mask:
    drawn = np.zeros(hw, dtype=bool)
    for cell in cells:
        drawn[cell] = True
    return drawn


def _dots(cells: Mask) -> NDArray[np.float32]:
    """(side, side) 1 at the cells, falling off about them."""
    if not cells.any():
        return np.zeros(cells.shape, np.float32)
    away = cv2.distanceTransform((~cells).astype(np.uint8), cv2.DIST_L2, 5)
    return np.asarray(np.exp(-((away / DOT) ** 2)), np.float32)
