"""``launch.py train``: a recipe on a data set, with progress, validation and learning curves.

``torchrun --nproc-per-node N -- launch.py train ...`` trains with N processes, on one machine or several; without
the two dashes torchrun takes ``--start`` for an option of its own.
"""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from app.commands.serve import DEVICES
from core.messages import StudioError, text

if TYPE_CHECKING:
    from core.checkpoints import Checkpoint
    from core.training import Recipe, Trainer

SMOOTHING = 0.98  # of the losses that the progress bar shows


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of a training run."""
    parser.add_argument("--data", type=Path, required=True, metavar="DIR", help=text("cli.help.data"))
    parser.add_argument("--recipe", default="street", metavar="NAME", help=text("cli.help.recipe"))
    parser.add_argument("--output", type=Path, required=True, metavar="DIR", help=text("cli.help.train_output"))
    parser.add_argument("--resume", action="store_true", help=text("cli.help.resume"))
    beginning = parser.add_mutually_exclusive_group()
    beginning.add_argument("--start", metavar="NAME", help=text("cli.help.start"))
    beginning.add_argument("--scratch", action="store_true", help=text("cli.help.scratch"))
    parser.add_argument("--steps", type=int, metavar="N", help=text("cli.help.steps"))
    parser.add_argument("--accumulate", type=int, metavar="N", help=text("cli.help.accumulate"))
    parser.add_argument("--compile", action="store_true", help=text("cli.help.compile"))
    parser.add_argument("--bfloat16", action="store_true", help=text("cli.help.bfloat16"))
    parser.add_argument("--device", choices=DEVICES, default="auto", help=text("cli.help.device"))


def run(arguments: argparse.Namespace) -> int:
    """Trains to the recipe's last step; Ctrl-C or a kill loses at most the steps since the last save.

    Raises:
        StudioError: the recipe, the data or the run in the output folder is not what was asked for.
    """
    from core.formats.layouts import open_dataset
    from core.inference import choose_device
    from core.training import Trainer
    from core.training.processes import joined, own_device

    recipe = _recipe(arguments)
    dataset = open_dataset(arguments.data, "train")
    device = own_device(choose_device(arguments.device))
    with joined(device) as processes:
        trainer = Trainer(
            recipe,
            dataset,
            arguments.output,
            device=device,
            start=_start(arguments),
            pretrained=not arguments.scratch,
            processes=processes,
            compiled=arguments.compile,
            bfloat16=arguments.bfloat16,
        )
        if arguments.resume:
            trainer.resume()
        elif trainer.has_state():
            raise StudioError("error.run_exists", folder=arguments.output)
        processes.wait()  # none writes before all have looked
        if processes.is_first:
            _train(trainer)
        else:
            _follow(trainer)
    return 0


def _recipe(arguments: argparse.Namespace) -> "Recipe":
    from dataclasses import replace

    from core.training.recipes import recipe_named

    asked = {"steps": arguments.steps, "accumulate": arguments.accumulate}
    changes = {name: max(1, value) for name, value in asked.items() if value is not None}
    return replace(recipe_named(arguments.recipe), **changes)


def _start(arguments: argparse.Namespace) -> "Checkpoint | None":
    """What the run begins with; a run that goes on has its own checkpoint beside its state, and its architecture."""
    from app.download_bar import load_with_bar
    from core.checkpoints import load_checkpoint
    from core.training.state import STATE_FILE

    if arguments.resume and (arguments.output / STATE_FILE).is_file():
        return load_checkpoint(arguments.output)
    return load_with_bar(arguments.start) if arguments.start else None


def _follow(trainer: "Trainer") -> None:
    """What the processes do that do not write."""
    if _is_to_validate(trainer):
        trainer.processes.wait()
    for _ in trainer.run():
        if _is_to_validate(trainer):
            trainer.processes.wait()
    trainer.processes.wait()


def _is_to_validate(trainer: "Trainer") -> bool:
    """Between steps, also where a run goes on: what a kill cut short."""
    return trainer.step > 0 and trainer.step % trainer.recipe.validate_every == 0


def _train(trainer: "Trainer") -> None:
    from tqdm import tqdm

    known, count = trainer.beginning.known, len(trainer.training.taxonomy)
    if trainer.step == 0 and trainer.beginning.origin:
        print(text("cli.started", name=trainer.beginning.origin, known=len(known), count=count))
    steps = trainer.recipe.steps
    with tqdm(total=steps, initial=trainer.step, desc=trainer.recipe.name, unit="step", smoothing=0.05) as bar:
        smooth = 0.0
        if _is_to_validate(trainer):
            if not trainer.log.has_validated(trainer.step):
                _tell_figures(trainer, bar.write)
            trainer.processes.wait()
        for report in trainer.run():
            smooth = SMOOTHING * smooth + (1 - SMOOTHING) * report.total if smooth else report.total
            parts = {name: f"{value:.2f}" for name, value in report.parts.items()}
            bar.set_postfix({"loss": f"{smooth:.2f}", **parts})
            bar.update()
            if _is_to_validate(trainer):
                _tell_figures(trainer, bar.write)
                trainer.processes.wait()
    print(text("cli.calibrating", count=len(trainer.held_back)))
    trainer.finish()
    _tell_figures(trainer, print)
    trainer.processes.wait()
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


def _tell_figures(trainer: "Trainer", tell: Callable[[str], object]) -> None:
    """Measures, says and draws how far the run is."""
    from app.learning_curves import draw_learning_curves
    from app.validation_pictures import draw_validation_pictures

    tell(_validated(trainer))
    draw_learning_curves(trainer.output)
    draw_validation_pictures(trainer)


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
