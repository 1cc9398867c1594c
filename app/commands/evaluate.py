"""``launch.py evaluate``: a checkpoint's figures on a data set."""

import argparse
import json
from pathlib import Path

from app.commands.serve import DEVICES
from core.messages import text


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of an evaluation."""
    parser.add_argument("--model", default="street", metavar="NAME", help=text("cli.help.model"))
    parser.add_argument("--data", type=Path, required=True, metavar="DIR", help=text("cli.help.data"))
    parser.add_argument("--split", default="val", metavar="NAME", help=text("cli.help.split"))
    parser.add_argument("--json", type=Path, metavar="FILE", help=text("cli.help.json"))
    parser.add_argument("--device", choices=DEVICES, default="auto", help=text("cli.help.device"))


def run(arguments: argparse.Namespace) -> int:
    """Prints the table and, where asked, writes the figures as JSON.

    Raises:
        StudioError: the model or the data set cannot be used.
    """
    import sys

    from tqdm import tqdm

    from app.download_bar import load_with_bar
    from core.evaluation.model import evaluate_checkpoint
    from core.files import write_atomically
    from core.formats.layouts import open_dataset
    from core.inference import Predictor

    predictor = Predictor(
        load_with_bar(arguments.model),
        device=arguments.device,
        warn=lambda sentence: print(sentence, file=sys.stderr),
    )
    dataset = open_dataset(arguments.data, arguments.split)
    with tqdm(total=len(dataset), desc=f"{arguments.model} on {dataset.name} {arguments.split}", unit="picture") as bar:

        def advance(done: int, _all: int) -> None:
            bar.update(done - bar.n)

        report = evaluate_checkpoint(predictor, dataset, progress=advance)
    print(report.table())
    if arguments.json is not None:
        write_atomically(arguments.json, (json.dumps(report.to_json(), indent=2) + "\n").encode())
        print(text("cli.figures_written", file=arguments.json))
    return 0
