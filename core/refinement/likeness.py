"""How alike the places of a picture are to what was clicked, told without the features' own basis.

Any network's features will do, because only angles between them, and a ridge regression on them, are read.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core.refinement.prompts import Mask

RIDGE, SAID = 0.02, 0.1  # of the mean curvature; the share of all weight that prompts have beside a mask
ALMOST = 1e-6
MOST_ROWS = 4096  # cells, about, that a query is solved on

MAPS_OF_A_GROUP = 3  # the most alike plus click, the most alike minus click, the last one


def likeness(
    groups: Sequence[NDArray[np.float32]],
    plus: Sequence[tuple[int, int]],
    minus: Sequence[tuple[int, int]],
    last: tuple[int, int] | None,
) -> NDArray[np.float32]:
    """(3 x groups, h, w) cosines to features at cells (row, column); 0 where nothing was clicked.

    Args:
        groups: each (h, w, d), centred.
        plus: cells that are inside.
        minus: cells that are outside.
        last: the cell of the latest prompt.
    """
    kinds = [plus, minus, [last] if last else []]
    rows, columns = np.array([cell for cells in kinds for cell in cells], dtype=np.intp).reshape(-1, 2).T
    ends = np.cumsum([len(cells) for cells in kinds])
    maps = np.zeros((len(groups), MAPS_OF_A_GROUP, *groups[0].shape[:2]), np.float32)
    for values, of_group in zip(groups, maps, strict=True):
        lengths = np.maximum(np.sqrt(np.einsum("hwd,hwd->hw", values, values)), ALMOST)
        said = values[rows, columns] / lengths[rows, columns, None]  # (n, d)
        cosines = (values @ said.T) / lengths[:, :, None]  # (h, w, n)
        for start, end, most in zip([0, *ends], ends, of_group, strict=False):
            if start < end:
                cosines[:, :, start:end].max(axis=2, out=most)
    return maps.reshape(-1, *maps.shape[2:])


def solved_query(
    values: NDArray[np.float32], share: NDArray[np.float32], plus: Mask, minus: Mask
) -> NDArray[np.float32]:
    """(h, w) what the query says that is nearest to a mask and its prompts: the ridge regression of +-1 on features.

    Args:
        values: (h, w, d).
        share: (h, w) of each cell that the mask covers; inside and outside weigh the same.
        plus: (h, w) cells that are inside, whatever the mask says.
        minus: (h, w) cells that are outside.
    """
    few = some_cells(share) | plus | minus  # (h, w), n of them
    inside = share[few]
    weights = inside / max(ALMOST, float(inside.sum())) + (1 - inside) / max(ALMOST, float((1 - inside).sum()))
    targets = 2 * inside - 1
    for cells, target in ((plus[few], 1), (minus[few], -1)):
        if cells.any():
            targets = np.where(cells, np.float32(target), targets)
            weights = weights + cells * np.float32(SAID * 2 / cells.sum())
    heard = np.ones((len(inside), values.shape[2] + 1), dtype=np.float32)  # (n, d + 1), the last for the intercept
    heard[:, :-1] = values[few]
    weighted = heard * weights[:, None]
    curvature = weighted.T @ heard
    curvature[np.diag_indices_from(curvature)] += RIDGE * curvature.diagonal().mean()
    query = np.linalg.solve(curvature, weighted.T @ targets)  # (d + 1,)
    return np.asarray(np.clip(values @ query[:-1] + query[-1], -2, 2), np.float32)


def some_cells(share: NDArray[np.float32]) -> Mask:
    """(h, w) the cells that a query is solved on: of a large window every n-th, and all of a small mask's."""
    stride = -(-share.size // MOST_ROWS)
    some: Mask = (np.arange(share.size) % stride == 0).reshape(share.shape)
    touched = share > 0
    if touched.sum() < MOST_ROWS:
        some |= touched
    return some
