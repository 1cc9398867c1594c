"""``launch.py data``: our data sets, built from the public originals."""

import argparse
from pathlib import Path

from core.messages import text

NAMES = ("street", "nuclei")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which data set, from where, to where."""
    parser.add_argument("name", choices=NAMES, help=text("cli.help.data_name"))
    parser.add_argument("--raw", type=Path, required=True, metavar="DIR", help=text("cli.help.raw"))
    parser.add_argument("--output", type=Path, required=True, metavar="DIR", help=text("cli.help.data_output"))


def run(arguments: argparse.Namespace) -> int:
    """Builds the data set and says how many pictures it has, and how many it should have.

    Raises:
        StudioError: an original is missing or damaged, or the output folder cannot be used.
    """
    from tqdm import tqdm

    from core.datasets.build import BUILDS, build_dataset

    with tqdm(desc=arguments.name, unit="picture") as bar:

        def advance(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        counts = build_dataset(arguments.name, arguments.raw, arguments.output, advance)
    for split, count in counts.items():
        print(text("cli.data_written", count=count, split=split, folder=arguments.output))
    if counts != BUILDS[arguments.name].pictures:
        expected = ", ".join(f"{split} {count}" for split, count in BUILDS[arguments.name].pictures.items())
        print(text("cli.data_incomplete", expected=expected))
    return 0
