"""``launch.py evaluate``: a checkpoint's figures on a data set, as a table, as files and as a page."""

import argparse
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from app.commands.serve import DEVICES
from app.tile_option import add_tile_option, tile_side
from core.messages import text

if TYPE_CHECKING:
    from core.evaluation.report import Report
    from core.formats.dataset import PanopticDataset
    from core.inference import Predictor


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of an evaluation."""
    parser.add_argument("--model", default="street", metavar="NAME", help=text("cli.help.model"))
    parser.add_argument("--data", type=Path, required=True, metavar="DIR", help=text("cli.help.data"))
    parser.add_argument("--split", default="val", metavar="NAME", help=text("cli.help.split"))
    parser.add_argument("--json", type=Path, metavar="FILE", help=text("cli.help.json"))
    parser.add_argument("--pages", type=Path, metavar="DIR", help=text("cli.help.pages"))
    parser.add_argument("--detections", type=positive_count, metavar="N", help=text("cli.help.detections"))
    add_tile_option(parser)
    parser.add_argument("--device", choices=DEVICES, default="auto", help=text("cli.help.device"))


def run(arguments: argparse.Namespace) -> int:
    """Prints the table and, where asked, writes the figures as JSON and the page with the worst and best pictures.

    Raises:
        StudioError: the model or the data set cannot be used, or a file cannot be written.
    """
    import sys

    from app.download_bar import load_with_bar
    from core.evaluation.average_precision import detection_limit
    from core.evaluation.model import evaluate_checkpoint
    from core.evaluation.report import Measures
    from core.files import make_folder, write_atomically
    from core.formats.layouts import open_dataset
    from core.inference import Predictor

    if arguments.json is not None:
        make_folder(arguments.json.parent)  # now, not after the work
    checkpoint = load_with_bar(arguments.model)
    predictor = Predictor(checkpoint, device=arguments.device, warn=lambda sentence: print(sentence, file=sys.stderr))
    dataset = open_dataset(arguments.data, arguments.split)
    limit = arguments.detections or detection_limit(checkpoint.config.num_queries)
    measures = Measures(boundary=True, detections=limit, oracle=True)
    side = tile_side(arguments.tile, checkpoint.preprocessing)
    with picture_bar(
        text("cli.evaluating", model=arguments.model, data=dataset.name, split=arguments.split)
    ) as progress:
        report = evaluate_checkpoint(predictor, dataset, progress=progress, measures=measures, tile_side=side)
    print(report.table())
    if arguments.json is not None:
        said = {"model": arguments.model, "data": dataset.name, "split": arguments.split, "tile": side}
        said |= report.to_json()
        write_atomically(arguments.json, (json.dumps(said, indent=2) + "\n").encode())
        print(text("cli.figures_written", file=arguments.json))
    if arguments.pages is not None:
        page = _write_pages(arguments, report, dataset, predictor, side)
        print(text("cli.pages_written", file=page))
    return 0


def _write_pages(
    arguments: argparse.Namespace,
    report: "Report",
    dataset: "PanopticDataset",
    predictor: "Predictor",
    side: int | None,
) -> Path:
    from app.evaluation_pages import PageTitle, write_pages
    from core.evaluation.model import predicted_picture

    title = PageTitle(Path(arguments.model).name, dataset.name, arguments.split)
    with picture_bar(text("cli.drawing")) as progress:
        return write_pages(
            arguments.pages,
            report,
            dataset,
            lambda picture: predicted_picture(predictor, dataset.image(picture), tile_side=side),
            title,
            progress=progress,
        )


@contextmanager
def picture_bar(title: str) -> Iterator[Callable[[int, int], None]]:
    """A progress bar of pictures; what it yields is told how many are done, and of how many."""
    from tqdm import tqdm

    with tqdm(desc=title, unit="picture") as bar:

        def advance(done: int, every: int) -> None:
            bar.total = every
            bar.update(done - bar.n)

        yield advance


def positive_count(written: str) -> int:
    """A number from 1 of the command line; raises ArgumentTypeError for anything else."""
    if not written.isdecimal() or int(written) < 1:
        raise argparse.ArgumentTypeError(text("cli.bad_count", written=written))
    return int(written)
