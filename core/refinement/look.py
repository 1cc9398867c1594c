"""One look, or a few, at the place that was clicked: from prompts and a mask to the mask that is meant."""

from dataclasses import dataclass

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from scipy.special import expit

from core.masks import parts_at
from core.refinement.crop import Crop
from core.refinement.features import RefinementFeatures
from core.refinement.head import SHARE, ClickHead
from core.refinement.inputs import head_inputs
from core.refinement.marks import Marks
from core.refinement.prompts import Mask, Prompts
from core.refinement.sharpen import sharpened
from core.types import Box, Size

FACTOR, LEAST = 1.6, 40.0  # of the crop around what is known of the segment; pixels
BLANK_SIDE = 128.0  # pixels of the first look where nothing is known but a click
RIM_SHARE = 0.1  # of a crop's side: a change that reaches so much of a rim goes on behind it
WIDER, MOST_LOOKS = 2.0, 3
COARSE = 1.0  # pixels in a cell: a look so coarse is followed by a closer one, and leaves details alone
LATE = 6  # prompts after which a new segment is as good as accepted: no change that nobody pointed at
BRIDGE = 5  # pixels: changes so near to each other are one
OTHERWISE = 0.5  # of a cell: a change of its share that a coarse look can mean
CLOSE_FACTOR, CLOSE_LEAST = 3.0, 64.0  # of the closer crop, about what changed
CLOSE_SHARE = 0.6  # of the wide crop: a closer one must be smaller


@dataclass(frozen=True, eq=False)
class Looker:
    """What is looked at, and with what."""

    head: ClickHead
    image: NDArray[np.uint8]
    features: RefinementFeatures

    @property
    def picture_hw(self) -> Size:
        """Of the picture."""
        return self.image.shape[0], self.image.shape[1]

    def answer(self, prompts: Prompts, mask: Mask) -> tuple[Crop, Mask]:
        """The crop that was looked at, and the segment (h, w) in it; outside it ``mask`` (H, W) stays."""
        said = prompts.marks(self.picture_hw), prompts.latest.marks(self.picture_hw)
        crop = self._first(prompts, mask)
        found = self._look(crop, mask, said)
        for _ in range(MOST_LOOKS - 1):
            if not self._goes_on(crop, found != mask[crop.pixels]):
                break
            crop = Crop.around(crop.box, WIDER, 0, self.picture_hw)
            found = self._look(crop, mask, said)
        if len(said[1].xs) and crop.pixels_per_cell >= COARSE:
            self._look_closer(crop, found, mask, said)
        if prompts.is_accepted or len(prompts.clicks) + len(prompts.strokes) > LATE:
            found = touching(found, mask[crop.pixels], said[1].within(crop.box))
        return crop, found

    def _first(self, prompts: Prompts, mask: Mask) -> Crop:
        bounds = prompts.bounds(self.picture_hw)
        if not mask.any():
            return Crop.around(bounds, FACTOR, BLANK_SIDE, self.picture_hw)
        return Crop.around(union(bounds, _bounds(mask)), FACTOR, LEAST, self.picture_hw)

    def _goes_on(self, crop: Crop, changed: Mask) -> bool:
        """The change is cut off by a rim that is not the picture's."""
        (x0, y0, x1, y1), (height, width) = crop.box, self.picture_hw
        rims = [
            (x0 > 0, changed[:, 0]),
            (x1 < width, changed[:, -1]),
            (y0 > 0, changed[0]),
            (y1 < height, changed[-1]),
        ]
        return any(inside and rim.mean() > RIM_SHARE for inside, rim in rims)

    def _look_closer(self, crop: Crop, found: Mask, mask: Mask, said: tuple[Marks, Marks]) -> None:
        """Where a look changed a small part at the latest prompt, that part is looked at again."""
        latest = said[1].within(crop.box)
        changed = found != mask[crop.pixels]
        changed[latest.ys, latest.xs] = True
        x0, y0, x1, y1 = _bounds(changed)
        around = latest.within((x0, y0, x1, y1))
        if not len(around.xs):
            return
        touched = parts_at(changed[y0:y1, x0:x1], around.xs, around.ys, connectivity=8)
        x, y, width, height = cv2.boundingRect(touched.view(np.uint8))
        (left, top, _, _), size = crop.box, max(width, height)
        if max(CLOSE_FACTOR * size, CLOSE_LEAST) > CLOSE_SHARE * max(crop.hw):
            return
        x, y = left + x0 + x, top + y0 + y
        close = Crop.around((x, y, x + width, y + height), CLOSE_FACTOR, CLOSE_LEAST, self.picture_hw)
        seen = self._look(close, mask, said)
        x0, y0 = max(0, close.box[0] - left), max(0, close.box[1] - top)
        x1, y1 = min(crop.box[2], close.box[2]) - left, min(crop.box[3], close.box[3]) - top
        dx, dy = left - close.box[0], top - close.box[1]
        found[y0:y1, x0:x1] = seen[y0 + dy : y1 + dy, x0 + dx : x1 + dx]

    @torch.inference_mode()
    def _look(self, crop: Crop, mask: Mask, said: tuple[Marks, Marks]) -> Mask:
        inputs = head_inputs(self.image, self.features, crop, mask, *said)
        given = torch.from_numpy(inputs[None]).contiguous(memory_format=torch.channels_last)
        logits: NDArray[np.float32] = self.head(given)[0].numpy()  # (side, side)
        return redrawn(mask[crop.pixels], self.image, crop, logits, inputs[SHARE])


