"""Two models' results as a picture: both, where they differ, and the largest differences."""

from collections.abc import Sequence

import cv2
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from app.answers.reply import Reply
from app.plots.layers_of_labels import labels_layer, lay_over
from app.plots.sheet import QUIET, bar_axes, bare, brief, folded, new_sheet, paint, percent
from core.explain.comparison import KINDS
from core.messages import text
from core.types import Color

KIND_COLORS = {"class": (226, 88, 34), "void": (124, 92, 210), "instance": (38, 120, 220)}
SIDE_COLORS = {"first": "#14757c", "second": "#c9772b"}
_WIDTH, _LISTED, _LETTERS = 13.0, 10, 66


def draw_compare(
    image: NDArray[np.uint8],
    shown: Reply,
    maps: Sequence[NDArray[np.integer]],
    colors: Sequence[Sequence[Color]],
    kinds: NDArray[np.uint8],
    source: str,
    language: str,
) -> Figure:
    """``maps`` are places of segments + 1, ``kinds`` the disagreements; all of one drawn size."""
    size_hw = kinds.shape
    small = np.asarray(cv2.resize(image, size_hw[::-1], interpolation=cv2.INTER_AREA), dtype=np.uint8)
    height = 4.1 + _WIDTH / 3 * size_hw[0] / size_hw[1]
    titles = [side["title"] for side in shown["sides"]]
    title = text("app.explain.compare.heading", language, first=titles[0], second=titles[1])
    figure = new_sheet(_WIDTH, height, title, source)
    grid = figure.add_gridspec(2, 3, height_ratios=(height - 2.9, 2.1))
    for column, (labels, palette) in enumerate(zip(maps, colors, strict=True)):
        axes = figure.add_subplot(grid[0, column])
        axes.imshow(lay_over(small, labels_layer(labels, {place + 1: color for place, color in enumerate(palette)})))
        bare(axes)
        axes.set_title(titles[column])
    _draw_kinds(figure.add_subplot(grid[0, 2]), small, kinds, shown, language)
    _draw_list(figure.add_subplot(grid[1, :2]), shown, size_hw, language)
    _draw_truth(figure.add_subplot(grid[1, 2]), shown, language)
    return figure


def kinds_layer(kinds: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """(h, w, 4) with every kind of disagreement in its colour, and nothing where there is none."""
    table = np.zeros((1 + len(KINDS), 4), dtype=np.uint8)
    for place, kind in enumerate(KINDS):
        table[1 + place] = (*KIND_COLORS[kind], 215)
    return np.asarray(table[kinds], dtype=np.uint8)


def _draw_kinds(axes: Axes, small: NDArray[np.uint8], kinds: NDArray[np.uint8], shown: Reply, language: str) -> None:
    axes.imshow(lay_over(small, kinds_layer(kinds)))
    bare(axes)
    axes.set_title(text("app.explain.compare.agree", language, share=percent(shown["agreement"])))
    for kind in KINDS:
        words = f"{text(f'app.explain.compare.kind.{kind}', language)} {percent(shown['shares'][kind])}"
        axes.plot([], [], "s", color=paint(KIND_COLORS[kind]), label=words)
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.01), frameon=False, fontsize=8)


def _draw_list(axes: Axes, shown: Reply, size_hw: tuple[int, ...], language: str) -> None:
    rows = shown["disagreements"][:_LISTED]
    void = text("app.explain.views.void", language)
    names = [f"{brief(row['first_class'] or void, 18)} \u2192 {brief(row['second_class'] or void, 18)}" for row in rows]
    bar_axes(axes, names, max((row["area"] for row in rows), default=1) * 1.1)
    for place, row in enumerate(rows):
        axes.barh(place, row["area"], height=0.62, color=paint(KIND_COLORS[row["kind"]]))
        axes.text(row["area"], place, f" {row['area']:,}", va="center", fontsize=7.5, color=QUIET)
    axes.set_title(text("app.explain.compare.list", language))
    axes.tick_params(labelsize=8)
    axes.set_xlabel(text("app.explain.compare.pixels", language), fontsize=8)


def _draw_truth(axes: Axes, shown: Reply, language: str) -> None:
    if shown["truth"] is None:
        bare(axes)
        words = folded(text("app.explain.compare.no_truth", language), _LETTERS)
        axes.text(0.5, 0.5, words, ha="center", va="center", fontsize=8, color=QUIET)
        return
    rows = shown["truth"]["classes"][:_LISTED]
    bar_axes(axes, [brief(row["name"], 16) for row in rows], 1)
    for place, (side, color) in enumerate(SIDE_COLORS.items()):
        title, values = shown["sides"][place]["title"], [row[side] for row in rows]
        axes.barh(np.arange(len(rows)) + 0.38 * place - 0.19, values, height=0.36, color=color, label=title)
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.14), ncols=2, frameon=False, fontsize=8)
    axes.set_title(text("app.explain.compare.truth", language))
    axes.tick_params(labelsize=8)
