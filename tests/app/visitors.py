"""Visitors of a server with a real store and a drawn model, for tests of the protocol without a browser."""

import io
import tempfile
from functools import cache
from itertools import count
from pathlib import Path

from PIL import Image

from app.album_exports import AlbumExports
from app.answers.album import Album
from app.answers.models import ModelDesk
from app.downloads import Downloads
from app.models import Models
from app.open_picture import OpenPicture
from app.opening import Opening, Source
from app.owners import acting_as
from app.protocol import Protocol
from app.sessions import OpenPictures
from core.checkpoints import Card, hub
from core.document.store import Store
from core.images import Limits
from tests.app.mirror import Mirror
from tests.app.pictures import toy_image, toy_prediction
from tests.e2e.drawn_models import DrawnModels

LIMIT = 10_000
_TOY = Card("toy", "Toy", "drawings", "CC0")


@cache
def toy_store() -> Store:
    """One for the whole run of tests: no owner sees another's pictures."""
    return Store(Path(tempfile.mkdtemp(prefix="toy-store-")))


@cache
def toy_opening() -> Opening:
    """Opens pictures of the toy's size."""
    return Opening(DrawnModels(lambda size_hw: toy_prediction(), _TOY), toy_store(), Limits())


def toy_pictures(**budgets: int) -> OpenPictures:
    return OpenPictures(toy_opening().restore, **budgets)


def toy_file() -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(toy_image()).save(buffer, format="PNG")
    return buffer.getvalue()


def open_toy(owner: str, name: str = "toy.png") -> OpenPicture:
    return toy_opening().open(Source(name, toy_file()), owner, "toy")


def no_downloads() -> ModelDesk:
    """The bundled models, and nothing that could be fetched."""
    return ModelDesk(Models(None, "cpu"), Downloads(False, hub.fetch))


def new_protocol(pictures: OpenPictures, desk: ModelDesk | None = None, max_upload: int = LIMIT) -> Protocol:
    store = toy_store()
    return Protocol(pictures, desk or no_downloads(), Album(store, AlbumExports(store)), max_upload=max_upload)


class Page:
    """What one browser page knows: its session hash, whose cookie it carries, and the document it was given."""

    def __init__(self, pictures: OpenPictures, session: str, owner: str, desk: ModelDesk | None = None) -> None:
        self.protocol = new_protocol(pictures, desk)
        self.session = session
        self.owner = owner
        self.picture = open_toy(owner)
        self.document = pictures.add(self.picture)
        self.mirror: Mirror | None = None
        self._edit_ids = map("edit-{}".format, count())

    def ask(self, name: str, file: bytes | None = None, **fields: object) -> dict:
        known = {"name": name, "document": self.document}
        with acting_as(self.owner):
            return self.protocol(known | fields, file, self.session)

    def edit(self, file: bytes | None = None, gesture: str = "g", **edit: object) -> dict:
        return self.move("edit", file, gesture=gesture, edit=edit)

    def move(self, name: str, file: bytes | None = None, **fields: object) -> dict:
        """An edit, undo or redo of the newest version; the page takes in what the server tells of it."""
        self.mirror = self.mirror or Mirror(self.ask("open"))
        known = {"version": self.mirror.state["version"], "edit_id": next(self._edit_ids)}
        reply = self.ask(name, file, **(known | fields))
        if reply["ok"]:
            self.mirror.take(reply)
        return reply

    @property
    def state(self) -> dict:
        """What the page shows; it is what the server would tell a page that opens the picture now."""
        self.mirror = self.mirror or Mirror(self.ask("open"))
        self.mirror.require_same(self.ask("open"))
        return dict(self.mirror.state)
