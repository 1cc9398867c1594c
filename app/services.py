"""What all visitors of one server share: the store, the models, and what is in memory of both."""

from dataclasses import dataclass
from pathlib import Path
from typing import Self

from app.album_exports import AlbumExports
from app.answers.album import Album
from app.answers.models import ModelDesk
from app.data_folder import default_data_folder
from app.downloads import Downloads
from app.memory import picture_budget
from app.models import Models
from app.news import tell
from app.opening import Opening
from app.owners import Owners
from app.refining import Refining
from app.sessions import OpenPictures
from app.settings import Settings
from core.checkpoints import hub
from core.document.store import Store
from core.images import Limits


@dataclass(frozen=True)
class Services:
    """The parts that the page's messages and events are answered with."""

    owners: Owners
    desk: ModelDesk
    opening: Opening
    pictures: OpenPictures
    refining: Refining
    album: Album

    @classmethod
    def of(cls, settings: Settings, models: Models | None = None) -> Self:
        """Opens the store; models load when the first picture asks for one.

        Raises:
            StudioError: the data folder cannot be used, or ``settings.model`` names no model.
        """
        models = models or Models(settings.model, settings.device, warn=tell)
        folder = data_folder(settings)
        store = Store(folder)
        opening = Opening(models, store, Limits(file_bytes=settings.max_upload))
        pictures = OpenPictures(opening.restore, byte_budget=picture_budget())
        return cls(
            owners=Owners(folder),
            desk=ModelDesk(models, Downloads(settings.downloads, hub.fetch)),
            opening=opening,
            pictures=pictures,
            refining=Refining(models, pictures),
            album=Album(store, AlbumExports(store)),
        )


def data_folder(settings: Settings) -> Path:
    """Where the pictures are kept: the folder that was named, or the platform's."""
    return settings.data_folder or default_data_folder()
