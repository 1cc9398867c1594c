"""Where a simulated person clicks next: into the middle of the largest error."""

import cv2
import numpy as np
from numpy.typing import NDArray

from core.refinement.prompts import Mask
from core.types import Click


def next_click(
    truth: Mask, mask: Mask, counts: Mask | None = None, *, jitter: np.random.Generator | None = None
) -> Click | None:
    """The deepest pixel of what is missing or too much, by distance to the error's edge; None: nothing is wrong.

    Args:
        truth: (H, W) the segment that is meant.
        mask: (H, W) the segment as it stands.
        counts: (H, W) False where the truth is unknown: nobody clicks there.
        jitter: moves the click to a random pixel of the same error, at least half as deep; None: the deepest.
    """
    missing, excess = truth & ~mask, mask & ~truth
    if counts is not None:
        missing, excess = missing & counts, excess & counts
    depths = [_depth(error) for error in (missing, excess)]
    deepest = [float(depth.max()) for depth in depths]
    if max(deepest) == 0:
        return None
    is_positive = deepest[0] >= deepest[1]
    depth = depths[0 if is_positive else 1]
    y, x = divmod(int(depth.argmax()), depth.shape[1])
    if jitter is not None:
        y, x = _near(depth, y, x, jitter)
    return Click(x, y, is_positive)


def _depth(error: Mask) -> NDArray[np.float32]:
    """(H, W) distance to the nearest pixel that is no error; the picture's border is one."""
    padded = cv2.copyMakeBorder(error.astype(np.uint8), 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=(0,))
    return np.asarray(cv2.distanceTransform(padded, cv2.DIST_L2, 5)[1:-1, 1:-1], np.float32)


def _near(depth: NDArray[np.float32], y: int, x: int, jitter: np.random.Generator) -> tuple[int, int]:
    _, parts = cv2.connectedComponents((depth >= max(1.0, depth[y, x] / 2)).astype(np.uint8))
    ys, xs = np.nonzero(parts == parts[y, x])
    chosen = int(jitter.integers(len(ys)))
    return int(ys[chosen]), int(xs[chosen])
