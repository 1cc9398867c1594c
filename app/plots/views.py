"""The three views as a picture."""

from collections.abc import Mapping

import cv2
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from app.answers.reply import Reply
from app.plots.layers_of_labels import labels_layer, lay_over
from app.plots.sheet import QUIET, bare, brief, folded, new_sheet, paint, percent, small_picture
from core.messages import text
from core.types import Taxonomy

_WIDTH = 13.0
_MOST_NAMED, _LETTERS = 10, 66


def draw_views(
    image: NDArray[np.uint8],
    shown: Reply,
    maps: Mapping[str, NDArray[np.integer]],
    overlap: NDArray[np.bool_],
    taxonomy: Taxonomy,
    source: str,
    language: str,
) -> Figure:
    """``maps`` are labels by reading, ``overlap`` the pixels of several instances; all of one drawn size."""
    size_hw = overlap.shape
    small = np.asarray(cv2.resize(small_picture(image), size_hw[::-1], interpolation=cv2.INTER_AREA), dtype=np.uint8)
    height = 2.3 + _WIDTH / 3 * size_hw[0] / size_hw[1]
    figure = new_sheet(_WIDTH, height, text("app.explain.views.title", language), source)
    colors = {
        "semantic": {row["class_index"] + 1: row["color"] for row in shown["classes"]},
        "instance": {place + 1: row["color"] for place, row in enumerate(shown["instances"])},
        "panoptic": {row["segment_id"]: row["color"] for row in shown["segments"]},
    }
    grid = figure.add_gridspec(2, 3, height_ratios=(1, 0.08))
    for column, (reading, labels) in enumerate(maps.items()):
        axes = figure.add_subplot(grid[0, column])
        is_open = reading == "instance"
        picture = lay_over(small, labels_layer(labels, colors[reading], nobodys=(0, 0, 0, 0) if is_open else None))
        if is_open:
            picture[overlap & _hatch(size_hw)] = 255
        axes.imshow(picture)
        bare(axes)
        axes.set_title(text(f"app.explain.views.{reading}", language))
        axes.set_xlabel(folded(said(shown, reading, language), _LETTERS), fontsize=8, color=QUIET)
    legend = figure.add_subplot(grid[1, :])
    bare(legend)
    for row in shown["classes"][:_MOST_NAMED]:
        legend.plot([], [], "s", color=paint(row["color"]), label=brief(taxonomy.category(row["category_id"]).name))
    legend.legend(loc="center", ncols=_MOST_NAMED, frameon=False, fontsize=8)
    return figure


def said(shown: Reply, reading: str, language: str) -> str:
    """The sentence of one reading."""
    return text(
        f"app.explain.views.{reading}_said",
        language,
        classes=len(shown["classes"]),
        instances=len(shown["instances"]),
        segments=len(shown["segments"]),
        overlap=percent(shown["overlap_share"]),
        most=shown["most_instances_on_a_pixel"],
        none=percent(shown["no_instance_share"]),
        void=percent(shown["void_share"]),
        differs=percent(shown["differing_share"]),
    )


def _hatch(size_hw: tuple[int, ...]) -> NDArray[np.bool_]:
    y, x = np.ogrid[: size_hw[0], : size_hw[1]]
    return np.asarray((x + y) % 6 < 2)
