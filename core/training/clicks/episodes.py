"""One segment being corrected: the truth, the mask as it stands, and the clicks so far."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from core.evaluation.clicks.person import next_click
from core.masks import parts_at
from core.refinement.crop import Crop
from core.refinement.inputs import head_inputs
from core.refinement.look import LATE, redrawn, touching
from core.refinement.prompts import Mask, Prompts
from core.training.clicks.recipe import ClickRecipe
from core.training.clicks.scenes import Scene
from core.training.clicks.starts import boxed, start
from core.types import VOID, Click

FREE_SIDE = (48.0, 512.0)  # pixels of the crop about a first click that no query explains
BOXES = 0.08  # of the corrections begin with a box
LEAST_CLOSE = 64.0  # pixels of a crop about a part of what is known
MISSES = 0.7  # of the clicks are those of a hand that misses the middle


@dataclass(eq=False)
class Episode:
    """A correction under way.

    Attributes:
        truth: (H, W) the segment that is meant.
        counts: (H, W) False where the truth is unknown.
        mask: (H, W) the segment as it stands.
        is_blank: the segment is not there yet, so the first click begins with a query's part there.
        is_alone: nor are others.
        is_boxed: a box was drawn in place of a first click.
    """

    scene: Scene
    truth: Mask
    counts: Mask
    mask: Mask
    is_blank: bool
    is_alone: bool = False
    is_boxed: bool = False
    clicks: list[Click] = field(default_factory=list)
    answers: int = 0

    @classmethod
    def begin(cls, scenes: Sequence[Scene], rng: np.random.Generator) -> "Episode":
        """Another picture, another segment."""
        scene = scenes[int(rng.integers(len(scenes)))]
        truth = scene.truth == int(rng.choice(scene.targets))
        counts = scene.truth != VOID
        if rng.random() < BOXES:
            return cls(scene, truth, counts, boxed(truth, rng), is_blank=False, is_boxed=True)
        mask, is_alone = start(scene, truth, rng)
        return cls(scene, truth, counts, mask, not mask.any(), is_alone)

    @property
    def is_accepted(self) -> bool:
        """The segment was there before the first click."""
        return not self.is_blank and not self.is_boxed

    @property
    def iou(self) -> float:
        """Of the mask with the truth, where that is known."""
        both, either = self.truth & self.mask, (self.truth | self.mask) & self.counts
        return float((both & self.counts).sum() / max(1, either.sum()))

    def click(self, rng: np.random.Generator) -> bool:
        """The person clicks, or has just drawn a box; False where nothing is wrong."""
        if self.is_boxed and not self.answers:
            return True
        click = next_click(self.truth, self.mask, self.counts, jitter=rng if rng.random() < MISSES else None)
        if click is None:
            return False
        self.clicks.append(click)
        if self.is_blank and len(self.clicks) == 1:
            self.mask = self.scene.first_guess(click.x, click.y, is_alone=self.is_alone)
        return True

    def crop(self, recipe: ClickRecipe, rng: np.random.Generator) -> Crop:
        """What the head is shown for the last click."""
        if not self.clicks:
            x, y, width, height = cv2.boundingRect(self.mask.view(np.uint8))
            factor = float(rng.uniform(*recipe.factors))
            return Crop.around((x, y, x + width, y + height), factor, 0, self.scene.hw)
        last = self.clicks[-1]
        boxes = [(click.x, click.y, click.x + 1, click.y + 1) for click in self.clicks]
        if self.mask.any():
            x, y, width, height = cv2.boundingRect(self.mask.view(np.uint8))
            boxes.append((x, y, x + width, y + height))
        bounds = np.array(boxes)
        (x0, y0), (x1, y1) = bounds[:, :2].min(axis=0).tolist(), bounds[:, 2:].max(axis=0).tolist()
        side = max(x1 - x0, y1 - y0)
        if not self.mask.any():
            least = max(_between(*FREE_SIDE, rng), x1 - x0, y1 - y0)
            return Crop.around((last.x, last.y, last.x + 1, last.y + 1), 1, least, self.scene.hw)
        if rng.random() < recipe.close_share and side > LEAST_CLOSE:
            return self._close(recipe, side, rng)
        least = float(rng.uniform(24, 64))
        sides = (recipe.factors[1], recipe.widest) if rng.random() < recipe.wide_share else recipe.factors
        return Crop.around((x0, y0, x1, y1), _between(*sides, rng), least, self.scene.hw)

    def _close(self, recipe: ClickRecipe, side: int, rng: np.random.Generator) -> Crop:
        """A part of what is known, ``side`` pixels large: about the error that was clicked, or about the click."""
        last = self.clicks[-1]
        error = parts_at((self.truth ^ self.mask) & self.counts, [last.x], [last.y])
        x, y, width, height = cv2.boundingRect(error.view(np.uint8))
        factor = _between(*recipe.close_factors, rng)
        if rng.random() < 0.5 and factor * max(width, height) < side:
            return Crop.around((x, y, x + width, y + height), factor, LEAST_CLOSE, self.scene.hw)
        shift = rng.uniform(-0.1, 0.1, 2) * side
        x, y = round(last.x + shift[0]), round(last.y + shift[1])
        least = max(LEAST_CLOSE, side * _between(recipe.closest, 0.9, rng))
        return Crop.around((x, y, x + 1, y + 1), 1, least, self.scene.hw)

    def inputs(self, crop: Crop) -> NDArray[np.float32]:
        """What the head is told."""
        prompts = Prompts(clicks=tuple(self.clicks))
        said = prompts.marks(self.scene.hw), prompts.latest.marks(self.scene.hw)
        return head_inputs(self.scene.image, self.scene.features, crop, self.mask, *said)

    def answer(self, crop: Crop, logits: NDArray[np.float32], share: NDArray[np.float32]) -> None:
        """The mask becomes what the app makes of the head's answer (side, side), given the mask's share of cells."""
        self.answers += 1
        prompts = Prompts(clicks=tuple(self.clicks))
        before = self.mask[crop.pixels]
        found = redrawn(before, self.scene.image, crop, logits, share)
        if self.is_accepted or len(self.clicks) > LATE:
            found = touching(found, before, prompts.latest.marks(self.scene.hw).within(crop.box))
        self.mask = self.mask.copy()
        self.mask[crop.pixels] = found
        prompts.marks(self.scene.hw).write_on(self.mask)


def _between(least: float, most: float, rng: np.random.Generator) -> float:
    """Any size as likely as its double."""
    return float(np.exp(rng.uniform(np.log(least), np.log(most))))
