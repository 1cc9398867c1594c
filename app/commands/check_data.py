"""``launch.py check-data``: what is wrong with a data set, before training starts."""

import argparse
import json
from pathlib import Path

from core.messages import text

FOUND_ERRORS = 1


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of a check."""
    parser.add_argument("data", type=Path, metavar="DIR", help=text("cli.help.data"))
    parser.add_argument("--split", metavar="NAME", help=text("cli.help.check_split"))
    parser.add_argument("--json", type=Path, metavar="FILE", help=text("cli.help.check_json"))
    parser.add_argument("--pages", type=Path, metavar="DIR", help=text("cli.help.check_pages"))


def run(arguments: argparse.Namespace) -> int:
    """Prints the report and, where asked, writes it as JSON and draws the worst pictures; 1 where there are errors.

    Raises:
        StudioError: the folder is no data set that is read, or a file cannot be written.
    """
    from tqdm import tqdm

    from core.datasets.check import check_dataset
    from core.datasets.findings import Severity
    from core.datasets.table import render_check
    from core.files import make_folder, write_atomically

    if arguments.json is not None:
        make_folder(arguments.json.parent)  # now, not after the work
    with tqdm(desc=str(arguments.data), unit="picture") as bar:

        def advance(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        report = check_dataset(arguments.data, arguments.split, advance)
    print(render_check(report))
    if arguments.json is not None:
        write_atomically(arguments.json, (json.dumps(report.to_json(), indent=1) + "\n").encode())
        print(text("cli.check_written", file=arguments.json))
    if arguments.pages is not None:
        from app.check_pages import draw_pages

        drawn = draw_pages(report, arguments.pages)
        print(text("cli.check_drawn", count=len(drawn), folder=arguments.pages))
    return FOUND_ERRORS if report.count(Severity.ERROR) else 0
