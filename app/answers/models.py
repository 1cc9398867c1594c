"""The model menu's messages: what there is, and downloads that are begun, watched and given up."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from app.answers.fields import Fields
from app.answers.reply import Reply
from app.downloads import Downloads
from app.models import HERE, Models
from app.sessions import Visitor
from app.stage import Stage
from core.checkpoints.zoo import ModelEntry

_LONGEST_NAME = 120


@dataclass(frozen=True, slots=True)
class ModelDesk:
    """What the menu's messages are about: all visitors share both."""

    models: Models
    downloads: Downloads


ModelAnswer: TypeAlias = Callable[[ModelDesk, Visitor, Fields], Reply]


def models(desk: ModelDesk, visitor: Visitor, fields: Fields) -> Reply:
    """Every row of the menu, and whether this server lets its visitors download."""
    return {"rows": [row_of(entry) for entry in desk.models.entries()], "downloads": desk.downloads.allowed}


def fetch(desk: ModelDesk, visitor: Visitor, fields: Fields) -> Reply:
    """Begins to download a published model, or joins who already does."""
    entry = _entry(desk, fields)
    if entry.state in HERE:
        return {"stage": Stage.DONE.value, "arrived": 0, "size": 0}
    desk.downloads.start(entry.name, visitor)
    return _progress(desk, entry.name, fields)


def fetching(desk: ModelDesk, visitor: Visitor, fields: Fields) -> Reply:
    """How far the download is."""
    return _progress(desk, _entry(desk, fields).name, fields)


def leave(desk: ModelDesk, visitor: Visitor, fields: Fields) -> Reply:
    """Waits no longer for the download; it stops where nobody else does."""
    desk.downloads.leave(_entry(desk, fields).name, visitor)
    return {}


def row_of(entry: ModelEntry) -> Reply:
    """One row of the menu."""
    return {
        "name": entry.name,
        "title": entry.title,
        "data": entry.data,
        "task": entry.task,
        "megabytes": entry.megabytes,
        "license": entry.license,
        "figure": entry.figure,
        "state": entry.state.name.lower(),
        "url": entry.url,
        "source": entry.source,
        "per_pixel": entry.is_per_pixel,
    }


def _entry(desk: ModelDesk, fields: Fields) -> ModelEntry:
    """The row that the message names: only what the menu has can be asked for, never an address."""
    return desk.models.entry(fields.text("model", longest=_LONGEST_NAME))


def _progress(desk: ModelDesk, name: str, fields: Fields) -> Reply:
    download = desk.downloads.find(name)
    if download is None:
        return {"stage": "none", "arrived": 0, "size": 0}
    error = download.error
    sentence = {"sentence": error.said(fields.language)} if error else {}
    return {"stage": download.stage.value, "arrived": download.arrived, "size": download.size, **sentence}


MODEL_ANSWERS: dict[str, ModelAnswer] = {"models": models, "fetch": fetch, "fetching": fetching, "leave": leave}
