"""From clicks, strokes, a box and a mask to start from, to the mask that a person means."""

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from core.inference import Geometry, Prediction
from core.messages import StudioError
from core.refinement.crop import Crop
from core.refinement.embedding import embedding_of, mask_shortlist
from core.refinement.features import RefinementFeatures
from core.refinement.guess import first_guess
from core.refinement.head import ClickHead
from core.refinement.look import Looker
from core.refinement.marks import Marks
from core.refinement.prompts import Mask, Prompts
from core.refinement.weights import load_head
from core.refinement.window import Window
from core.types import VOID, Box

LEAST_LEFT, NEAR = 0.1, 0.25  # of a segment that a minus leaves; of its side, what is near a minus if not
FAR_SHARE = 0.25  # of an accepted mask that changes: more is shown first


@dataclass(frozen=True, eq=False)
class Refinement:
    """What a segment should become; what the model makes of that is found when it is first asked for.

    Attributes:
        box: half-open, in pixels of the picture; outside it the segment stays as it is.
        mask: (h, w) bool, the segment inside the box.
        is_preview: much of what was accepted would change: to be shown before it is done.
        prediction: what it was found with.
        window: the cells of its grid about the box.
        in_window: bool, the segment at the window's pixels.
    """

    box: Box
    mask: Mask
    is_preview: bool
    prediction: Prediction
    window: Window
    in_window: Mask

    @cached_property
    def mask_embedding(self) -> NDArray[np.float32]:
        """(C,) float32, the query that the segment in the window amounts to; zeros for per-pixel models."""
        return embedding_of(self.prediction, self.window, self.in_window)

    @cached_property
    def shortlist(self) -> tuple[tuple[int, float], ...]:
        """(category_id, probability), likeliest first: what the queries take the segment in the window for."""
        return mask_shortlist(self.prediction, self.window, self.in_window)


class Refiner:
    """Solves for one picture, as often as asked. Stateless: what a person said before comes along each time."""

    def __init__(
        self,
        prediction: Prediction,
        features: RefinementFeatures,
        image: NDArray[np.uint8],
        head: ClickHead | None = None,
    ) -> None:
        """``head`` None: the bundled one; raises StudioError where that cannot be read."""
        self._prediction = prediction
        self._looker = Looker(head or load_head(), image, features)

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
            label_map: (H, W) the document's: needed for ``segment_id`` and ``locked``, and a new segment begins with
                none that it holds.
            locked: segments that keep their pixels.

        Raises:
            StudioError: a click or the box lies outside the picture, or nothing was said.
            ValueError: ``start`` or ``label_map`` is not of the picture's size.
        """
        picture_hw = self._prediction.geometry.picture_hw
        prompts.require_inside(picture_hw)
        if prompts.is_empty:
            raise StudioError("error.no_prompt")
        before = self._start(start, label_map, segment_id)
        is_new = not before.any()
        prior = first_guess(self._prediction, prompts, label_map) if is_new else before
        crop, mask = self._answer(prompts, prior, is_new=is_new)
        if label_map is not None and locked:
            mask &= ~np.isin(label_map[crop.pixels], [key for key in locked if key != segment_id])
        changed = np.count_nonzero(mask != before[crop.pixels])
        window, in_window = _on_grid(self._prediction.geometry, crop, mask, before)
        return Refinement(
            box=crop.box,
            mask=mask,
            is_preview=prompts.is_accepted and bool(changed > FAR_SHARE * np.count_nonzero(before)),
            prediction=self._prediction,
            window=window,
            in_window=in_window,
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

    def _answer(self, prompts: Prompts, prior: Mask, *, is_new: bool) -> tuple[Crop, Mask]:
        """The crop, and the segment in it with every prompt kept; what agrees with all prompts stays as it is."""
        marks = prompts.marks((prior.shape[0], prior.shape[1]))
        if not is_new and prompts.box is None and not marks.contradict(prior):
            x0, y0, x1, y1 = prompts.bounds(prior.shape)
            return Crop((x0, y0, x1, y1)), prior[y0:y1, x0:x1].copy()
        crop, mask = self._looker.answer(prompts, prior)
        here = marks.within(crop.box)
        if prompts.box is not None:
            mask &= _inside(prompts.box, crop)
        here.write_on(mask)
        if not is_new and not marks.inside.all():
            mask = _leaving(mask, prior[crop.pixels], here)
        return crop, mask


def _inside(box: Box, crop: Crop) -> Mask:
    """(h, w) the pixels of a crop that lie in a box of the picture."""
    (x0, y0, x1, y1), (left, top) = box, crop.box[:2]
    inside = np.zeros(crop.hw, dtype=bool)
    inside[max(0, y0 - top) : y1 - top, max(0, x0 - left) : x1 - left] = True
    return inside


def _leaving(mask: Mask, before: Mask, marks: Marks) -> Mask:
    """(h, w) the mask or, where next to nothing would be left, what was there but for the places near the minuses.

    To take a segment away altogether is said in other ways than by a click into it.
    """
    if mask.sum() >= LEAST_LEFT * before.sum():
        return mask
    elsewhere = np.ones(mask.shape, dtype=np.uint8)
    elsewhere[marks.ys[~marks.inside], marks.xs[~marks.inside]] = 0
    left: Mask = before & (cv2.distanceTransform(elsewhere, cv2.DIST_L2, 5) > np.sqrt(before.sum()) * NEAR)
    marks.write_on(left)
    return left


def _on_grid(geometry: Geometry, crop: Crop, mask: Mask, before: Mask) -> tuple[Window, Mask]:
    """The grid's window about a crop, and the segment at its pixels."""
    window = Window.around(crop.box, geometry)
    (x0, y0, x1, y1), (left, top, _, _) = crop.box, window.box
    after = before[window.pixels].copy()
    after[y0 - top : y1 - top, x0 - left : x1 - left] = mask
    return window, after
