"""From clicks, strokes, a box and a mask to start from, to the mask that a person means."""

import time
from collections.abc import Collection
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from core.inference import Prediction, query_mask
from core.masks import components
from core.messages import StudioError
from core.refinement.embedding import embedding_of, nearest_shortlist
from core.refinement.features import RefinementFeatures
from core.refinement.hover import queries_at
from core.refinement.prompts import Mask, Prompts
from core.refinement.solver import fit_logistic
from core.refinement.window import Window, widened
from core.types import VOID, Box

FACTOR, LEAST_MARGIN = 1.6, 24.0  # of the window around what is known of the segment; cells' pixels
RIDGE, PRIOR, SAID = 1.0, 200.0, 40.0  # weights of the ridge, of the mask to start from, of a prompt's cell
NEAR = 0.15  # of the window's diagonal: a contradicted mask counts little so near a prompt
FAR_SHARE = 0.25  # of an accepted mask that changes: more is shown first


@dataclass(frozen=True, eq=False, slots=True)
class Refinement:
    """What a segment should become.

    Attributes:
        box: half-open, in pixels of the picture; outside it the segment stays as it is.
        mask: (h, w) bool, the segment inside the box.
        mask_embedding: (C,) float32, the query that this mask amounts to; zeros for per-pixel models.
        shortlist: (category_id, probability), most probable first: what the nearest queries take it for.
        is_preview: much of what was accepted would change: to be shown before it is done.
        seconds: how long it took.
    """

    box: Box
    mask: Mask
    mask_embedding: NDArray[np.float32]
    shortlist: tuple[tuple[int, float], ...]
    is_preview: bool
    seconds: float