def redrawn(
    mask: Mask, image: NDArray[np.uint8], crop: Crop, logits: NDArray[np.float32], share: NDArray[np.float32]
) -> Mask:
    """(h, w) the mask in a crop of the image (H, W, 3), as the answer has it.

    A coarse answer knows nothing of what is smaller than its cells: only where it thinks otherwise of a cell, or near,
    it is drawn, with the image's edges.

    Args:
        logits: (side, side) the answer.
        share: (side, side) of each cell that the mask holds.
    """
    if crop.pixels_per_cell < COARSE:
        return np.asarray(crop.enlarge(logits) >= 0)
    after = mask.copy()
    is_new = cv2.dilate((np.abs(expit(logits) - share) > OTHERWISE).astype(np.uint8), np.ones((3, 3), np.uint8))
    x0, y0, x1, y1 = part = crop.pixels_of(_bounds(is_new.astype(bool)))
    if x0 < x1 and y0 < y1:
        found = sharpened(image[crop.pixels], logits, part)
        np.copyto(after[y0:y1, x0:x1], found, where=crop.spread(is_new, part).astype(bool))
    return after


def touching(found: Mask, before: Mask, latest: Marks) -> Mask:
    """(h, w) what was found where the change touches the latest prompt, elsewhere what was there before."""
    if not len(latest.xs):
        return found
    changed = found != before
    changed[latest.ys, latest.xs] = True
    x0, y0, x1, y1 = _bounds(changed)
    here, rows, columns = latest.within((x0, y0, x1, y1)), slice(y0, y1), slice(x0, x1)
    bridged = cv2.dilate(changed[rows, columns].astype(np.uint8), np.ones((BRIDGE, BRIDGE), np.uint8)).astype(bool)
    after = before.copy()
    touched = parts_at(bridged, here.xs, here.ys)
    after[rows, columns] = np.where(touched, found[rows, columns], before[rows, columns])
    return after


def _bounds(mask: Mask) -> Box:
    """The smallest half-open box around a mask (h, w)."""
    x, y, width, height = cv2.boundingRect(mask.view(np.uint8))
    return x, y, x + width, y + height


def union(one: Box, other: Box) -> Box:
    """The smallest box around both."""
    return min(one[0], other[0]), min(one[1], other[1]), max(one[2], other[2]), max(one[3], other[3])
