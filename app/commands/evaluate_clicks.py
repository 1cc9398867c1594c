"""``launch.py evaluate-clicks``: how many clicks a segment takes, by a person who is simulated."""

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING

from app.commands.evaluate import picture_bar, positive_count
from app.commands.serve import DEVICES
from core.messages import text

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.evaluation.clicks.methods import Seen
    from core.evaluation.clicks.report import ClickReport
    from core.evaluation.clicks.tries import Method

OURS = "click head"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the measurement."""
    parser.add_argument("--model", default="street", metavar="NAME", help=text("cli.help.model"))
    parser.add_argument("--data", type=Path, required=True, metavar="DIR", help=text("cli.help.data"))
    parser.add_argument("--split", default="val", metavar="NAME", help=text("cli.help.split"))
    parser.add_argument("--limit", type=positive_count, metavar="N", help=text("cli.help.limit"))
    parser.add_argument("--baselines", action="store_true", help=text("cli.help.baselines"))
    parser.add_argument("--exact-only", action="store_true", help=text("cli.help.exact_only"))
    parser.add_argument("--head", type=Path, metavar="FILE", help=text("cli.help.head"))
    parser.add_argument("--json", type=Path, metavar="FILE", help=text("cli.help.json"))
    parser.add_argument("--curves", type=Path, metavar="FILE", help=text("cli.help.curves"))
    parser.add_argument("--device", choices=DEVICES, default="auto", help=text("cli.help.device"))


def run(arguments: argparse.Namespace) -> int:
    """Prints a row a method and, where asked, writes the figures as JSON and the curves as a picture.

    Raises:
        StudioError: the model, the head or the data set cannot be used, or a file cannot be written.
    """
    from app.click_curves import draw_click_curves, require_drawable
    from app.download_bar import load_with_bar
    from core.evaluation.clicks.evaluate import evaluate_clicks
    from core.evaluation.clicks.table import ceiling_table, table
    from core.evaluation.model import require_same_categories
    from core.files import make_folder, write_atomically
    from core.formats.layouts import open_dataset
    from core.inference import Predictor

    for path in filter(None, (arguments.json, arguments.curves)):
        make_folder(path.parent)  # now, not after the work
    if arguments.curves is not None:
        require_drawable(arguments.curves)
    methods = _methods(arguments)
    checkpoint = load_with_bar(arguments.model)
    dataset = open_dataset(arguments.data, arguments.split)
    require_same_categories(checkpoint.taxonomy, dataset.taxonomy)
    jitters = (False,) if arguments.exact_only else (False, True)
    title = text("cli.evaluating", model=arguments.model, data=dataset.name, split=arguments.split)
    with picture_bar(title) as progress:
        reports = evaluate_clicks(
            Predictor(checkpoint, device=arguments.device),
            dataset,
            methods,
            limit=arguments.limit,
            has_ceiling=arguments.baselines,
            jitters=jitters,
            progress=progress,
        )
    print(table(reports))
    print(ceiling_table(reports[OURS].ceiling))
    if arguments.json is not None:
        said = _said(arguments, dataset.name, reports)
        write_atomically(arguments.json, (json.dumps(said, indent=2) + "\n").encode())
        print(text("cli.figures_written", file=arguments.json))
    if arguments.curves is not None:
        draw_click_curves(reports, arguments.curves, f"{Path(arguments.model).name}, {dataset.name} {arguments.split}")
        print(text("cli.curves_written", file=arguments.curves))
    return 0


def _methods(arguments: argparse.Namespace) -> "dict[str, Callable[[Seen], Method]]":
    from core.evaluation.clicks.methods import BASELINES, click_head
    from core.refinement.weights import BUNDLED, load_head

    head = load_head(arguments.head or BUNDLED)
    found: dict[str, Callable[[Seen], Method]] = {OURS: lambda seen: click_head(seen, head)}
    return found | (BASELINES if arguments.baselines else {})


def _said(arguments: argparse.Namespace, data: str, reports: "dict[str, ClickReport]") -> dict[str, object]:
    """The head's figures on top, the other methods' below ``baselines``."""
    ours, *others = reports
    baselines = {name: reports[name].to_json() for name in others}
    return {
        "model": arguments.model,
        "data": data,
        "split": arguments.split,
        **reports[ours].to_json(),
        **({"baselines": baselines} if baselines else {}),
    }
