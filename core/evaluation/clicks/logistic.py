"""A query solved from clicks by logistic regression with a ridge: Newton steps, each shortened until the loss falls."""

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve
from scipy.special import expit

from core.refinement.window import Window

STEPS, HALVINGS = 8, 6
RIDGE, PRIOR, SAID = 1.0, 200.0, 40.0  # weights of the ridge, of the mask to start from, of a prompt's cell
NEAR = 0.15  # of the window's diagonal: a contradicted mask counts little so near a prompt
CLOSE = 1e-3  # of the loss: a smaller gain ends the search


def fit_logistic(
    rows: NDArray[np.float32], targets: NDArray[np.float32], weights: NDArray[np.float32], ridge: float
) -> NDArray[np.float32]:
    """Coefficients (d,) that minimise sum of weights x cross entropy + ridge / 2 x their squares.

    Args:
        rows: (n, d); a column of ones makes an intercept, which the ridge pulls at as well.
        targets: (n,) soft labels 0..1.
    """
    coefficients = np.zeros(rows.shape[1], dtype=np.float32)
    loss = _loss(rows, targets, weights, ridge, coefficients)
    for _ in range(STEPS):
        probs = expit(rows @ coefficients)
        gradient = rows.T @ (weights * (probs - targets)) + ridge * coefficients
        curvature = rows.T @ (rows * (weights * probs * (1 - probs))[:, None])
        curvature[np.diag_indices_from(curvature)] += ridge
        step = cho_solve(cho_factor(curvature, check_finite=False), gradient, check_finite=False)
        size = 1.0
        for _ in range(HALVINGS):
            candidate = coefficients - np.float32(size) * step
            new = _loss(rows, targets, weights, ridge, candidate)
            if new < loss:
                break
            size /= 2
        else:
            return coefficients
        gained, coefficients, loss = loss - new, candidate, new
        if gained < CLOSE * loss:
            break
    return coefficients


def _loss(
    rows: NDArray[np.float32],
    targets: NDArray[np.float32],
    weights: NDArray[np.float32],
    ridge: float,
    coefficients: NDArray[np.float32],
) -> float:
    logits = rows @ coefficients
    entropy = np.logaddexp(0, logits) - targets * logits
    return float(weights @ entropy + ridge / 2 * (coefficients @ coefficients))


def solved_mask(
    values: NDArray[np.float32], window: Window, prior: NDArray[np.bool_], signs: NDArray[np.int8]
) -> NDArray[np.bool_]:
    """(h, w) what a query says that is solved on a window's features for a mask (h, w) and prompts (h, w) 1, -1, 0.

    Near prompts that the mask contradicts it counts little, and a prompt counts as much as many cells.
    """
    height, width, channels = values.shape
    rows = np.ones((height * width, channels + 1), dtype=np.float32)
    rows[:, :-1] = values.reshape(-1, channels)
    targets = window.share(prior)
    weights = np.full((height, width), PRIOR / (height * width), dtype=np.float32)
    inside, outside = _cells(window, signs > 0), _cells(window, signs < 0)
    wrong = (inside & (targets < 0.5)) | (outside & (targets >= 0.5))
    if wrong.any():
        away = cv2.distanceTransform((~wrong).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
        weights *= 1 - np.exp(-((away / (NEAR * np.hypot(height, width))) ** 2))
    targets[inside], targets[outside] = 1, 0
    weights[inside | outside] = SAID
    coefficients = fit_logistic(rows, targets.ravel(), weights.ravel(), RIDGE)
    logits = (rows @ coefficients).reshape(height, width)
    enlarged = cv2.resize(logits, prior.shape[::-1], interpolation=cv2.INTER_LINEAR)
    return np.asarray(enlarged >= 0)


def _cells(window: Window, where: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """(rows, columns) True in the cells of the pixels that are True."""
    cells = np.zeros((window.rows.stop - window.rows.start, window.columns.stop - window.columns.start), dtype=bool)
    ys, xs = np.nonzero(where)
    for y, x in {window.cell_of(int(x) + window.box[0], int(y) + window.box[1]) for y, x in zip(ys, xs, strict=True)}:
        cells[y, x] = True
    return cells
