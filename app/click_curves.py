"""The picture of a click measurement: mean IoU over clicks, and how many segments are done after so many."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from core.evaluation.clicks.report import LEAST_AREA, ClickReport
from core.evaluation.clicks.tries import MOST_CLICKS
from core.files import shown_name
from core.messages import StudioError, text

WANTED = 0.85
STYLES = {"own": "-", "nothing": "--"}


def require_drawable(path: Path) -> None:
    """Raises StudioError unless a picture can be written under a path's ending."""
    kinds = Figure().canvas.get_supported_filetypes()
    if path.suffix.lstrip(".").lower() not in kinds:
        raise StudioError("error.curves_kind", name=shown_name(path.name))


def draw_click_curves(reports: Mapping[str, ClickReport], path: Path, title: str) -> None:
    """Writes a PNG or SVG, by the path's ending; a colour a method, dashed where it begins with nothing."""
    figure = Figure(figsize=(11, 5.2), layout="constrained")
    figure.suptitle(title)
    left, right = figure.subplots(1, 2)
    for number, (name, report) in enumerate(reports.items()):
        for start, style in STYLES.items():
            _draw(left, right, report, start, {"color": f"C{number}", "linestyle": style, "label": _label(name, start)})
    left.set(xlabel=text("cli.clicks.clicks"), ylabel=text("cli.clicks.mean_iou", least=LEAST_AREA), ylim=(0, 1))
    right.set(xlabel=text("cli.clicks.clicks"), ylabel=text("cli.clicks.done", wanted=WANTED), ylim=(0, 1))
    figure.legend(*left.get_legend_handles_labels(), fontsize="small", loc="outside lower center", ncols=3)
    for axes in (left, right):
        axes.set_xticks(range(0, MOST_CLICKS + 1, 5))
        axes.grid(alpha=0.3)
    figure.savefig(path, dpi=120)


def _label(name: str, start: str) -> str:
    return text(f"cli.clicks.line.{start}", name=name)


def _draw(left: Axes, right: Axes, report: ClickReport, start: str, style: Mapping[str, Any]) -> None:
    tries = [row.went for row in report.select(start, is_jittered=False)]
    if not tries:
        return
    counts = range(MOST_CLICKS + 1)
    left.plot(counts, [np.mean([went.iou_at(count) for went in tries]) for count in counts], **style)
    needed = np.array([went.clicks_to(WANTED) if went.reaches(WANTED) else np.inf for went in tries])
    right.plot(counts, [(needed <= count).mean() for count in counts], **style)
