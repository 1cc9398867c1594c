"""Visitors with a store of their own, for tests of the protocol without a browser or a model."""

from itertools import count

from app.answers.models import ModelDesk
from app.downloads import Downloads
from app.models import Models
from app.protocol import Protocol
from app.sessions import OpenPicture, OpenPictures, Visitor
from core.checkpoints import Card, hub
from core.document import Document, History
from core.inference import panoptic
from tests.app.mirror import Mirror
from tests.app.pictures import toy_image, toy_prediction

LIMIT = 10_000


def open_toy(visitor: Visitor, name: str = "toy.png") -> OpenPicture:
    prediction = toy_prediction()
    document = Document.from_result(panoptic(prediction), prediction)
    return OpenPicture(visitor, name, toy_image(), Card("toy", "Toy", "drawings", "CC0"), prediction, History(document))


def no_downloads() -> ModelDesk:
    """The bundled models, and nothing that could be fetched."""
    return ModelDesk(Models(None, "cpu"), Downloads(False, hub.fetch))


class Page:
    """What one browser page knows: its session hash, its owner secret, and the document it was given."""

    def __init__(self, store: OpenPictures, session: str, owner: str, desk: ModelDesk | None = None) -> None:
        self.protocol = Protocol(store, desk or no_downloads(), max_upload=LIMIT)
        self.session = session
        self.owner = owner
        self.picture = open_toy(Visitor.of(session, owner))
        self.document = store.add(self.picture)
        self.mirror: Mirror | None = None
        self._edit_ids = map("edit-{}".format, count())

    def ask(self, name: str, file: bytes | None = None, **fields: object) -> dict:
        known = {"name": name, "owner": self.owner, "document": self.document}
        return self.protocol(known | fields, file, self.session)

    def edit(self, file: bytes | None = None, gesture: str = "g", **edit: object) -> dict:
        return self.move("edit", file, gesture=gesture, edit=edit)

    def move(self, name: str, file: bytes | None = None, **fields: object) -> dict:
        """An edit, undo or redo of the newest version; the page takes in what the server tells of it."""
        self.mirror = self.mirror or Mirror(self.ask("open"))
        version = self.mirror.state["version"]
        reply = self.ask(name, file, version=version, edit_id=next(self._edit_ids), **fields)
        if reply["ok"]:
            self.mirror.take(reply)
        return reply

    @property
    def state(self) -> dict:
        """What the page shows; it is what the server would tell a page that opens the picture now."""
        self.mirror = self.mirror or Mirror(self.ask("open"))
        self.mirror.require_same(self.ask("open"))
        return dict(self.mirror.state)
