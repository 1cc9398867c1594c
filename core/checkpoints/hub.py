"""Checkpoints by their names on Hugging Face: from the cache on this computer, else downloaded into it.

A cached checkpoint is used without asking the network. ``HF_HUB_OFFLINE``, ``HF_HOME``, ``HF_ENDPOINT`` and the
person's token count as they do for ``huggingface_hub``.
"""

import difflib
import os
import re
from pathlib import Path

from core.checkpoints.hub_cache import cached, cached_names
from core.checkpoints.hub_download import Download, Progress
from core.checkpoints.hub_transfer import HubClient, HubError
from core.checkpoints.published import published
from core.checkpoints.shelf import bundled
from core.messages import Sentence, Sentences, StudioError

__all__ = ["Progress", "cached", "cached_names", "fetch", "is_hub_name"]

NAME = re.compile(r"[A-Za-z0-9][\w.-]{0,95}/[A-Za-z0-9][\w.-]{0,95}", re.ASCII)
FILE_SUFFIXES = (".pkl", ".pth", ".pt", ".bin", ".safetensors")
OFFLINE = ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE")
TRUE = {"1", "ON", "YES", "TRUE"}


def is_hub_name(source: str) -> bool:
    """True for ``owner/name`` and for every name of the published table; a file's name is none."""
    shaped = NAME.fullmatch(source) and "--" not in source and not source.endswith(FILE_SUFFIXES)
    return bool(shaped) or any(source == row.name for row in published())


def fetch(name: str, *, progress: Progress | None = None) -> Path:
    """The folder of a checkpoint, downloaded now unless it is in the cache.

    Args:
        name: ``owner/name`` on Hugging Face.
        progress: is told bytes done and bytes in all, at most ten times a second and at the end; what it raises ends
            the download. What has been received stays for the next try.

    Raises:
        StudioError: there is no such checkpoint, it may not be downloaded, or the download failed; the sentence says
            which, and offers what is bundled or cached.
    """
    if (folder := cached(name)) is not None:
        return folder
    try:
        _refuse(name)
        with HubClient() as client:
            return Download(client, name, progress or (lambda done, total: None)).run()
    except HubError as trouble:
        raise StudioError(trouble.key, name=name, offer=_offer(name), **trouble.values) from trouble


def _refuse(name: str) -> None:
    """Refuses what no server need be asked about."""
    for row in published():
        if row.by_hand and row.name == name:
            raise HubError("error.hub_by_hand", url=row.url)
    if not is_hub_name(name):
        raise HubError("error.hub_unknown")
    if any(os.environ.get(variable, "").upper() in TRUE for variable in OFFLINE):
        raise HubError("error.hub_offline")


def _offer(name: str) -> Sentences:
    """Names that are nearly alike, and what can be used at once."""
    known = [row.name for row in published() if not row.by_hand]
    near = [] if name in known else difflib.get_close_matches(name, known, n=2, cutoff=0.85)
    guess = [Sentence("hub.near", near=", ".join(near))] if near else []
    here = Sentence("hub.here", names=", ".join([*bundled(), *cached_names()]) or "-")
    return Sentences((*guess, here), joint=" ")
