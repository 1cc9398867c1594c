"""Pictures drawn as text, so that a test shows what it is about."""

import numpy as np
from numpy.typing import NDArray


def picture(*rows: str) -> NDArray[np.bool_]:
    """(H, W) mask, True where the drawing has ``#``: ``picture("###", "#.#")``."""
    return np.array([[mark == "#" for mark in row] for row in rows], dtype=bool)


def label_map(*rows: str) -> NDArray[np.int32]:
    """(H, W) int32 labels, one digit a pixel and ``.`` for void: ``label_map("112", ".12")``."""
    return np.array([[0 if mark == "." else int(mark) for mark in row] for row in rows], dtype=np.int32)
