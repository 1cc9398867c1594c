"""The matching as a picture: the assignment as lines between queries and true segments, and the costs of all pairs."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from app.answers.reply import Reply
from app.plots.sheet import INK, QUIET, TRACK, brief, new_sheet, paint, probability
from core.explain.matching import MATCHER, MatchedPicture
from core.messages import text
from core.types import Taxonomy

RIGHT, MISSED = "#14856a", "#d9600f"
_SHOWN = 34  # queries on the left, unless more are matched
_CLIP = 97  # percentile above which a cost is drawn as the largest


def draw_matching(
    shown: Reply, found: MatchedPicture, taxonomy: Taxonomy, names: Sequence[str], source: str, language: str
) -> Figure:
    """Left the assignment, right the four matrices; ``names`` (Q,) are the queries' best classes."""
    left = listed_queries(shown)
    rows = max(len(left), len(shown["truths"]))
    height = min(16.0, max(6.2, 1.6 + 0.24 * rows))
    figure = new_sheet(14, height, text("app.explain.matching.title", language), source)
    grid = figure.add_gridspec(4, 2, width_ratios=(1, 1.15))
    _draw_lines(figure.add_subplot(grid[:, 0]), shown, left, taxonomy, names, language)
    parts = {
        "total": found.total.numpy(),
        "classes": MATCHER.class_weight * found.costs.classes.numpy(),
        "focal": MATCHER.focal_weight * found.costs.focal.numpy(),
        "dice": MATCHER.dice_weight * found.costs.dice.numpy(),
    }
    order = ordered_queries(found)
    for place, (part, costs) in enumerate(parts.items()):
        axes = figure.add_subplot(grid[place, 1])
        _draw_costs(axes, costs[order], found, order, taxonomy)
        axes.set_title(text(f"app.explain.matching.part.{part}", language))
    axes.set_xlabel(text("app.explain.matching.columns", language))
    return figure


def listed_queries(shown: Reply) -> list[int]:
    """The queries that are matched or take part in the result, by falling score."""
    rows = [row for row in shown["queries"] if row["truth"] is not None or row["takes_part"]]
    rows.sort(key=lambda row: (row["truth"] is None, -row["score"]))
    matched = sum(row["truth"] is not None for row in rows)
    return [row["query"] for row in rows[: max(_SHOWN, matched)]]


def ordered_queries(found: MatchedPicture) -> list[int]:
    """Matched queries in the order of their true segments, then the others by their cheapest pair."""
    matched = [found.query_of[place] for place in sorted(found.query_of)]
    rest = [query for query in found.total.amin(dim=1).argsort(stable=True).tolist() if query not in set(matched)]
    return matched + rest


def _draw_lines(
    axes: Axes, shown: Reply, left: list[int], taxonomy: Taxonomy, names: Sequence[str], language: str
) -> None:
    truths, queries = shown["truths"], {row["query"]: row for row in shown["queries"]}
    spread = max(len(left), len(truths)) - 1
    y_left, y_right = (np.linspace(0, spread, len(side)) if len(side) > 1 else [spread / 2] for side in (left, truths))
    for y, query in zip(y_left, left, strict=True):
        row = queries[query]
        free = row["truth"] is None
        axes.plot(0, y, "o", color=paint(row["color"]), markersize=8, alpha=0.4 if free else 1)
        words = f"{query}  {brief(names[query], 16)}  {probability(row['score'])}"
        axes.text(-0.04, y, words, ha="right", va="center", fontsize=8, color=QUIET if free else INK)
        if not free:
            truth = truths[row["truth"]]
            color = RIGHT if truth["outcome"] == "tp" else MISSED
            axes.plot([0, 1], [y, y_right[row["truth"]]], color=color, linewidth=1.6, alpha=0.8, zorder=0)
    for y, truth in zip(y_right, truths, strict=True):
        axes.plot(1, y, "s", color=paint(truth["color"]), markersize=9)
        iou = probability(truth["iou"]) if truth["query"] is not None else "\u2013"
        words = f"{brief(taxonomy.category(truth['category_id']).name, 16)}  IoU {iou}  {truth['outcome'].upper()}"
        axes.text(1.04, y, words, va="center", fontsize=8)
    axes.set(xlim=(-0.75, 1.75), ylim=(spread + 0.7, -0.7), xticks=[], yticks=[])
    axes.spines[:].set_visible(False)
    axes.set_title(text("app.explain.matching.lines", language))
    values = {name: shown[name] for name in ("tp", "fp", "fn")}
    pq = probability(shown["pq"]) if shown["pq"] is not None else "\u2013"
    axes.set_xlabel(text("app.explain.matching.score", language, pq=pq, **values))


def _draw_costs(
    axes: Axes, costs: NDArray[np.float32], found: MatchedPicture, order: list[int], taxonomy: Taxonomy
) -> None:
    """(Q, T) in an order of queries, a row a true segment; chosen pairs are framed."""
    picture = axes.imshow(
        costs.T,
        aspect="auto",
        cmap="viridis_r",
        vmin=float(costs.min()),
        vmax=float(np.percentile(costs, _CLIP)),
        interpolation="nearest",
    )
    column_of = {query: column for column, query in enumerate(order)}
    for target, query in found.query_of.items():
        frame = np.array([[-0.5, 0.5, 0.5, -0.5, -0.5], [-0.5, -0.5, 0.5, 0.5, -0.5]])
        axes.plot(column_of[query] + frame[0], target + frame[1], color="#e4361e", linewidth=1.2)
    names = [brief(taxonomy.category(segment.category_id).name, 12) for segment in found.truth.segments]
    axes.set(xticks=[], yticks=range(len(names)) if len(names) <= 14 else [])
    if len(names) <= 14:
        axes.set_yticklabels(names, fontsize=7)
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    bar = axes.figure.colorbar(picture, ax=axes, pad=0.01, extend="max")
    bar.ax.tick_params(labelsize=7, colors=QUIET)
    bar.outline.set_edgecolor(TRACK)
