"""What is drawn over a picture: its truth, its prediction, and where the two disagree, as see-through layers."""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from app.palette import segment_color
from core.evaluation.boundary import is_band
from core.evaluation.overlaps import SegmentedPicture, compact_map
from core.evaluation.panoptic_quality import Matching
from core.types import Color, Taxonomy

RIGHT, WRONG, MISSED = (22, 190, 140), (255, 112, 20), (64, 132, 255)  # hues that colour-blind eyes tell apart
_CLEAR, _VOID = (0, 0, 0, 0), (10, 12, 16, 150)
_LONG_SIDES = (720, 1280)  # a drawn layer's long side, in pixels
_OPACITY = {True: 120, False: 84}  # 0..255 by is_thing

Layer: TypeAlias = NDArray[np.uint8]  # (H, W, 4) RGBA


@dataclass(frozen=True, slots=True)
class Canvas:
    """The size at which layers are drawn: small pictures larger, so that outlines stay thin, large ones smaller."""

    rows: NDArray[np.int64]
    columns: NDArray[np.int64]

    @classmethod
    def of(cls, size_hw: tuple[int, int]) -> "Canvas":
        """Every drawn pixel takes its label from one pixel of the picture."""
        least, most = _LONG_SIDES
        long_side = max(size_hw)
        scale = -(-least // long_side) if long_side < least else min(1.0, most / long_side)
        rows, columns = (np.arange(max(1, int(side * scale))) / scale for side in size_hw)
        return cls(rows.astype(np.int64), columns.astype(np.int64))

    def view(self, label_map: NDArray[np.int64]) -> NDArray[np.int64]:
        """(H, W) labels at the size of the drawing."""
        return label_map[self.rows][:, self.columns]

    @property
    def stroke(self) -> int:
        """Half the width of an outline, in drawn pixels."""
        return max(1, round(max(len(self.rows), len(self.columns)) / 700))


def draw_segments(picture: SegmentedPicture, taxonomy: Taxonomy) -> Layer:
    """Every segment in its colour with an outline; void is dark, background stays clear."""
    canvas = Canvas.of(picture.label_map.shape[:2])
    colors = [segment_color(segment, taxonomy) for segment in picture.segments]
    opacities = [_OPACITY[taxonomy.category(segment.category_id).is_thing] for segment in picture.segments]
    void = _CLEAR if picture.void_is_background else _VOID
    fills = np.array([void, *((*color, opacity) for color, opacity in zip(colors, opacities, strict=True))], np.uint8)
    lines = np.array([void, *((*color, 255) for color in colors)], dtype=np.uint8)
    places = canvas.view(compact_map(picture))
    layer, outline = fills[places], _outline(places, canvas.stroke)
    layer[outline] = lines[places[outline]]
    return layer


def draw_errors(truth: SegmentedPicture, predicted: SegmentedPicture, matching: Matching) -> Layer:
    """Missed segments filled, wrong ones hatched, right ones outlined; both sides without what is not scored.

    Where a match leaves a part of its true segment out, that part is tinted; unlabelled pixels are dark.
    """
    canvas = Canvas.of(truth.label_map.shape[:2])
    true_map, guess_map = canvas.view(compact_map(truth)), canvas.view(compact_map(predicted))
    partner = np.zeros(len(truth.segments) + 1, dtype=np.int64)
    partner[1 + matching.pairs[:, 0]] = 1 + matching.pairs[:, 1]
    missed, wrong = np.r_[False, matching.missed][true_map], np.r_[False, matching.wrong][guess_map]
    left_out = (partner[true_map] > 0) & (partner[true_map] != guess_map)

    layer = np.zeros((*true_map.shape, 4), dtype=np.uint8)
    if not truth.void_is_background:
        layer[true_map == 0] = _VOID
    layer[left_out] = (*MISSED, 70)
    layer[missed] = (*MISSED, 140)
    layer[wrong & _hatch(true_map.shape)] = (*WRONG, 215)
    right = np.isin(guess_map, 1 + matching.pairs[:, 1])
    for outlined, inside, color in ((guess_map, right, RIGHT), (true_map, missed, MISSED), (guess_map, wrong, WRONG)):
        layer[_outline(outlined, canvas.stroke) & inside] = (*color, 255)
    return layer


def _outline(places: NDArray[np.int64], stroke: int) -> NDArray[np.bool_]:
    """(H, W) True near another segment; the picture's own edge is no outline."""
    wider = np.pad(places.astype(np.uint16), stroke, mode="edge")
    return is_band(wider, stroke)[stroke:-stroke, stroke:-stroke]


def _hatch(shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """(H, W) True on every other diagonal stripe."""
    y, x = np.ogrid[: shape[0], : shape[1]]
    return np.asarray((x + y) // max(2, max(shape) // 110) % 2 == 0)


def css_color(color: Color) -> str:
    """As a style sheet writes it."""
    return f"rgb({color[0]} {color[1]} {color[2]})"
