"""A census of queries as a picture: a small map for each query, the busiest first."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from app.plots.sheet import QUIET, bare, brief, folded, new_sheet, paint
from core.explain.census import Census
from core.messages import text

_COLUMNS, _WIDTH, _TILE, _LETTERS = 10, 13.0, 1.34, 190
_CHART = 1.9  # inches


def draw_census(census: Census, source: str, language: str) -> Figure:
    """Above, how often each query fires; below, where, and as what; at the end, which never do."""
    order = [query for query in census.order() if census.fires[query]]
    rows = max(1, -(-len(order) // _COLUMNS))
    height = _CHART + 2.0 + rows * _TILE
    figure = new_sheet(_WIDTH, height, text("app.explain.pictures.title", language), source)
    outer = figure.add_gridspec(3, 1, height_ratios=(_CHART, rows * _TILE, 0.5))
    _draw_counts(figure.add_subplot(outer[0]), census, order, language)
    silent = [str(query) for query in range(len(census.classes)) if not census.fires[query]]
    last = figure.add_subplot(outer[2])
    bare(last)
    if silent:
        words = text("app.explain.pictures.silent", language, queries=", ".join(silent))
        last.text(0, 1, folded(words, _LETTERS), va="top", fontsize=8, color=QUIET, transform=last.transAxes)
    inner = outer[1].subgridspec(rows, _COLUMNS)
    for place, query in enumerate(order):
        _draw_query(figure.add_subplot(inner[place // _COLUMNS, place % _COLUMNS]), census, query)
    return figure


def _draw_counts(axes: Axes, census: Census, order: list[int], language: str) -> None:
    places = np.arange(len(order))
    axes.yaxis.set_major_locator(MaxNLocator(integer=True, nbins=5))
    best = census.classes.argmax(axis=1)
    colors = [paint(census.taxonomy[int(best[query])].color) for query in order]
    axes.bar(places, census.fires[order], width=0.86, color=colors)
    axes.set(xlim=(-0.7, len(order) - 0.3), xticks=[])
    said = text(
        "app.explain.pictures.summary",
        language,
        fire=int((census.fires > 0).sum()),
        all=len(census.classes),
        pictures=len(census.pictures),
        half=census.busiest(0.5),
    )
    axes.set_title(said)
    axes.set_ylabel(text("app.explain.pictures.count_axis", language), fontsize=8)


def _draw_query(axes: Axes, census: Census, query: int) -> None:
    bare(axes)
    category = census.taxonomy[int(census.classes[query].argmax())]
    ramp = LinearSegmentedColormap.from_list("class", ["#f4f6f8", "#{:02x}{:02x}{:02x}".format(*category.color)])
    axes.imshow(census.footprints[query], cmap=ramp, vmin=0, vmax=max(0.05, float(census.footprints[query].max())))
    axes.set_title(f"{query}  {brief(category.name, 11)}  {census.fires[query]}\u00d7", fontsize=7, pad=2)
