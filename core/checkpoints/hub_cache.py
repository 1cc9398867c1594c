"""Hugging Face's cache on this computer, in the layout that ``huggingface_hub`` and ``transformers`` share.

``models--owner--name/`` holds ``blobs/`` (files under their hashes), ``snapshots/COMMIT/`` (links to blobs under their
names), ``refs/main`` (a commit) and ``.no_exist/COMMIT/`` (empty files: the repository has none of that name). The
environment is read at each call, so that a change of ``HF_HOME`` counts at once.
"""

import json
import os
import re
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

from core.files import write_atomically

CONFIG, PREPROCESSOR, CARD = "config.json", "preprocessor_config.json", "README.md"
SAFETENSORS, INDEX, PICKLE = "model.safetensors", "model.safetensors.index.json", "pytorch_model.bin"
SHARD = re.compile(r"model-\d{5}-of-\d{5}\.safetensors")


def cache_folder() -> Path:
    """Where ``HF_HUB_CACHE``, ``HF_HOME`` or ``XDG_CACHE_HOME`` put the cache."""
    base = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    home = os.environ.get("HF_HOME") or f"{base}/huggingface"
    named = os.environ.get("HF_HUB_CACHE") or os.environ.get("HUGGINGFACE_HUB_CACHE") or f"{home}/hub"
    return Path(os.path.expandvars(named)).expanduser()


def storage(name: str) -> Path:
    """The folder of one repository."""
    return cache_folder() / f"models--{name.replace('/', '--')}"


def lock_file(name: str, digest: str) -> Path:
    """The lock that every program takes before it writes a blob."""
    return cache_folder() / ".locks" / storage(name).name / f"{digest}.lock"


def cached(name: str) -> Path | None:
    """The newest whole snapshot of a repository, or None: half of one is none."""
    return next(filter(_is_whole, _snapshots(storage(name))), None)


def cached_names() -> list[str]:
    """Every MaskFormer in the cache, by its name on Hugging Face."""
    folders = sorted(cache_folder().glob("models--*--*"))
    names = (folder.name.removeprefix("models--").replace("--", "/", 1) for folder in folders)
    return [name for name in names if (snapshot := cached(name)) and model_type(snapshot / CONFIG) == "maskformer"]


def model_type(config: Path) -> str | None:
    """What kind of network a ``config.json`` describes; our own say nothing about it."""
    kind = _read_json(config).get("model_type")
    return kind if isinstance(kind, str) else None


def shards(index: Path) -> list[str]:
    """File names in an index of several weight files; empty where it is none, or names anything but such files."""
    listed = _read_json(index).get("weight_map")
    names = sorted(set(listed.values())) if isinstance(listed, dict) else []
    return names if all(isinstance(name, str) and SHARD.fullmatch(name) for name in names) else []


def keep_snapshot(name: str, commit: str, blobs: Mapping[str, Path]) -> Path:
    """Links whole blobs as a snapshot, the configuration last, and makes it the newest."""
    folder = storage(name) / "snapshots" / commit
    folder.mkdir(parents=True, exist_ok=True)
    for file in sorted(blobs, key=lambda file: file == CONFIG):
        if not (folder / file).is_file():
            _link(blobs[file], folder / file)
    if PREPROCESSOR not in blobs:
        missing = _marker(folder)
        missing.parent.mkdir(parents=True, exist_ok=True)
        missing.touch()
    newest = storage(name) / "refs" / "main"
    newest.parent.mkdir(exist_ok=True)
    write_atomically(newest, commit.encode())
    return folder


def _snapshots(folder: Path) -> Iterator[Path]:
    newest = folder / "refs" / "main"
    if newest.is_file():
        yield folder / "snapshots" / newest.read_text(encoding="utf-8").strip()
    others = (folder / "snapshots").glob("*")
    yield from sorted(others, key=lambda path: path.stat().st_mtime, reverse=True)


def _is_whole(snapshot: Path) -> bool:
    described = (snapshot / CONFIG).is_file() and ((snapshot / PREPROCESSOR).is_file() or _marker(snapshot).exists())
    several = shards(snapshot / INDEX)
    sharded = bool(several) and all((snapshot / file).is_file() for file in several)
    return described and (sharded or (snapshot / SAFETENSORS).is_file() or (snapshot / PICKLE).is_file())


def _marker(snapshot: Path) -> Path:
    return snapshot.parents[1] / ".no_exist" / snapshot.name / PREPROCESSOR


def _link(blob: Path, place: Path) -> None:
    """A relative link; where the system has none to give, a second name for the same bytes, or a copy."""
    place.unlink(missing_ok=True)
    try:
        place.symlink_to(os.path.relpath(blob, place.parent))
    except OSError:
        try:
            place.hardlink_to(blob)
        except OSError:
            shutil.copyfile(blob, place)


def _read_json(path: Path) -> dict[str, object]:
    try:
        read = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return read if isinstance(read, dict) else {}
