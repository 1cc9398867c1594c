"""``launch.py train``: a recipe on a data set, with progress, validation and learning curves."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from app.commands.serve import DEVICES
from core.messages import StudioError, text

if TYPE_CHECKING:
    from core.training import Trainer

SMOOTHING = 0.98  # of the losses that the progress bar shows


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of a training run."""
    parser.add_argument("--data", type=Path, required=True, metavar="DIR", help=text("cli.help.data"))
    parser.add_argument("--recipe", default="street", metavar="NAME", help=text("cli.help.recipe"))
    parser.add_argument("--output", type=Path, required=True, metavar="DIR", help=text("cli.help.train_output"))
    parser.add_argument("--resume", action="store_true", help=text("cli.help.resume"))
    parser.add_argument("--start", metavar="NAME", help=text("cli.help.start"))
    parser.add_argument("--steps", type=int, metavar="N", help=text("cli.help.steps"))
    parser.add_argument("--device", choices=DEVICES, default="auto", help=text("cli.help.device"))


def run(arguments: argparse.Namespace) -> int:
    """Trains to the recipe's last step; Ctrl-C or a kill loses at most the steps since the last save.

    Raises:
        StudioError: the recipe, the data or the run in the output folder is not what was asked for.
    """
    from dataclasses import replace

    from app.download_bar import load_with_bar
    from core.formats.layouts import open_dataset
    from core.inference import choose_device
    from core.training import Trainer
    from core.training.recipe import recipe_named

    recipe = recipe_named(arguments.recipe)
    if arguments.steps is not None:
        recipe = replace(recipe, steps=max(1, arguments.steps))
    dataset = open_dataset(arguments.data, "train")
    start = load_with_bar(arguments.start) if arguments.start else None
    trainer = Trainer(recipe, dataset, arguments.output, device=choose_device(arguments.device), start=start)
    if arguments.resume:
        trainer.resume()
    elif trainer.has_state():
        raise StudioError("error.run_exists", folder=arguments.output)
    _train(trainer)
    return 0


def _train(trainer: "Trainer") -> None:
    from tqdm import tqdm

    from app.learning_curves import draw_learning_curves

    steps = trainer.recipe.steps
    with tqdm(total=steps, initial=trainer.step, desc=trainer.recipe.name, unit="step", smoothing=0.05) as bar:
        smooth = 0.0
        for report in trainer.run():
            smooth = SMOOTHING * smooth + (1 - SMOOTHING) * report.total if smooth else report.total
            parts = {name: f"{value:.2f}" for name, value in report.parts.items()}
            bar.set_postfix({"loss": f"{smooth:.2f}", **parts})
            bar.update()
            if report.step % trainer.recipe.validate_every == 0:
                bar.write(_validated(trainer))
                draw_learning_curves(trainer.output)
    print(text("cli.calibrating", count=len(trainer.held_back)))
    trainer.finish()
    print(_validated(trainer))
    draw_learning_curves(trainer.output)
    chosen = trainer.preprocessing
    print(
        text(
            "cli.trained",
            folder=trainer.output,
            side=chosen.short_side,
            score=chosen.score_threshold,
            overlap=chosen.overlap_threshold,
        )
    )


def _validated(trainer: "Trainer") -> str:
    figures = trainer.validate().to_json()["exhaustive"]
    pq, miou, pixel_accuracy = (_percent(figures[name]) for name in ("pq", "miou", "pixel_accuracy"))
    return text(
        "cli.validated",
        step=trainer.step,
        count=len(trainer.held_back),
        pq=pq,
        miou=miou,
        pixel_accuracy=pixel_accuracy,
    )


def _percent(fraction: float | None) -> str:
    return "\N{EN DASH}" if fraction is None else f"{100 * fraction:.1f}"
