"""The picture of a training run: losses and held-back figures over steps."""

from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from core.training.run_log import read_rows

LOSSES = {"total": "total", "classes": "class", "dice": "dice", "focal": "focal x 20", "seeds": "seeds"}
FIGURES = {"pq": "PQ", "miou": "mIoU", "pixel_accuracy": "pixel accuracy"}
WINDOW = 50  # steps that a plotted loss is the mean of


def draw_learning_curves(run: Path) -> Path:
    """Reads the run's log and writes ``curves.png`` beside it."""
    rows = read_rows(run)
    figure = Figure(figsize=(10, 4), layout="constrained")
    left, right = figure.subplots(1, 2)
    _draw_losses(left, [row for row in rows if row["kind"] == "step"])
    _draw_figures(right, [row for row in rows if row["kind"] == "validation"])
    path = run / "curves.png"
    figure.savefig(path, dpi=110)
    return path


def _draw_losses(axes: Axes, rows: list[dict[str, Any]]) -> None:
    steps = np.array([row["step"] for row in rows])
    window = min(WINDOW, max(1, len(steps)))
    for name, label in ((name, label) for name, label in LOSSES.items() if name in rows[0]):
        values = np.array([row[name] for row in rows]) * (20 if name == "focal" else 1)
        axes.plot(steps[window - 1 :], np.convolve(values, np.ones(window) / window, mode="valid"), label=label)
    axes.set(xlabel="step", ylabel="loss, summed over decoder layers", yscale="log")
    axes.legend()


def _draw_figures(axes: Axes, rows: list[dict[str, Any]]) -> None:
    for name, label in FIGURES.items():
        values = [row["exhaustive"][name] for row in rows]
        axes.plot([row["step"] for row in rows], values, marker="o", label=label)
    axes.set(xlabel="step", ylabel="held-back pictures, where classes are labelled", ylim=(0, 1))
    axes.legend()