class Refiner:
    """Solves for one picture, as often as asked. Stateless: what a person said before comes along each time."""

    def __init__(self, prediction: Prediction, features: RefinementFeatures, image: NDArray[np.uint8]) -> None:
        self._prediction = prediction
        self._features = features
        self._image = image

    def solve(
        self,
        prompts: Prompts,
        *,
        start: Mask | None = None,
        label_map: NDArray[np.integer] | None = None,
        segment_id: int | None = None,
        locked: Collection[int] = frozenset(),
    ) -> Refinement:
        """What the segment becomes, given all that was said about it.

        Args:
            start: (H, W) the segment as it stands, earlier answers included; None: ``segment_id``'s pixels in
                ``label_map``, or nothing yet. What it contradicts in the prompts is what is answered.
            label_map: (H, W) the document's; only needed for ``segment_id`` and ``locked``.
            locked: segments that keep their pixels.

        Raises:
            StudioError: a click or the box lies outside the picture, or nothing was said.
            ValueError: ``start`` or ``label_map`` is not of the picture's size.
        """
        began = time.perf_counter()
        picture_hw = self._prediction.geometry.picture_hw
        prompts.require_inside(picture_hw)
        if prompts.is_empty:
            raise StudioError("error.no_prompt")
        before = self._start(start, label_map, segment_id)
        is_new = not before.any()
        prior = self._best_guess(prompts) if is_new else before
        window = self._window(prompts, prior)
        signs = prompts.drawn(picture_hw)[window.pixels]
        _erase_outside(signs, prompts.box, window.box)
        mask = self._solved(window, signs, prior[window.pixels])
        if not is_new:
            mask = _limited(mask, before[window.pixels], signs)
        mask = (mask & (signs >= 0)) | (signs > 0)
        if label_map is not None and locked:
            taken = np.isin(label_map[window.pixels], [key for key in locked if key != segment_id])
            mask &= ~taken
        changed = mask != before[window.pixels]
        embedding = embedding_of(self._prediction, window, mask)
        return Refinement(
            box=window.box,
            mask=mask,
            mask_embedding=embedding,
            shortlist=nearest_shortlist(self._prediction, embedding),
            is_preview=not is_new and int(changed.sum()) > FAR_SHARE * int(before.sum()),
            seconds=time.perf_counter() - began,
        )

    def _start(self, start: Mask | None, label_map: NDArray[np.integer] | None, segment_id: int | None) -> Mask:
        picture_hw = self._prediction.geometry.picture_hw
        for name, given in (("start", start), ("label_map", label_map)):
            if given is not None and given.shape != picture_hw:
                raise ValueError(f"{name} must be {picture_hw}, got {given.shape}")
        if start is not None:
            return start.astype(bool, copy=False)
        if label_map is not None and segment_id not in (None, VOID):
            return np.asarray(label_map == segment_id)
        return np.zeros(picture_hw, dtype=bool)

    def _best_guess(self, prompts: Prompts) -> Mask:
        """The own mask of the query that explains the prompts best; empty where none does."""
        picture_hw = self._prediction.geometry.picture_hw
        votes: dict[int, float] = {}
        for click in prompts.clicks:
            for query, probability in queries_at(self._prediction, click.x, click.y):
                votes[query] = votes.get(query, 0.0) + (probability if click.is_positive else -probability)
        best = max(votes, key=lambda query: votes[query], default=None)
        if best is not None and votes[best] > 0:
            return query_mask(self._prediction, best)
        if prompts.box is not None:
            return self._best_in_box(prompts.box)
        return np.zeros(picture_hw, dtype=bool)

    def _best_in_box(self, box: Box) -> Mask:
        x0, y0, x1, y1 = box
        inside = np.zeros(self._prediction.geometry.picture_hw, dtype=bool)
        inside[y0:y1, x0:x1] = True
        height, width = self._prediction.geometry.inner_hw
        small = cv2.resize(inside.astype(np.uint8), (width, height), interpolation=cv2.INTER_NEAREST).astype(bool)
        masks = self._prediction.mask_logits[:, :height, :width].numpy() >= 0
        shared = (masks & small).sum(axis=(1, 2))
        iou = shared / np.maximum(1, masks.sum(axis=(1, 2)) + small.sum() - shared)
        if iou.max() < 0.3:
            return inside
        return query_mask(self._prediction, int(iou.argmax()))

    def _window(self, prompts: Prompts, prior: Mask) -> Window:
        height, width = prior.shape
        boxes = [(click.x, click.y, click.x + 1, click.y + 1) for click in prompts.clicks]
        for stroke in prompts.strokes:
            if stroke.points_xy:
                points = np.clip(np.rint(stroke.points_xy), 0, (width - 1, height - 1)).astype(int)
                (left, top), (right, bottom) = points.min(axis=0), points.max(axis=0)
                boxes.append((int(left), int(top), int(right) + 1, int(bottom) + 1))
        if prompts.box is not None:
            boxes.append(prompts.box)
        if prior.any():
            x, y, w, h = cv2.boundingRect(prior.view(np.uint8))
            boxes.append((x, y, x + w, y + h))
        bounds = np.array(boxes)
        (x0, y0), (x1, y1) = bounds[:, :2].min(axis=0), bounds[:, 2:].max(axis=0)
        geometry = self._prediction.geometry
        margin = LEAST_MARGIN / (4 * geometry.scale_hw[0])
        return Window.around(widened((int(x0), int(y0), int(x1), int(y1)), FACTOR, margin, geometry), geometry)

    def _solved(self, window: Window, signs: NDArray[np.int8], prior: Mask) -> Mask:
        """(h, w) what a query solved on the window's cells says."""
        values = self._features.values[window.rows, window.columns]
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
        return window.enlarge(logits) >= 0


def _cells(window: Window, where: Mask) -> Mask:
    """(rows, columns) True in the cells of the pixels that are True."""
    cells = np.zeros((window.rows.stop - window.rows.start, window.columns.stop - window.columns.start), dtype=bool)
    ys, xs = np.nonzero(where)
    for y, x in {window.cell_of(int(x) + window.box[0], int(y) + window.box[1]) for y, x in zip(ys, xs, strict=True)}:
        cells[y, x] = True
    return cells


def _erase_outside(signs: NDArray[np.int8], box: Box | None, window_box: Box) -> None:
    """What lies outside the box that a person drew is outside the segment."""
    if box is None:
        return
    (x0, y0, x1, y1), (left, top) = box, window_box[:2]
    outside = np.ones(signs.shape, dtype=bool)
    outside[y0 - top : y1 - top, x0 - left : x1 - left] = False
    signs[outside & (signs == 0)] = -1


def _limited(mask: Mask, before: Mask, signs: NDArray[np.int8]) -> Mask:
    """Only pixels change that hang together with a prompt which the mask contradicts, and only as it says."""
    after = before.copy()
    for sign, wanted in ((1, True), (-1, False)):
        said = (signs == sign) & (before != wanted)
        flips, _ = components(((mask == wanted) & (before != wanted)) | said)
        touched = np.unique(flips[said])
        after[np.isin(flips, touched[touched > 0])] = wanted
    return after
