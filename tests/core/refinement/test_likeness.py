"""Likeness and the solved query against a plain restatement, and without a basis of their own."""

import numpy as np
from scipy.stats import ortho_group

from core.refinement.likeness import MAPS_OF_A_GROUP, RIDGE, likeness, solved_query

RANDOM = np.random.default_rng(0)
VALUES = RANDOM.normal(size=(6, 9, 5)).astype(np.float32)
PLUS, MINUS = [(1, 2), (4, 4)], [(0, 8)]


def cells(places):
    drawn = np.zeros((6, 9), bool)
    for place in places:
        drawn[place] = True
    return drawn


def test_likeness_is_the_largest_cosine_to_a_click():
    maps = likeness([VALUES], PLUS, MINUS, PLUS[1])
    assert maps.shape == (MAPS_OF_A_GROUP, 6, 9)
    for y, x in np.ndindex(6, 9):
        cosines = [
            VALUES[y, x] @ VALUES[place] / np.linalg.norm(VALUES[y, x]) / np.linalg.norm(VALUES[place])
            for place in (*PLUS, *MINUS)
        ]
        expected = [max(cosines[:2]), cosines[2], cosines[1]]
        np.testing.assert_allclose(maps[:, y, x], expected, atol=1e-5)


def test_what_nobody_clicked_is_zero():
    assert not likeness([VALUES], [], [], None).any()


def test_another_basis_says_the_same():
    turned = (VALUES @ ortho_group.rvs(5, random_state=1)).astype(np.float32)
    share = RANDOM.random((6, 9)).astype(np.float32)
    for one, other in (
        (likeness([VALUES], PLUS, MINUS, None), likeness([turned], PLUS, MINUS, None)),
        *[[solved_query(values, share, cells(PLUS), cells(MINUS)) for values in (VALUES, turned)]],
    ):
        np.testing.assert_allclose(one, other, atol=2e-2)


def test_the_solved_query_is_the_weighted_ridge_regression():
    share = (RANDOM.random((6, 9)) > 0.6).astype(np.float32)
    found = solved_query(VALUES, share, cells([]), cells([]))
    rows = np.concatenate([VALUES.reshape(-1, 5), np.ones((54, 1))], axis=1)
    inside = share.ravel() > 0
    weights = np.where(inside, 1 / inside.sum(), 1 / (~inside).sum())
    curvature = sum(w * np.outer(row, row) for w, row in zip(weights, rows, strict=True))
    ridge = RIDGE * np.trace(curvature) / 6
    right = sum(w * (2 * s - 1) * row for w, s, row in zip(weights, inside, rows, strict=True))
    expected = rows @ np.linalg.solve(curvature + ridge * np.eye(6), right)
    np.testing.assert_allclose(found.ravel(), np.clip(expected, -2, 2), atol=1e-3)
