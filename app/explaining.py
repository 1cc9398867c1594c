"""The part of Explain that needs a network: it runs in the queue, and what it finds is kept with the open picture."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from app.answers.fields import Fields
from app.answers.reply import Reply
from app.explained import Rival
from app.models import Models
from app.open_picture import OpenPicture
from app.sessions import OpenPictures
from core.explain.census import picture_census
from core.explain.layers import follow_layers
from core.files import shown_name
from core.images import Limits, read
from core.messages import StudioError

LONGEST_NAME = 120
PICTURES = "pictures"  # the panel that counts other pictures, one a message
Preparation: TypeAlias = Callable[["Explaining", OpenPicture, Fields], None]


@dataclass(frozen=True)
class Explaining:
    """Prepares the panels of :data:`PREPARED` for open pictures."""

    models: Models
    pictures: OpenPictures

    def prepare(self, owner: str, fields: Fields) -> Reply:
        """Has the network look at a picture for one panel; the panel's own message then has what it needs.

        Raises:
            PictureGoneError: there is no such picture for this owner.
            StudioError: its model is no longer on this computer, or has nothing of this kind to show.
        """
        panel = fields.choice("panel", (*PREPARED, PICTURES))
        if panel == PICTURES:
            return self._count(owner, fields)
        preparation = PREPARED[panel]
        with self.pictures.borrow(owner, fields.token("document")) as picture:
            preparation(self, picture, fields)
        self.pictures.make_room()
        return {}

    def _count(self, owner: str, fields: Fields) -> Reply:
        """What the queries do in one of the owner's other pictures; nobody waits for the open one meanwhile."""
        document, other = fields.token("document"), fields.token("picture")
        with self.pictures.borrow(owner, document) as picture:
            model, store = picture.card.name, picture.store
            predictor = picture.predictor or self.models.predictor(model)
        stored = store.load(owner, other)
        if stored.model != model:
            raise StudioError("error.explain_other_model", name=shown_name(stored.name))
        image = read(stored.content, name=stored.name, limits=Limits(file_bytes=len(stored.content)))
        counted = picture_census(stored.name, predictor.predict(image))
        with self.pictures.borrow(owner, document) as picture:
            picture.explained.census[other] = counted
        return {}

    def follow(self, picture: OpenPicture, fields: Fields) -> None:
        """Every decoder layer's queries."""
        if picture.explained.trail is None:
            predictor = picture.predictor or self.models.predictor(picture.card.name)
            picture.explained.trail = follow_layers(predictor, picture.image, picture.prediction)

    def rival(self, picture: OpenPicture, fields: Fields) -> None:
        """Another model of this computer looks at the picture."""
        name = fields.text("model", longest=LONGEST_NAME)
        if picture.explained.rival is None or picture.explained.rival.name != name:
            card, predictor = self.models.card(name), self.models.predictor(name)
            picture.explained.rival = Rival(name, card.title, predictor.predict(picture.image))


PREPARED: dict[str, Preparation] = {"layers": Explaining.follow, "compare": Explaining.rival}
