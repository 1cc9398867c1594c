"""``--tile``, for every command that predicts pictures."""

import argparse
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from core.messages import text

if TYPE_CHECKING:
    from core.checkpoints import Preprocessing

AUTO = 0  # the side that suits the model, which is not known yet when options are read


def add_tile_option(parser: argparse.ArgumentParser) -> None:
    """``--tile``, ``--tile auto`` or ``--tile PIXELS``; None where it is not given."""
    parser.add_argument("--tile", nargs="?", const=AUTO, type=_side, metavar="PIXELS", help=text("cli.help.tile"))


def tile_side(option: int | None, preprocessing: "Preprocessing") -> int | None:
    """Pixels of a tile's side for this model; None where no tiles are asked for."""
    from core.inference import natural_side

    return natural_side(preprocessing) if option == AUTO else option


@contextmanager
def tile_bar(name: str) -> Iterator[Callable[[int, int], None]]:
    """What a picture's tiles report to; no bar where nobody would see it move."""
    from tqdm import tqdm

    with tqdm(desc=text("cli.tiles", name=name), unit="tile", leave=False, disable=None) as bar:

        def advance(done: int, every: int) -> None:
            bar.total = every
            bar.update(done - bar.n)

        yield advance


def _side(written: str) -> int:
    from core.inference import LEAST_SIDE

    if written == "auto":
        return AUTO
    if not written.isdecimal() or int(written) < LEAST_SIDE:
        raise argparse.ArgumentTypeError(text("cli.bad_tile", least=LEAST_SIDE, written=written))
    return int(written)
