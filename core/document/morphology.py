"""New shapes from a mask: all take and give (h, w) bool maps, distances are Euclidean, between pixel centres."""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from core.masks import components


def holes(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Pixels outside the mask from which no 4-connected way leads to the border without crossing it."""
    ground = np.pad(~mask, 1, constant_values=True).astype(np.uint8)
    cv2.floodFill(ground, None, (0, 0), (0,), flags=4)
    return ground[1:-1, 1:-1].astype(bool)


def dilated(mask: NDArray[np.bool_], radius: int) -> NDArray[np.bool_]:
    """The pixels at most ``radius`` away from one of the mask."""
    return mask | _reached(~mask, radius)


def eroded(mask: NDArray[np.bool_], radius: int) -> NDArray[np.bool_]:
    """The pixels more than ``radius`` away from every pixel outside the mask; the map's border counts as inside."""
    return mask & ~_reached(mask, radius)


def majority(mask: NDArray[np.bool_], radius: int) -> NDArray[np.bool_]:
    """The pixels around which more than half of a disc is in the mask; beyond the border its edge goes on."""
    across = np.arange(-radius, radius + 1)
    disc = (across[:, None] ** 2 + across[None, :] ** 2 <= radius**2).astype(np.float32)
    share = cv2.filter2D(mask.astype(np.float32), -1, disc, borderType=cv2.BORDER_REPLICATE)
    return np.asarray(2 * share > disc.sum())


def cut(mask: NDArray[np.bool_], points_xy: Sequence[tuple[float, float]]) -> NDArray[np.int32]:
    """The pieces 1..n into which a line cuts a mask, 0 outside.

    Parts of the mask that the line leaves whole belong to the first piece, and so does the largest remainder of each
    that it divides. Pixels under the line go to the nearest piece beside it.
    """
    line = _drawn(points_xy, mask)
    parts, _ = components(mask, connectivity=4)
    shreds, count = components(mask & ~line, connectivity=4)  # a line of 8 neighbours parts what has 4
    pieces = _piece_of(shreds, parts, count)[shreds]
    under, beside = mask & line, (shreds > 0) & dilated(line, 1)
    if under.any() and beside.any():
        _, nearest = cKDTree(np.argwhere(beside)).query(np.argwhere(under))
        pieces[under] = pieces[beside][nearest]
    return pieces


def _drawn(points_xy: Sequence[tuple[float, float]], mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """One pixel wide, each pixel one of the 8 neighbours of the one before."""
    line = np.zeros(mask.shape, dtype=np.uint8)
    cv2.polylines(line, [np.floor(points_xy).astype(np.int32)], isClosed=False, color=(1,))
    return line.astype(bool)


def _piece_of(shreds: NDArray[np.int32], parts: NDArray[np.int32], count: int) -> NDArray[np.int32]:
    """(count + 1,) the piece of each shred: 1 for the largest of every part, 2, 3, ... for the others."""
    sizes = np.bincount(shreds.ravel(), minlength=count + 1)
    part_of = np.zeros(count + 1, dtype=np.int64)
    part_of[shreds] = parts
    falling = 1 + np.argsort(-sizes[1:], kind="stable")
    _, first = np.unique(part_of[falling], return_index=True)
    is_cut_off = np.ones(count + 1, dtype=bool)
    is_cut_off[[0, *falling[first]]] = False
    piece_of = np.ones(count + 1, dtype=np.int32)
    piece_of[0] = 0
    piece_of[is_cut_off] = np.arange(2, 2 + is_cut_off.sum())
    return piece_of


def _reached(room: NDArray[np.bool_], radius: int) -> NDArray[np.bool_]:
    """Pixels of the room at most ``radius`` away from one outside it."""
    if room.all():
        return np.zeros_like(room)
    distances = cv2.distanceTransform(room.astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    return np.asarray(room & (distances < np.sqrt(radius**2 + 0.5)))  # squares of distances are whole numbers
