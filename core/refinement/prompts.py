"""What a person points at: clicks, strokes and a box, in pixels of the picture."""

from dataclasses import dataclass
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from core.messages import StudioError
from core.refinement.marks import Marks
from core.types import Box, Click, Size

Mask: TypeAlias = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Stroke:
    """A scribble through ``points_xy`` (pixels, centres at whole numbers), ``width`` pixels wide."""

    points_xy: tuple[tuple[float, float], ...]
    width: float = 1.0
    is_positive: bool = True


@dataclass(frozen=True, slots=True)
class Prompts:
    """All that a person has said about one segment, oldest first; the segment lies inside ``box``, where one is drawn.

    A pixel that two prompts contradict each other about belongs to the later one, and strokes are later than clicks.

    Attributes:
        is_accepted: the segment was there before the first prompt, so that somebody may count on it.
    """

    clicks: tuple[Click, ...] = ()
    strokes: tuple[Stroke, ...] = ()
    box: Box | None = None
    is_accepted: bool = False

    @property
    def is_empty(self) -> bool:
        """True where nothing was said."""
        return not self.clicks and not self.strokes and self.box is None

    @property
    def latest(self) -> "Prompts":
        """The last stroke or, without strokes, the last click by itself; empty where there is neither."""
        if self.strokes:
            return Prompts(strokes=self.strokes[-1:])
        return Prompts(clicks=self.clicks[-1:])

    def bounds(self, picture_hw: Size) -> Box:
        """The smallest half-open box inside the picture that holds all that was said; the whole picture if nothing."""
        height, width = picture_hw
        boxes = [(click.x, click.y, click.x + 1, click.y + 1) for click in self.clicks]
        for stroke in self.strokes:
            if stroke.points_xy:
                points = np.clip(np.rint(stroke.points_xy), 0, (width - 1, height - 1)).astype(int)
                (left, top), (right, bottom) = points.min(axis=0).tolist(), points.max(axis=0).tolist()
                boxes.append((left, top, right + 1, bottom + 1))
        if self.box is not None:
            boxes.append(self.box)
        if not boxes:
            return 0, 0, width, height
        edges = np.array(boxes)
        (x0, y0), (x1, y1) = edges[:, :2].min(axis=0).tolist(), edges[:, 2:].max(axis=0).tolist()
        return x0, y0, x1, y1

    def require_inside(self, picture_hw: Size) -> None:
        """Raises StudioError where a click or the box lies outside the picture, or the box is empty."""
        height, width = picture_hw
        for click in self.clicks:
            if not (0 <= click.x < width and 0 <= click.y < height):
                raise StudioError("error.point_outside", x=click.x, y=click.y, width=width, height=height)
        if self.box is not None:
            x0, y0, x1, y1 = self.box
            if not (0 <= x0 < x1 <= width and 0 <= y0 < y1 <= height):
                raise StudioError("error.box_outside", box=self.box, width=width, height=height)

    def marks(self, picture_hw: Size) -> Marks:
        """The pixels of all clicks and strokes."""
        clicks = [[click.x, click.y, int(click.is_positive)] for click in self.clicks]
        said = [np.array(clicks, dtype=np.intp).reshape(-1, 3)]
        for stroke in self.strokes:
            points = _pixels(stroke, picture_hw)
            said.append(np.column_stack([points, np.full(len(points), stroke.is_positive)]).astype(np.intp))
        return Marks.latest_of(np.concatenate(said))

    def drawn(self, picture_hw: Size) -> NDArray[np.int8]:
        """(H, W) 1 where a click or a stroke says inside, -1 where one says outside, 0 elsewhere."""
        signs, marks = np.zeros(picture_hw, dtype=np.int8), self.marks(picture_hw)
        signs[marks.ys, marks.xs] = np.where(marks.inside, 1, -1)
        return signs


def _pixels(stroke: Stroke, picture_hw: Size) -> NDArray[np.intp]:
    """(n, 2) columns and rows that a stroke covers inside the picture."""
    points = np.rint(np.array(stroke.points_xy, dtype=np.float64).reshape(-1, 2)).astype(np.int32)
    if not len(points):
        return np.zeros((0, 2), dtype=np.intp)
    (height, width), reach = picture_hw, max(1, round(stroke.width))
    left, top = np.clip(points.min(axis=0) - reach, 0, (width, height)).tolist()
    right, bottom = np.clip(points.max(axis=0) + reach + 1, 0, (width, height)).tolist()
    canvas = np.zeros((bottom - top, right - left), dtype=np.uint8)
    shifted = (points - (left, top)).astype(np.int32).reshape(-1, 1, 2)
    if canvas.size:
        cv2.polylines(canvas, [shifted], isClosed=False, color=1, thickness=reach)
    ys, xs = np.nonzero(canvas)
    return np.column_stack([xs + left, ys + top])
