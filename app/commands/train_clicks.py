"""``launch.py train-clicks``: the click head, on what frozen models say of their data sets' training pictures."""

import argparse
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from app.commands.evaluate import positive_count
from core.messages import StudioError, text

if TYPE_CHECKING:
    from core.training.clicks import ClickRecipe
    from core.training.clicks.scenes import Scene

SMOOTHING = 0.98  # of what the progress bar shows


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of a run."""
    parser.add_argument(
        "--on", nargs=2, action="append", required=True, metavar=("MODEL", "DIR"), help=text("cli.help.on")
    )
    parser.add_argument("--output", type=Path, required=True, metavar="DIR", help=text("cli.help.clicks_output"))
    parser.add_argument("--steps", type=positive_count, metavar="N", help=text("cli.help.steps"))
    parser.add_argument("--start", type=Path, metavar="FILE", help=text("cli.help.start_head"))
    parser.add_argument("--resume", action="store_true", help=text("cli.help.resume"))


def run(arguments: argparse.Namespace) -> int:
    """Trains to the last step; Ctrl-C or a kill loses at most the steps since the last save.

    Raises:
        StudioError: a model, a data set or a head cannot be used, or the output folder holds a run.
    """
    from tqdm import tqdm

    from core.refinement.weights import load_head
    from core.training.clicks import ClickRecipe, ClickTrainer
    from core.training.clicks.loop import HEAD_FILE
    from core.training.state import STATE_FILE

    recipe = ClickRecipe()
    recipe = replace(recipe, steps=arguments.steps or recipe.steps)
    if not arguments.resume and (arguments.output / STATE_FILE).exists():
        raise StudioError("error.run_exists", folder=arguments.output)
    start = load_head(arguments.start) if arguments.start else None
    trainer = ClickTrainer(recipe, _scenes(arguments, recipe), arguments.output, start)
    if arguments.resume:
        trainer.resume()
    smooth = 0.0
    with tqdm(total=recipe.steps, initial=trainer.step, unit="step", smoothing=0.05) as bar:
        for report in trainer.run():
            smooth = SMOOTHING * smooth + (1 - SMOOTHING) * report.loss if smooth else report.loss
            bar.set_postfix({"loss": f"{smooth:.3f}"})
            bar.update()
    print(text("cli.head_trained", file=arguments.output / HEAD_FILE))
    return 0


def _scenes(arguments: argparse.Namespace, recipe: "ClickRecipe") -> "list[Scene]":
    from app.commands.evaluate import picture_bar
    from app.download_bar import load_with_bar
    from core.formats.layouts import open_dataset
    from core.inference import Predictor
    from core.training.clicks.scenes import scenes
    from core.training.samples import split_held_back

    found: list[Scene] = []
    for model, folder in arguments.on:
        predictor = Predictor(load_with_bar(model), device="cpu")
        dataset, _ = split_held_back(open_dataset(Path(folder), "train"), recipe.held_back, recipe.held_back_block)
        with picture_bar(text("cli.predicting", model=model, data=dataset.name)) as progress:
            found += scenes(predictor, dataset, recipe.least_area, progress)
    if not found:
        raise StudioError("error.nothing_to_click", area=recipe.least_area)
    return found
