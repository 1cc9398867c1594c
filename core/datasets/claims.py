"""What a data set says of itself. Nothing of it is believed until it was examined."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from core.datasets.findings import Finding, Notes, differs
from core.formats.dataset_files import files_below
from core.types import Size, Taxonomy

MOSTLY = 0.75  # of a picture

Areas: TypeAlias = Mapping[int, tuple[int, ...]]  # by category id, the pixels of each of its segments


class Labels(Protocol):
    """The labels of one picture in one layout."""

    def examine(self, claim: "Claim", notes: Notes) -> Areas:
        """Notes what is wrong with them; gives what could be read nevertheless."""

    def label_map(self) -> NDArray[np.int32]:
        """(H, W) int32 segment ids as they are, to be shown; raises StudioError where there is nothing to show."""


@dataclass(frozen=True, slots=True)
class Claim:
    """One picture as its data set describes it; ``size_hw`` is None where that says no size."""

    split: str
    name: str
    image_path: Path
    size_hw: Size | None
    labels: Labels


@dataclass(frozen=True, slots=True)
class ClaimedSplit:
    """A split as its data set describes it, and what is wrong with the description."""

    split: str
    taxonomy: Taxonomy
    claims: tuple[Claim, ...]
    findings: tuple[Finding, ...]


def note_size(claim: Claim, got_hw: Sequence[int], notes: Notes) -> None:
    """Notes labels of another size than the picture is said to have."""
    if claim.size_hw is not None and tuple(got_hw) != claim.size_hw:
        notes.add("labels_size", claim.name, differs(shown_size(got_hw), shown_size(claim.size_hw)))


def note_void(claim: Claim, labelled: int, pixels: int, notes: Notes) -> None:
    """Notes a picture in which hardly anything is labelled."""
    if pixels and 1 - labelled / pixels > MOSTLY:
        notes.add("mostly_void", claim.name, f"{1 - labelled / pixels:.0%}")


def note_unused(folder: Path, names: Iterable[str], suffixes: Sequence[str], notes: Notes) -> None:
    """Notes the files of a folder that nothing names."""
    used = {folder / name for name in names}
    for path in files_below(folder, *suffixes):
        if path not in used:
            notes.add("unused_file", path.relative_to(folder).as_posix())


def shown_size(size_hw: Sequence[int]) -> str:
    """Width x height, as people say it."""
    return f"{size_hw[1]} x {size_hw[0]}"
