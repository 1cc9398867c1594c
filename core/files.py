"""Writing files whole or not at all, and names that are safe to write under."""

import os
import re
import tempfile
import unicodedata
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from core.messages import StudioError

# Refused by Windows or meaning something to a shell, a browser or a path; C0/C1 controls; invisible direction marks.
_UNPORTABLE = re.compile(r'[<>:"|?*\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]')
_INVISIBLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]")
_SURROGATES = re.compile(r"[\ud800-\udfff]")
_RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?", re.IGNORECASE)

_LONGEST_STEM = 180  # bytes of UTF-8: a name of at most 255 bytes with any suffix we add
_LONGEST_SHOWN = 80  # characters


def write_atomically(path: Path, data: bytes) -> None:
    """Writes ``data`` to ``path`` so that a reader sees the old file or the new one, never a part.

    Raises:
        StudioError: the folder is missing, full or not writable.
    """
    part: Path | None = None
    try:
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")
        part = Path(name)
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        part.chmod(0o666 & ~_umask())
        part.replace(path)
    except OSError as error:
        raise StudioError("error.not_written", name=shown_name(path.name), reason=error.strerror or error) from error
    finally:
        if part is not None:
            part.unlink(missing_ok=True)


def make_folder(folder: Path) -> None:
    """Makes a folder where it is missing, and those that it lies in; raises StudioError where that cannot be done."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StudioError("error.not_written", name=shown_name(str(folder)), reason=error.strerror or error) from error


def file_name(name: str) -> str:
    """The last part of a POSIX or Windows path in NFC, without invisible characters: what JSON files call a picture."""
    last = re.split(r"[/\\]", name.rstrip("/\\"))[-1]
    cleaned = _INVISIBLE.sub("", unicodedata.normalize("NFC", _SURROGATES.sub("\ufffd", last)))
    return "picture" if cleaned.strip(" .") == "" else cleaned


def portable_stem(name: str) -> str:
    """The stem of ``name`` as every file system takes it; ``img.v2.001.jpg`` is ``img.v2.001``."""
    return _portable(Path(file_name(name)).stem)


def portable_stems(names: Sequence[str]) -> tuple[str, ...]:
    """One stem for each name, no two alike even where case does not count.

    Pictures that differ in the suffix only (``a.jpg`` and ``a.png``) keep it: ``a.jpg``, ``a.png``.

    Raises:
        StudioError: two pictures have the same name.
    """
    stems = [portable_stem(name) for name in names]
    shared = Counter(stem.casefold() for stem in stems)
    chosen = [
        _portable(file_name(name)) if shared[stem.casefold()] > 1 else stem
        for stem, name in zip(stems, names, strict=True)
    ]
    for stem, count in Counter(stem.casefold() for stem in chosen).items():
        if count > 1:
            raise StudioError("error.same_name", name=shown_name(stem))
    return tuple(chosen)


def shown_name(name: str) -> str:
    """``name`` as it may stand in a sentence: one line, no control characters, at most 80 characters."""
    cleaned = _INVISIBLE.sub("", _SURROGATES.sub("\ufffd", name)).strip()
    return cleaned if len(cleaned) <= _LONGEST_SHOWN else cleaned[: _LONGEST_SHOWN - 1] + "\u2026"


def _portable(name: str) -> str:
    cleaned = _UNPORTABLE.sub("_", name).strip().rstrip(". ")
    shortened = cleaned.encode()[:_LONGEST_STEM].decode(errors="ignore").rstrip(". ")
    if not shortened.strip("."):
        return "picture"
    return f"_{shortened}" if _RESERVED.fullmatch(shortened) else shortened


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
