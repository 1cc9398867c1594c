"""Pictures of a data set's worst cases: each beside its labels, with the segments that are wrong lit up."""

import warnings
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from textwrap import fill

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from core import images
from core.datasets.findings import Finding
from core.datasets.report import CheckReport, Suspect
from core.files import portable_stem, shown_name
from core.messages import StudioError, text
from core.taxonomies import distinct_colors
from core.types import VOID

WORST = 12  # pictures
_LINES = 8  # of what is wrong with one
_COLUMNS = 56  # letters of a sentence in a picture's place
_LONGEST_SIDE = 800
_DIMMED = 0.25
_VOID_COLOR = (24, 24, 28)
_WRONG_COLOR = (255, 64, 160)


def draw_pages(report: CheckReport, folder: Path) -> list[Path]:
    """Writes one PNG for each of the worst pictures into ``folder`` (made where missing).

    Raises:
        StudioError: the folder is not writable.
    """
    paths = []
    for rank, suspect in enumerate(report.worst(WORST), start=1):
        path = folder / f"{rank:02}_{portable_stem(suspect.claim.name)}.png"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with warnings.catch_warnings(action="ignore"):  # letters that the font lacks
                draw_suspect(suspect).savefig(path, dpi=100)
        except OSError as error:
            raise StudioError("error.not_written", name=path, reason=error.strerror or error) from error
        paths.append(path)
    return paths


def draw_suspect(suspect: Suspect) -> Figure:
    """The picture, its labels, and below them what is wrong."""
    figure = Figure(figsize=(11, 6.5), layout="constrained")
    claim, wrong = suspect.claim, {i for finding in suspect.findings for i in finding.segment_ids}
    axes = figure.subplot_mosaic([["picture", "labels"], ["words", "words"]], height_ratios=(4, 1))
    _show(axes["picture"], lambda: images.read(claim.image_path))
    _show(axes["labels"], lambda: color_labels(claim.labels.label_map(), wrong))
    axes["words"].text(0, 1, "\n".join(_lines(suspect.findings)), va="top", fontsize=9, parse_math=False)
    axes["words"].set_axis_off()
    figure.suptitle(shown_name(f"{claim.split}/{claim.name}"), parse_math=False)
    return figure


def color_labels(label_map: NDArray[np.int32], wrong: set[int]) -> NDArray[np.uint8]:
    """(H, W, 3) with a colour for every segment; where some are wrong, these are pink and the others dim."""
    ids, indices = np.unique(label_map, return_inverse=True)
    colors = np.array(distinct_colors(len(ids)), dtype=np.float32)
    is_wrong = np.isin(ids, list(wrong))
    if is_wrong.any():
        colors *= _DIMMED
        colors[is_wrong] = _WRONG_COLOR
    colors[ids == VOID] = _VOID_COLOR
    return colors.astype(np.uint8)[indices.reshape(label_map.shape)]


def _show(axes: Axes, read: Callable[[], NDArray[np.uint8]]) -> None:
    """Draws what can be read, or says why it cannot."""
    axes.set_axis_off()
    try:
        pixels = read()
    except StudioError as error:
        axes.text(0.5, 0.5, fill(str(error), _COLUMNS), ha="center", va="center", parse_math=False)
        return
    step = -(-max(pixels.shape) // _LONGEST_SIDE)
    axes.imshow(pixels[::step, ::step], interpolation="nearest")


def _lines(findings: Sequence[Finding]) -> Iterator[str]:
    for finding in findings[:_LINES]:
        yield f"{finding.title}: {finding.detail}" if finding.detail else finding.title
    if len(findings) > _LINES:
        yield text("check.detail.more", shown="\u2026", count=len(findings) - _LINES)
