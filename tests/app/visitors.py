"""Visitors with a store of their own, for tests of the protocol without a browser or a model."""

from app.answers.models import ModelDesk
from app.downloads import Downloads
from app.models import Models
from app.protocol import Protocol
from app.sessions import OpenPicture, OpenPictures, Visitor
from core.checkpoints import Card, hub
from core.document import Document, History
from core.inference import panoptic
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

    def ask(self, name: str, file: bytes | None = None, **fields: object) -> dict:
        known = {"name": name, "owner": self.owner, "document": self.document}
        return self.protocol(known | fields, file, self.session)

    def edit(self, **edit: object) -> dict:
        return self.ask("edit", version=self.picture.document.version, gesture="g", edit=edit)
