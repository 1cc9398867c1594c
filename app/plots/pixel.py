"""The pixel inspector as a picture."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from app.answers.reply import Reply
from app.plots.sheet import QUIET, TRACK, bar_axes, brief, ink_on, new_sheet, paint, photograph, probability
from core.messages import text
from core.types import Taxonomy

_LEAST_NAMED = 0.06  # share of the axis that a part needs to carry its query's number


def draw_pixel(image: NDArray[np.uint8], shown: Reply, taxonomy: Taxonomy, source: str, language: str) -> Figure:
    """Where the pixel is, the strongest claims on it, and the classes as stacks of contributions."""
    title = text("app.explain.pixel.heading", language, x=shown["x"], y=shown["y"])
    figure = new_sheet(11, 5.6, title, source)
    axes = figure.subplot_mosaic(
        [["place", "claims"], ["place", "classes"]], width_ratios=(1.25, 1), height_ratios=(8, 7)
    )
    _draw_place(axes["place"], image, shown["x"], shown["y"])
    _draw_claims(axes["claims"], shown, taxonomy, language)
    _draw_classes(axes["classes"], shown, taxonomy, language)
    return figure


def _draw_place(axes: Axes, image: NDArray[np.uint8], x: int, y: int) -> None:
    photograph(axes, image)
    for width, color in ((3, "black"), (1.4, "white")):
        axes.plot(
            x + 0.5,
            y + 0.5,
            marker="o",
            markersize=13,
            markerfacecolor="none",
            markeredgewidth=width,
            markeredgecolor=color,
        )


def _draw_claims(axes: Axes, shown: Reply, taxonomy: Taxonomy, language: str) -> None:
    rows = shown["queries"]
    bar_axes(axes, [f"{row['query']}  {brief(taxonomy.category(row['category_id']).name)}" for row in rows], 1)
    for place, row in enumerate(rows):
        color = paint(row["color"])
        axes.barh(place, row["mask_probability"], height=0.62, color=TRACK)
        axes.barh(place, row["claim"], height=0.62, color=color, alpha=1 if row["takes_part"] else 0.45)
        score, mask, claim = (probability(row[key]) for key in ("score", "mask_probability", "claim"))
        words = f"{score} \u00d7 {mask} = {claim}"
        weight = "bold" if row["query"] == shown["winner"] else "normal"
        axes.text(1.01, place, words, va="center", fontsize=7.5, fontweight=weight)
    axes.set_title(text("app.explain.pixel.claims", language))
    axes.set_xlabel(text("app.explain.pixel.claim_axis", language))


def _draw_classes(axes: Axes, shown: Reply, taxonomy: Taxonomy, language: str) -> None:
    rows = shown["classes"]
    longest = 1.12 * max(0.25, *(row["score"] for row in rows))
    bar_axes(axes, [brief(taxonomy.category(row["category_id"]).name) for row in rows], longest)
    for place, row in enumerate(rows):
        left = 0.0
        for part in row["parts"]:
            axes.barh(
                place,
                part["value"],
                left=left,
                height=0.62,
                color=paint(part["color"]),
                edgecolor="white",
                linewidth=0.7,
            )
            if part["value"] > _LEAST_NAMED * longest:
                axes.text(
                    left + part["value"] / 2,
                    place,
                    str(part["query"]),
                    ha="center",
                    va="center",
                    fontsize=7.5,
                    color=ink_on(part["color"]),
                )
            left += part["value"]
        axes.barh(place, row["rest"], left=left, height=0.62, color=TRACK, edgecolor=QUIET, linewidth=0.4, hatch="////")
        axes.text(row["score"] + 0.008 * longest, place, probability(row["score"]), va="center", fontsize=8)
    axes.set_title(text("app.explain.pixel.classes", language))
    axes.set_xlabel(text("app.explain.pixel.class_axis", language))
