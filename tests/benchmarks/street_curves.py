"""Draws how far street and its per-pixel baseline came with the steps they were trained for.

``python -m tests.benchmarks.street_curves --output FILE.png`` reads ``curve.csv`` beside the weights of both:
figures of the validation part, each class where it is labelled, noted as they were trained.
"""

import argparse
import csv
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from core.checkpoints.shelf import SHELF

MODELS = {"street": ("street (MaskFormer)", "#14757c"), "street-per-pixel": ("street-per-pixel (baseline)", "#c9772b")}
FIGURES = {"pq": "PQ", "miou": "mIoU", "pixel_accuracy": "pixel accuracy"}


def validation(name: str) -> list[dict[str, float]]:
    """The rows of a bundled checkpoint's ``curve.csv``."""
    with (SHELF / name / "curve.csv").open(encoding="utf-8", newline="") as file:
        return [{key: float(value) for key, value in row.items()} for row in csv.DictReader(file)]


def draw(axes: Axes, figure: str) -> None:
    """One figure of both models over steps."""
    for name, (label, color) in MODELS.items():
        rows = validation(name)
        steps, values = [row["steps"] for row in rows], [row[figure] for row in rows]
        axes.plot(steps, values, marker="o", color=color, label=label)
    axes.set(xlabel="training steps of 8 crops", ylabel=f"{FIGURES[figure]}, %", xlim=(0, None))
    axes.margins(y=0.12)
    axes.grid(alpha=0.25)


def main() -> None:
    """Writes the picture."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", type=Path, required=True)
    figure = Figure(figsize=(12, 3.6), layout="constrained")
    each = figure.subplots(1, len(FIGURES))
    for axes, name in zip(each, FIGURES, strict=True):
        draw(axes, name)
    figure.legend(*each[0].get_legend_handles_labels(), loc="outside upper center", ncols=2, frameon=False)
    figure.savefig(parser.parse_args().output, dpi=100)


if __name__ == "__main__":
    main()
