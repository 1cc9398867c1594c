"""The files of a data set: found inside its own folder, and read or refused in one sentence."""

import json
from io import BytesIO
from pathlib import Path, PureWindowsPath
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from core.files import shown_name
from core.images import DAMAGED, Limits
from core.messages import StudioError
from core.types import Size

_SINGLE_CHANNEL = ("1", "L", "P", "I", "I;16", "I;16B")


def inside(folder: Path, *names: str) -> Path:
    """The path of ``names`` below ``folder``; raises StudioError where one leads out of it."""
    for name in names:
        parts = PureWindowsPath(name)  # reads both kinds of slashes, and drives
        if parts.anchor or ".." in parts.parts:
            raise StudioError("error.dataset_path", name=shown_name(name))
    return folder.joinpath(*names)


def existing(folder: Path, *names: str) -> Path:
    """As :func:`inside`; raises StudioError where there is no such file."""
    path = inside(folder, *names)
    if not is_file(path):
        raise StudioError("error.dataset_missing", folder=folder, path="/".join(map(shown_name, names)))
    return path


def is_file(path: Path) -> bool:
    """Whether a file is there; a name that no file can have is no error."""
    try:
        return path.is_file()
    except (OSError, ValueError):  # too long, or with a null character
        return False


def subfolders(folder: Path) -> list[str]:
    """The names of the folders in ``folder``, sorted; none where it is missing or unreadable."""
    try:
        return sorted(path.name for path in folder.iterdir() if path.is_dir())
    except OSError:
        return []


def files_below(folder: Path, *suffixes: str) -> list[Path]:
    """The files in ``folder`` and its subfolders with these endings in any case, sorted; hidden ones are left out."""
    endings = tuple(suffix.lower() for suffix in suffixes)
    found = (path for path in folder.rglob("*") if path.name.lower().endswith(endings))
    return sorted(path for path in found if not path.name.startswith(".") and is_file(path))


def read_json(path: Path, kind: str) -> dict[str, Any]:
    """The JSON object in a file; raises StudioError where it is none."""
    try:
        data = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise StudioError("error.dataset_json", name=shown_name(path.name), kind=kind) from error
    if not isinstance(data, dict):
        raise StudioError("error.dataset_json", name=shown_name(path.name), kind=kind)
    return data


def read_values(path: Path) -> NDArray[np.int32]:
    """The (H, W) numbers of a PNG with one channel of 1, 8 or 16 bits; of a palette's the indices.

    Raises:
        StudioError: the file is missing, damaged, too large or of another kind.
    """
    try:
        with Image.open(BytesIO(path.read_bytes()), formats=["PNG"]) as picture:
            if picture.mode not in _SINGLE_CHANNEL or picture.width * picture.height > Limits().pixels:
                raise StudioError("error.dataset_values_png", name=shown_name(path.name))
            return np.asarray(picture).astype(np.int32)
    except StudioError:
        raise
    except DAMAGED as error:
        raise StudioError("error.dataset_values_png", name=shown_name(path.name)) from error


def png_size_hw(path: Path) -> Size:
    """Height and width that a PNG's header declares; raises StudioError where it has none."""
    try:
        with Image.open(path, formats=["PNG"]) as picture:
            return picture.height, picture.width
    except DAMAGED as error:
        raise StudioError("error.dataset_values_png", name=shown_name(path.name)) from error
