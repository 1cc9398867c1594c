"""Ways to answer clicks: ours, and the simple ones that it must beat."""

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from core.evaluation.clicks.logistic import solved_mask
from core.evaluation.clicks.tries import Method
from core.inference import Prediction, query_mask
from core.refinement import Prompts, RefinementFeatures, Refiner
from core.refinement.head import ClickHead
from core.refinement.prompts import Mask
from core.refinement.proposals import held_cells
from core.refinement.window import Window
from core.types import Box

ROUND = 3  # pixels about a click that GrabCut is told
TOLERANCE = (12, 12, 12)  # of colours, for the flood
MARGIN = 0.3  # of a mask's longer side, about it and the clicks: what a simple way looks at
LEAST_MARGIN = 24


@dataclass(frozen=True, eq=False)
class Seen:
    """A picture (H, W, 3), what the model says of it, and (H, W) the segments that a person begins with, if any."""

    image: NDArray[np.uint8]
    prediction: Prediction
    features: RefinementFeatures
    label_map: NDArray[np.int32] | None = None


def click_head(seen: Seen, head: ClickHead | None = None) -> Method:
    """What the app does."""
    refiner = Refiner(seen.prediction, seen.features, seen.image, head)

    def method(prompts: Prompts, mask: Mask) -> Mask:
        found = refiner.solve(prompts, start=mask, label_map=seen.label_map)
        after = mask.copy()
        x0, y0, x1, y1 = found.box
        after[y0:y1, x0:x1] = found.mask
        return after

    return method


def solved_query(seen: Seen) -> Method:
    """A query solved by logistic regression on the extended features, about the mask and the clicks."""

    def method(prompts: Prompts, mask: Mask) -> Mask:
        start = mask if mask.any() else best_query(seen.prediction, prompts)
        window = Window.around(surroundings(prompts, start), seen.prediction.geometry)
        values = seen.features.values[window.rows, window.columns].astype(np.float32, copy=False)
        after = mask.copy()
        signs = prompts.drawn(mask.shape)[window.pixels]
        after[window.pixels] = solved_mask(values, window, start[window.pixels], signs)
        return obeying(after, prompts)

    return method


def nearest_query(seen: Seen) -> Method:
    """The own mask of the query that contradicts the fewest clicks and shares most with the mask."""

    def method(prompts: Prompts, mask: Mask) -> Mask:
        return obeying(best_query(seen.prediction, prompts, mask), prompts)

    return method


def prototypes(seen: Seen) -> Method:
    """Each pixel goes to the nearer of two mean embeddings: of the mask and the plus clicks, and of what is around."""

    def method(prompts: Prompts, mask: Mask) -> Mask:
        start = obeying(mask if mask.any() else best_query(seen.prediction, prompts), prompts)
        window = Window.around(surroundings(prompts, start), seen.prediction.geometry)
        pixels = seen.prediction.pixel_embeddings[:, window.rows, window.columns].numpy()  # (C, h, w)
        unit = pixels / np.maximum(np.linalg.norm(pixels, axis=0), 1e-6)
        share = window.share(start[window.pixels])
        logits = sum(
            sign * np.tensordot(_mean(unit, weights), unit, axes=1) for sign, weights in ((1, share), (-1, 1 - share))
        )
        after = mask.copy()
        enlarged = cv2.resize(np.asarray(logits, np.float32), after[window.pixels].shape[::-1])
        after[window.pixels] = enlarged >= 0
        return obeying(after, prompts)

    return method


