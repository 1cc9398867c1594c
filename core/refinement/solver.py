"""Logistic regression with a ridge: Newton steps, each shortened until the loss falls."""

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve
from scipy.special import expit

STEPS, HALVINGS = 8, 6
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
