"""The assembly as a picture: six steps from N masks to the panoptic map."""

import cv2
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from app.palette import segment_color
from app.panels.maps import sampled
from app.plots.layers_of_labels import labels_layer, lay_over
from app.plots.sheet import QUIET, bare, new_sheet, percent, small_picture
from core.explain.assembly import STEPS, AssemblySteps, Step
from core.messages import text
from core.types import Taxonomy

_COLUMNS, _WIDTH = 3, 12.0


def draw_assembly(
    image: NDArray[np.uint8],
    found: AssemblySteps,
    heaps: NDArray[np.uint8],
    colors: NDArray[np.uint8],
    taxonomy: Taxonomy,
    source: str,
    language: str,
) -> Figure:
    """``heaps`` (3, h, w, 4) are the masks of the first steps, ``colors`` (Q, 3) the queries'."""
    small = small_picture(image)
    height = 0.9 + 2 * (_WIDTH / _COLUMNS * small.shape[0] / small.shape[1] + 0.55)
    figure = new_sheet(_WIDTH, height, text("app.explain.assembly.title", language), source)
    maps = {Step.ARGMAX: found.winners + 1, Step.OVERLAP: found.owners + 1, Step.SEGMENTS: found.panoptic_map}
    by_query: dict[int, tuple[int, ...]] = {query + 1: tuple(color) for query, color in enumerate(colors.tolist())}
    by_segment: dict[int, tuple[int, ...]] = {
        segment.segment_id: segment_color(segment, taxonomy) for segment in found.segments
    }
    for place, (step, axes) in enumerate(zip(STEPS, figure.subplots(2, _COLUMNS).ravel(), strict=True)):
        if step in maps:
            colors_of = by_segment if step is Step.SEGMENTS else by_query
            view = sampled(np.asarray(maps[step]), (small.shape[0], small.shape[1]))
            layer = labels_layer(view, colors_of)
        else:
            layer = np.asarray(cv2.resize(heaps[place], small.shape[1::-1], interpolation=cv2.INTER_LINEAR))
        _draw_step(axes, small, layer)
        axes.set_title(f"{place + 1}  {text(f'app.explain.assembly.step.{step}', language)}")
        axes.set_xlabel(step_words(found, step, language), color=QUIET, fontsize=8, wrap=True)
    return figure


def step_words(found: AssemblySteps, step: Step, language: str) -> str:
    """How many are left, and how much of the picture is nobody's."""
    if step is Step.SEGMENTS:
        return text("app.explain.assembly.made", language, segments=len(found.segments), queries=len(found.left(step)))
    words = text("app.explain.assembly.left", language, queries=len(found.left(step)))
    if step in (Step.ARGMAX, Step.OVERLAP):
        void = percent(found.void_share(step))
        return f"{words}; {text('app.explain.assembly.void', language, share=void)}"
    return words


def _draw_step(axes: Axes, small: NDArray[np.uint8], layer: NDArray[np.uint8]) -> None:
    axes.imshow(lay_over(small, layer))
    bare(axes)
