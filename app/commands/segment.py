"""``launch.py segment``: pictures in, COCO files, overlays and queries out, without a browser."""

import argparse
import os
import sys
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from app.commands.serve import DEVICES
from app.tile_option import add_tile_option, tile_bar, tile_side
from core.messages import StudioError, text

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from app.picture_outputs import Outputs
    from core.inference import Predictor

TASKS = ("panoptic", "semantic", "instance")
SUFFIXES = (".bmp", ".gif", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp")
SOME_UNREADABLE = 1


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of a run over pictures."""
    parser.add_argument("pictures", nargs="+", type=Path, metavar="PICTURE", help=text("cli.help.pictures"))
    parser.add_argument("--output", type=Path, required=True, metavar="DIR", help=text("cli.help.output"))
    parser.add_argument("--model", metavar="NAME", help=text("cli.help.model"))
    parser.add_argument("--task", choices=TASKS, default=TASKS[0], help=text("cli.help.task"))
    add_tile_option(parser)
    parser.add_argument("--device", choices=DEVICES, default="auto", help=text("cli.help.device"))


def run(arguments: argparse.Namespace) -> int:
    """Segments every picture that can be read; 0, or 1 where one could not.

    Raises:
        StudioError: nothing can be done at all: no picture, no model, two pictures of one name, an unwritable folder.
    """
    from app import picture_outputs
    from app.download_bar import load_with_bar
    from core.files import portable_stems
    from core.inference import Predictor

    paths = expand(arguments.pictures)
    stems = portable_stems([path.name for path in paths])
    checkpoint = load_with_bar(arguments.model or _first_model())
    predictor = Predictor(checkpoint, device=arguments.device, warn=lambda sentence: print(sentence, file=sys.stderr))
    outputs = picture_outputs.TASKS[arguments.task](arguments.output, checkpoint.taxonomy)
    side = tile_side(arguments.tile, checkpoint.preprocessing)
    unreadable = _segment_all(paths, stems, predictor, outputs, side)
    print(text("cli.segmented", count=len(paths) - len(unreadable), folder=arguments.output), flush=True)
    for sentence in unreadable:
        print(sentence, file=sys.stderr)
    return SOME_UNREADABLE if unreadable else 0


def expand(named: Iterable[Path]) -> list[Path]:
    """The files, and the pictures directly inside the folders, in the order given and each once.

    Raises:
        StudioError: a folder holds no picture.
    """
    found: dict[Path, Path] = {}
    for path in named:
        inside = [path]
        if os.path.isdir(path):  # unlike pathlib's, it takes any name: one too long is no folder
            inside = sorted(p for p in path.iterdir() if p.suffix.lower() in SUFFIXES and not p.name.startswith("."))
            if not inside:
                raise StudioError("cli.no_pictures", folder=path)
        for picture in inside:
            found.setdefault(Path(os.path.realpath(picture)), picture)
    return list(found.values())


def _segment_all(
    paths: Sequence[Path], stems: Sequence[str], predictor: "Predictor", outputs: "Outputs", side: int | None
) -> list[str]:
    """The sentences about those that could not be read."""
    from core.files import shown_name
    from core.images import read

    unreadable, done = list[str](), 0
    try:
        for number, (path, stem) in enumerate(zip(paths, stems, strict=True), start=1):
            started = time.perf_counter()
            try:
                image = read(path)
            except StudioError as error:
                unreadable.append(str(error))
                found = text("cli.unreadable")
            else:
                found = _segment(path.name, stem, image, predictor, outputs, side)
                done += 1
            seconds = f"{time.perf_counter() - started:.1f}"
            name = shown_name(path.name)
            told = text("cli.progress", number=number, count=len(paths), name=name, found=found, seconds=seconds)
            print(told, flush=True)
    finally:  # whatever stops it: what is done is not lost
        if done:
            outputs.finish()
    return unreadable


def _segment(
    name: str, stem: str, image: "NDArray[np.uint8]", predictor: "Predictor", outputs: "Outputs", side: int | None
) -> str:
    """What was found in one picture, in a few words."""
    from core.inference import TiledPicture, tiling_for

    height, width, _ = image.shape
    tiling = tiling_for((height, width), side)
    if tiling is None:
        return outputs.add(name, stem, image, predictor.predict(image))
    with tile_bar(name) as progress:
        return outputs.add_tiled(name, stem, TiledPicture(predictor, image, tiling, progress))


def _first_model() -> str:
    from core.checkpoints import bundled

    names = bundled()
    if not names:
        raise StudioError("error.no_model")
    return names[0]
