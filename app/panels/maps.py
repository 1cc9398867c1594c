"""Maps of labels as small as a panel draws them."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.answers.reply import Reply
from app.encoding import deflated
from core.types import Size

LONG_SIDE = 480  # pixels


def drawn_size(size_hw: Size, long_side: int = LONG_SIDE) -> Size:
    """The size that a picture is drawn at: never larger than four times its own."""
    scale = min(long_side / max(size_hw), 4.0)
    return max(1, round(size_hw[0] * scale)), max(1, round(size_hw[1] * scale))


def sampled(labels: NDArray[Any], size_hw: Size) -> NDArray[Any]:
    """(H, W) at another size, each pixel from the one under its middle."""
    rows, columns = (
        ((np.arange(drawn) + 0.5) * side / drawn).astype(np.int64)
        for side, drawn in zip(labels.shape, size_hw, strict=True)
    )
    return np.asarray(labels[rows][:, columns])


def packed_map(labels: NDArray[np.integer], size_hw: Size) -> str:
    """A map of labels 0..65535 for the page, at the size that it is drawn at."""
    return deflated(sampled(labels, size_hw).astype(np.uint16))


def map_size(size_hw: Size) -> Reply:
    """What the page has to know of the size of its maps."""
    return {"map_height": size_hw[0], "map_width": size_hw[1]}
