"""Every checkpoint there is to choose from: bundled, cached from Hugging Face, and published."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from core.checkpoints.folder import CONFIG_FILE, read_card, read_json
from core.checkpoints.hub import cached, cached_names
from core.checkpoints.published import ZooRow, published
from core.checkpoints.shelf import SHELF, bundled

__all__ = ["ModelEntry", "State", "ZooRow", "models", "published"]


class State(StrEnum):
    """Where a checkpoint is."""

    BUNDLED = "bundled"
    CACHED = "cached"
    DOWNLOADABLE = "downloadable"
    BY_HAND = "by hand"  # a person downloads ``url`` and converts it: it cannot be chosen by name


@dataclass(frozen=True, slots=True)
class ModelEntry:
    """One line of the list of models; what nobody has stated is empty or None.

    Attributes:
        name: what ``--model`` takes, unless the state is by hand.
        task: ``panoptic`` or ``semantic``.
        parameters: in millions.
        figure: published figure with its metric, such as ``PQ 47.7``, in percent.
        source: the page where the figure is published.
        is_per_pixel: one of the paper's baselines, without queries.
    """

    name: str
    title: str
    state: State
    data: str = ""
    task: str = ""
    parameters: float | None = None
    megabytes: int = 0
    license: str = ""
    figure: str = ""
    source: str = ""
    url: str = ""
    is_per_pixel: bool = False


def models() -> tuple[ModelEntry, ...]:
    """Bundled, then cached ones that no table knows, then the published ones; reads cards and folders, no weights."""
    known = {row.name for row in published()}
    others = [name for name in cached_names() if name not in known]
    return (*map(_bundled, bundled()), *map(_cached, others), *map(_published, published()))


def _bundled(name: str) -> ModelEntry:
    card = read_card(SHELF / name)
    formulation = read_json(SHELF / name, CONFIG_FILE)["model"].get("formulation", "mask")
    return ModelEntry(
        name=name,
        title=card.title,
        state=State.BUNDLED,
        data=card.domain,
        task="panoptic" if formulation == "mask" else "semantic",
        megabytes=_megabytes(SHELF / name),
        license=card.license,
        is_per_pixel=formulation != "mask",
    )


def _cached(name: str) -> ModelEntry:
    folder = cached(name)
    return ModelEntry(name=name, title=name, state=State.CACHED, megabytes=_megabytes(folder) if folder else 0)


def _published(row: ZooRow) -> ModelEntry:
    here = State.CACHED if cached(row.name) else State.DOWNLOADABLE
    return ModelEntry(
        name=row.name,
        title=row.title,
        state=State.BY_HAND if row.by_hand else here,
        data=row.data,
        task=row.task,
        parameters=row.parameters,
        megabytes=row.megabytes,
        license=row.license,
        figure="" if row.figure is None else f"{row.metric} {row.figure:.1f}",
        source=row.source,
        url=row.url,
        is_per_pixel=row.formulation != "mask",
    )


def _megabytes(folder: Path) -> int:
    return round(sum(path.stat().st_size for path in folder.iterdir() if path.is_file()) / 1e6)
