"""Layer by layer as a picture: a filmstrip of masks, one of attention, and the last layer's heads."""

from collections.abc import Sequence

import cv2
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from app.answers.reply import Reply
from app.plots.sheet import ACCENT, MASK, NOTHING, QUIET, bare, brief, new_sheet, probability, small_picture
from core.messages import text
from core.types import Taxonomy

_FAINT, _OPAQUE = 0.62, 0.74


def draw_layers(
    image: NDArray[np.uint8],
    shown: Reply,
    masks: NDArray[np.float32],
    attention: NDArray[np.float32],
    taxonomy: Taxonomy,
    source: str,
    language: str,
) -> Figure:
    """Three rows; ``masks`` (L, h, w) and ``attention`` (decoder layers, 1 + heads, h, w) lie over the picture."""
    small = small_picture(image)
    columns, heads = len(masks), attention.shape[1] - 1
    width = 13.0
    tall = small.shape[0] / small.shape[1]
    height = 2.3 + width * tall * (2 / columns + 1 / heads)
    title = text("app.explain.layers.heading", language, query=shown["query"])
    figure = new_sheet(width, height, title, source)
    rows = figure.add_gridspec(3, 1, height_ratios=(1.25 / columns, 1.12 / columns, 1.12 / heads))
    for layer, axes in enumerate(_row(figure, rows[0], columns)):
        _draw_mask(axes, small, masks[layer], shown, layer, taxonomy, language)
    for place, axes in enumerate(_row(figure, rows[1], columns)):
        layer = place - shown["beginnings"]
        if layer >= 0:
            _draw_attention(axes, small, attention[layer, 0], text("app.explain.layers.mean", language))
        else:
            bare(axes)
    for head, axes in enumerate(_row(figure, rows[2], heads)):
        words = text("app.explain.layers.head", language, head=head + 1)
        last = layer_name(columns - 1, shown["beginnings"], language)
        _draw_attention(axes, small, attention[-1, 1 + head], f"{last} \u00b7 {words}")
    return figure


def _row(figure: Figure, room: object, columns: int) -> Sequence[Axes]:
    grid = room.subgridspec(1, columns)  # type: ignore[attr-defined]
    return [figure.add_subplot(grid[0, column]) for column in range(columns)]


def _draw_mask(
    axes: Axes,
    small: NDArray[np.uint8],
    mask: NDArray[np.float32],
    shown: Reply,
    layer: int,
    taxonomy: Taxonomy,
    language: str,
) -> None:
    row = shown["layers"][layer]
    share = _to_size(mask, small)[..., None] * _OPAQUE
    faint = small * (1 - _FAINT) + 255 * _FAINT
    color = np.array(MASK if row["is_object"] else NOTHING, dtype=np.float32)
    axes.imshow((faint * (1 - share) + color * share).astype(np.uint8))
    axes.contour(_to_size(mask, small), levels=[0.5], colors="black", linewidths=0.8)
    bare(axes)
    settles = layer == shown["settled"]
    axes.set_title(layer_name(layer, shown["beginnings"], language), color=ACCENT if settles else "black")
    name = (
        brief(taxonomy.category(row["category_id"]).name, 16)
        if row["is_object"]
        else text("app.fate.no_object", language)
    )
    p = row["score"] if row["is_object"] else row["no_object"]
    words = [f"{name} {probability(p)}", f"IoU {probability(row['iou'])}"]
    if settles:
        words.append(text("app.explain.layers.settles", language))
        axes.spines[:].set(visible=True, color=ACCENT, linewidth=2)
    axes.set_xlabel("\n".join(words), fontsize=8, color=QUIET)


def _draw_attention(axes: Axes, small: NDArray[np.uint8], shares: NDArray[np.float32], words: str) -> None:
    grey = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY)
    axes.imshow(grey, cmap="gray", vmin=0, vmax=255)
    axes.imshow(_to_size(shares / max(1e-12, shares.max()), small), cmap="inferno", alpha=0.78)
    bare(axes)
    axes.set_xlabel(words, fontsize=8)


def layer_name(layer: int, beginnings: int, language: str) -> str:
    """What a prediction is called: the decoder layer, counted from 1, or the beginning."""
    number = layer + 1 - beginnings
    return (
        text("app.explain.layers.layer", language, layer=number)
        if number
        else text("app.explain.layers.start", language)
    )


def _to_size(values: NDArray[np.float32], small: NDArray[np.uint8]) -> NDArray[np.float32]:
    size = small.shape[1], small.shape[0]
    return np.asarray(cv2.resize(values, size, interpolation=cv2.INTER_LINEAR), dtype=np.float32)