def grab_cut(seen: Seen) -> Method:
    """OpenCV's GrabCut, begun with the mask and told the clicks."""

    def method(prompts: Prompts, mask: Mask) -> Mask:
        start = mask if mask.any() else best_query(seen.prediction, prompts)
        x0, y0, x1, y1 = surroundings(prompts, start)
        trimap = np.where(start[y0:y1, x0:x1], cv2.GC_PR_FGD, cv2.GC_PR_BGD).astype(np.uint8)
        for click in prompts.clicks:
            said = cv2.GC_FGD if click.is_positive else cv2.GC_BGD
            cv2.circle(trimap, (click.x - x0, click.y - y0), ROUND, said, -1)
        after = mask.copy()
        try:
            part = np.ascontiguousarray(seen.image[y0:y1, x0:x1])
            cv2.setRNGSeed(0)
            cv2.grabCut(part, trimap, None, np.zeros((1, 65)), np.zeros((1, 65)), 3, cv2.GC_INIT_WITH_MASK)  # type: ignore[call-overload]
            after[y0:y1, x0:x1] = (trimap == cv2.GC_FGD) | (trimap == cv2.GC_PR_FGD)
        except cv2.error:  # it wants pixels of both kinds
            after = start
        return obeying(after, prompts)

    return method


def flood(seen: Seen) -> Method:
    """The pixels of nearly one colour about the latest click are added or taken away."""

    def method(prompts: Prompts, mask: Mask) -> Mask:
        click = prompts.clicks[-1]
        filled = np.zeros((mask.shape[0] + 2, mask.shape[1] + 2), dtype=np.uint8)
        flags = 4 | (1 << 8) | cv2.FLOODFILL_MASK_ONLY
        picture = seen.image.copy()  # the flood asks to write
        cv2.floodFill(picture, filled, (click.x, click.y), (0, 0, 0), TOLERANCE, TOLERANCE, flags)
        region = filled[1:-1, 1:-1].astype(bool)
        return obeying(mask | region if click.is_positive else mask & ~region, prompts)

    return method


BASELINES: dict[str, Callable[[Seen], Method]] = {
    "solved query": solved_query,
    "nearest query": nearest_query,
    "prototypes": prototypes,
    "GrabCut": grab_cut,
    "flood fill": flood,
}


def best_query(prediction: Prediction, prompts: Prompts, mask: Mask | None = None) -> Mask:
    """(H, W) the own mask of the query with the fewest contradictions; of equals, the one most like ``mask``."""
    height, width = prediction.geometry.inner_hw
    holds = held_cells(prediction).numpy()  # (Q, h, w)
    scale_y, scale_x = prediction.geometry.scale_hw
    right = np.zeros(len(holds))
    for click in prompts.clicks:
        row, column = min(height - 1, int((click.y + 0.5) * scale_y)), min(width - 1, int((click.x + 0.5) * scale_x))
        right += holds[:, row, column] == click.is_positive
    if mask is not None and mask.any():
        small = cv2.resize(mask.astype(np.uint8), (width, height), interpolation=cv2.INTER_NEAREST).astype(bool)
        shared = (holds & small).sum(axis=(1, 2))
        right += shared / np.maximum(1, holds.sum(axis=(1, 2)) + small.sum() - shared)
    else:
        right += (1 - prediction.class_probs[:, -1]).numpy()
    return query_mask(prediction, int(right.argmax()))


def obeying(mask: Mask, prompts: Prompts) -> Mask:
    """The mask with every prompt kept to the pixel."""
    signs = prompts.drawn(mask.shape)
    return (mask & (signs >= 0)) | (signs > 0)


def surroundings(prompts: Prompts, mask: Mask) -> Box:
    """What a simple way looks at: the mask and the prompts, and some way around."""
    height, width = mask.shape
    boxes = [] if prompts.is_empty else [prompts.bounds((height, width))]
    if mask.any():
        x, y, w, h = cv2.boundingRect(mask.astype(np.uint8))
        boxes.append((x, y, x + w, y + h))
    edges = np.array(boxes)
    (x0, y0), (x1, y1) = edges[:, :2].min(axis=0).tolist(), edges[:, 2:].max(axis=0).tolist()
    margin = max(LEAST_MARGIN, round(MARGIN * max(x1 - x0, y1 - y0)))
    return max(0, x0 - margin), max(0, y0 - margin), min(width, x1 + margin), min(height, y1 + margin)


def _mean(unit: NDArray[np.float32], weights: NDArray[np.float32]) -> NDArray[np.float32]:
    total = max(1e-6, float(weights.sum()))
    return np.asarray((unit * weights).sum(axis=(1, 2)) / total, np.float32)
