"""What no number of clicks can pass: the best query for each true mask, fitted to all of its pixels."""

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from core.evaluation.clicks.logistic import fit_logistic
from core.evaluation.clicks.methods import Seen, surroundings
from core.evaluation.clicks.targets import Target
from core.evaluation.clicks.tries import iou
from core.refinement import Prompts
from core.refinement.prompts import Mask
from core.refinement.window import Window

RIDGE = 1e-2
WANTED = 0.85


def ceiling(seen: Seen, aim: Target) -> dict[str, float]:
    """IoU of the best query on the embeddings alone and on the extended features, and of the mask's own cells.

    All are solved on the cells about the segment and enlarged to pixels, as a click's answer is.
    """
    window = Window.around(surroundings(Prompts(), aim.truth), seen.prediction.geometry)
    share = window.share(aim.truth[window.pixels])
    embeddings = seen.prediction.pixel_embeddings[:, window.rows, window.columns].permute(1, 2, 0).numpy()
    extended = seen.features.values[window.rows, window.columns]
    known = window.share(aim.counts[window.pixels])
    solutions = {
        "embeddings": _best(embeddings, share, known),
        "features": _best(extended, share, known),
        "cells": 2 * share - 1,
    }
    return {name: _reached(logits, window, aim) for name, logits in solutions.items()}


def summary(found: Sequence[dict[str, float]]) -> dict[str, Any]:
    """Mean IoU, and the share of segments that reach ``WANTED``, by what the query is solved on."""
    names = found[0] if found else {}
    return {
        name: {
            "mean_iou": float(np.mean([row[name] for row in found])),
            "reach85": float(np.mean([row[name] >= WANTED for row in found])),
        }
        for name in names
    }


def _best(values: NDArray[np.floating], share: NDArray[np.float32], known: NDArray[np.float32]) -> NDArray[np.float32]:
    """(h, w) logits, fitted to the shares of cells (h, w) where these are known."""
    height, width, channels = values.shape
    rows = np.ones((height * width, channels + 1), dtype=np.float32)
    rows[:, :-1] = values.reshape(-1, channels)
    coefficients = fit_logistic(rows, share.ravel(), known.ravel(), RIDGE)
    return np.asarray((rows @ coefficients).reshape(height, width), np.float32)


def _reached(logits: NDArray[np.float32], window: Window, aim: Target) -> float:
    mask: Mask = np.zeros_like(aim.truth)
    x0, y0, x1, y1 = window.box
    mask[window.pixels] = cv2.resize(logits, (x1 - x0, y1 - y0), interpolation=cv2.INTER_LINEAR) >= 0
    return iou(aim.truth, mask, aim.counts)
