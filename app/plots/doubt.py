"""The doubt maps as a picture."""

import cv2
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from app.answers.reply import Reply
from app.plots.sheet import ACCENT, QUIET, bare, folded, new_sheet, percent, probability, small_picture
from core.messages import text

_WIDTH, _LETTERS = 11.0, 84
RAMPS = {"entropy": "inferno", "margin": "inferno_r"}  # what is doubtful is bright


def draw_doubt(
    image: NDArray[np.uint8], layers: NDArray[np.float32], figures: Reply, source: str, language: str
) -> Figure:
    """``layers`` (2, h, w) are entropy and margin over the picture."""
    size_wh = layers.shape[:0:-1]
    small = cv2.resize(small_picture(image), size_wh, interpolation=cv2.INTER_AREA)
    grey = cv2.cvtColor(np.asarray(small), cv2.COLOR_RGB2GRAY)
    height = 2.9 + _WIDTH / 2 * size_wh[1] / size_wh[0]
    figure = new_sheet(_WIDTH, height, text("app.explain.doubt.title", language), source)
    grid = figure.add_gridspec(2, 2, height_ratios=(height - 2, 1))
    for column, (name, ramp) in enumerate(RAMPS.items()):
        axes = figure.add_subplot(grid[0, column])
        axes.imshow(grey, cmap="gray")
        shown = axes.imshow(layers[column], cmap=ramp, vmin=0, vmax=1, alpha=0.8)
        bare(axes)
        axes.set_title(text(f"app.explain.doubt.{name}", language))
        axes.set_xlabel(folded(text(f"app.explain.doubt.{name}_about", language), _LETTERS), fontsize=8, color=QUIET)
        bar = figure.colorbar(shown, ax=axes, pad=0.01, fraction=0.03)
        bar.outline.set_visible(False)
        chart = figure.add_subplot(grid[1, column])
        shares = figures[f"{name}_histogram"]
        chart.bar((np.arange(len(shares)) + 0.5) / len(shares), shares, width=0.9 / len(shares), color=ACCENT)
        chart.set(xlim=(0, 1), yticks=[])
        chart.spines["left"].set_visible(False)
        mean = text("app.explain.doubt.mean", language, mean=probability(figures[f"mean_{name}"]))
        close = text("app.explain.doubt.close", language, share=percent(figures["close_share"]), close=figures["close"])
        chart.set_title(mean if name == "entropy" else f"{mean}; {close}", fontsize=8, fontweight="normal")
    return figure
