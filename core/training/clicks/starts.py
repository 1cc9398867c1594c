"""Masks to begin a correction with: the model's own, none at all, and truths that something happened to."""

import cv2
import numpy as np

from core.evaluation.clicks.targets import own_mask
from core.refinement.prompts import Mask
from core.training.clicks.scenes import Scene
from core.types import VOID

OWN, NOTHING = 0.55, 0.15  # shares; the rest are damaged truths


def start(scene: Scene, truth: Mask, rng: np.random.Generator) -> tuple[Mask, bool]:
    """(H, W) what the segment ``truth`` is before the first click, and whether no other segments are there."""
    drawn = rng.random()
    if drawn < OWN:
        return own_mask(truth, scene.truth != VOID, scene.found), False
    if drawn < OWN + NOTHING:
        return np.zeros(truth.shape, dtype=bool), True
    return damaged(truth, scene.truth, rng), False


def damaged(truth: Mask, labels: np.ndarray[tuple[int, ...], np.dtype[np.int32]], rng: np.random.Generator) -> Mask:
    """A truth grown or shrunk, with discs added and cut out, or with a neighbour's segment for its own."""
    mask = truth.copy()
    size = float(np.sqrt(truth.sum()))
    side = max(3, round(size * rng.uniform(0.03, 0.2))) | 1
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    change = rng.choice(["grow", "shrink", "smooth", "none"])
    if change == "grow":
        mask = cv2.dilate(mask.view(np.uint8), kernel).astype(bool)
    elif change == "shrink":
        mask = cv2.erode(mask.view(np.uint8), kernel).astype(bool)
    elif change == "smooth":
        mask = cv2.GaussianBlur(mask.astype(np.float32), (0, 0), side / 2) >= 0.5
    ys, xs = np.nonzero(truth)
    for _ in range(int(rng.integers(0, 4))):
        place = int(rng.integers(len(ys)))
        reach = max(2, round(size * rng.uniform(0.1, 0.5)))
        middle = int(xs[place] + rng.normal() * reach / 2), int(ys[place] + rng.normal() * reach / 2)
        disc = cv2.circle(np.zeros(truth.shape, np.uint8), middle, reach, 1, -1).astype(bool)
        mask = mask | disc if rng.random() < 0.5 else mask & ~disc
    if rng.random() < 0.3:
        mask = mask | _neighbour(truth, labels, rng)
    return mask


def _neighbour(truth: Mask, labels: np.ndarray[tuple[int, ...], np.dtype[np.int32]], rng: np.random.Generator) -> Mask:
    """One of the segments that touch the truth."""
    edge = cv2.dilate(truth.view(np.uint8), np.ones((5, 5), np.uint8)).astype(bool) & ~truth
    touching = np.unique(labels[edge])
    touching = touching[touching != VOID]
    if not len(touching):
        return np.zeros(truth.shape, dtype=bool)
    return np.asarray(labels == rng.choice(touching))


def boxed(truth: Mask, rng: np.random.Generator) -> Mask:
    """(H, W) a box about the truth as a hand draws it, filled."""
    x, y, width, height = cv2.boundingRect(truth.view(np.uint8))
    slip = rng.normal(0, 0.04, 4) * np.array([width, height, width, height])
    left, top = round(x + slip[0]), round(y + slip[1])
    right, bottom = round(x + width + slip[2]), round(y + height + slip[3])
    mask = np.zeros(truth.shape, dtype=bool)
    mask[
        max(0, min(top, y + height - 1)) : max(bottom, y + 1), max(0, min(left, x + width - 1)) : max(right, x + 1)
    ] = True
    return mask
