"""``launch.py convert``: any checkpoint that can be read, written as a folder of ours or of ``transformers``."""

import argparse
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from core.messages import StudioError, text

if TYPE_CHECKING:
    from core.checkpoints import Checkpoint

LAYOUTS = ("studio", "huggingface")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of a conversion."""
    parser.add_argument("source", metavar="SOURCE", help=text("cli.help.model"))
    parser.add_argument("output", type=Path, metavar="OUTPUT", help=text("cli.help.convert_output"))
    parser.add_argument("--to", choices=LAYOUTS, default=LAYOUTS[0], help=text("cli.help.to"))
    parser.add_argument("--half", action="store_true", help=text("cli.help.half"))


def run(arguments: argparse.Namespace) -> int:
    """Writes the whole folder or none.

    Raises:
        StudioError: the output exists, the source cannot be read, or the layout has no such network.
    """
    if arguments.half and arguments.to != "studio":
        raise StudioError("cli.half_of_huggingface")
    require_vacant(arguments.output)
    from app.download_bar import load_with_bar

    checkpoint = load_with_bar(arguments.source)
    with whole_folder(arguments.output) as folder:
        _write(folder, checkpoint, to=arguments.to, half=arguments.half)
    print(text("cli.converted", name=checkpoint.card.name, folder=arguments.output, license=_license(checkpoint)))
    return 0


def require_vacant(folder: Path) -> None:
    """Raises StudioError where something is that a conversion would overwrite."""
    if folder.is_dir() and any(folder.iterdir()):
        raise StudioError("cli.output_not_empty", folder=folder)
    if folder.exists() and not folder.is_dir():
        raise StudioError("cli.output_is_file", folder=folder)


@contextmanager
def whole_folder(place: Path) -> Iterator[Path]:
    """A folder to write into that becomes ``place`` if all goes well, and is gone if not."""
    part: Path | None = None
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        part = Path(tempfile.mkdtemp(dir=place.parent, prefix=f".{place.name}.", suffix=".part"))
        yield part
        require_vacant(place)
        part.chmod(0o755)
        if place.is_dir():
            place.rmdir()
        part.rename(place)
    except OSError as error:
        raise StudioError("error.not_written", name=place, reason=error.strerror or error) from error
    finally:
        if part is not None:
            shutil.rmtree(part, ignore_errors=True)


def _write(folder: Path, checkpoint: "Checkpoint", *, to: str, half: bool) -> None:
    from core.checkpoints import save_checkpoint
    from core.checkpoints.huggingface_export import save_huggingface
    from core.files import write_atomically

    if to == "huggingface":
        save_huggingface(folder, checkpoint)
        return
    save_checkpoint(
        folder,
        weights=checkpoint.model.state_dict(),
        config=checkpoint.config,
        taxonomy=checkpoint.taxonomy,
        preprocessing=checkpoint.preprocessing,
        half=half,
    )
    write_atomically(folder / "README.md", checkpoint.card.markdown().encode())


def _license(checkpoint: "Checkpoint") -> str:
    return checkpoint.card.license or text("cli.license_unstated")
