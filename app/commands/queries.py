"""``launch.py queries``: what each query does in many pictures, as numbers and as a page of small maps."""

import argparse
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from app.commands.segment import expand
from app.commands.serve import DEVICES
from core.messages import StudioError, text

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from core.explain.census import Census, PictureCensus
    from core.inference import Predictor

    Reading = tuple[str, Callable[[], NDArray[np.uint8]]]

SOME_UNREADABLE = 1


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of a census."""
    parser.add_argument("pictures", nargs="*", type=Path, metavar="PICTURE", help=text("cli.help.pictures"))
    parser.add_argument("--data", type=Path, metavar="DIR", help=text("cli.help.data"))
    parser.add_argument("--split", default="val", metavar="NAME", help=text("cli.help.split"))
    parser.add_argument("--model", default="street", metavar="NAME", help=text("cli.help.model"))
    parser.add_argument("--output", type=Path, required=True, metavar="DIR", help=text("cli.help.output"))
    parser.add_argument("--device", choices=DEVICES, default="auto", help=text("cli.help.device"))


def run(arguments: argparse.Namespace) -> int:
    """Counts every picture that can be read and writes the files; 0, or 1 where one could not be read.

    Raises:
        StudioError: nothing can be done at all: no picture, no model, no data set, an unwritable folder.
    """
    from app.download_bar import load_with_bar
    from core.explain.census import take_census
    from core.inference import Predictor

    if bool(arguments.pictures) == (arguments.data is not None):
        raise StudioError("cli.queries.what")
    checkpoint = load_with_bar(arguments.model)
    readings = _of_dataset(arguments) if arguments.data is not None else _of_files(arguments.pictures)
    predictor = Predictor(checkpoint, device=arguments.device, warn=lambda sentence: print(sentence, file=sys.stderr))
    unreadable: list[str] = []
    counted = list(_counted(readings, predictor, unreadable))
    if not counted:
        raise StudioError("cli.queries.none", reason=unreadable[0])
    census = take_census(counted, checkpoint.config.num_queries, checkpoint.taxonomy)
    _write(census, arguments.output, f"{checkpoint.card.title} \u00b7 MaskFormer Studio")
    print(text("cli.queries.written", count=len(counted), folder=arguments.output), flush=True)
    for sentence in unreadable:
        print(sentence, file=sys.stderr)
    return SOME_UNREADABLE if unreadable else 0


def _of_files(named: list[Path]) -> list["Reading"]:
    from core.images import read

    return [(path.name, lambda path=path: read(path)) for path in expand(named)]  # type: ignore[misc]


def _of_dataset(arguments: argparse.Namespace) -> list["Reading"]:
    from core.formats.layouts import open_dataset

    dataset = open_dataset(arguments.data, arguments.split)
    if not len(dataset):
        raise StudioError("error.empty_split", name=dataset.name, split=dataset.split)
    return [(picture.file_name, lambda picture=picture: dataset.image(picture)) for picture in dataset.pictures]  # type: ignore[misc]


def _counted(readings: list["Reading"], predictor: "Predictor", unreadable: list[str]) -> Iterator["PictureCensus"]:
    """Each picture's census; sentences about those that cannot be read go to ``unreadable``."""
    from tqdm import tqdm

    from core.explain.census import picture_census

    for name, read in tqdm(readings, desc=text("cli.queries.counting"), unit="picture"):
        try:
            image = read()
        except StudioError as error:
            unreadable.append(str(error))
        else:
            yield picture_census(name, predictor.predict(image))


def _write(census: "Census", folder: Path, source: str) -> None:
    from app.census_numbers import census_facts, firing_rows, query_rows
    from app.panels.panel import Numbers
    from app.plots.census import draw_census
    from app.plots.sheet import rendered
    from core.files import make_folder, write_atomically
    from core.messages import FIRST_LANGUAGE

    files = {
        "queries.json": (json.dumps(census_facts(census), ensure_ascii=False, indent=1) + "\n").encode(),
        "queries.csv": Numbers({}, query_rows(census)).csv_bytes(),
        "firings.csv": Numbers({}, firing_rows(census)).csv_bytes(),
    }
    for kind in ("png", "svg"):
        files[f"queries.{kind}"] = rendered(lambda: draw_census(census, source, FIRST_LANGUAGE), kind)
    make_folder(folder)
    for name, content in files.items():
        write_atomically(folder / name, content)
