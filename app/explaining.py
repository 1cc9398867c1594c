"""The part of Explain that needs a network: it takes its turn, and what it finds is kept with the open picture."""

from collections.abc import Callable
from contextlib import AbstractContextManager
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
Preparation: TypeAlias = Callable[["Explaining", str, Fields], None]


@dataclass(frozen=True)
class Explaining:
    """Prepares the panels of :data:`PREPARED` for open pictures."""

    models: Models
    pictures: OpenPictures

    def prepare(self, owner: str, fields: Fields) -> Reply:
        """Has the network look at a picture for one panel; the panel's own message then has what it needs.

        The picture is not locked meanwhile, so that nobody's edits wait.

        Raises:
            PictureGoneError: there is no such picture for this owner.
            StudioError: its model is no longer on this computer, or has nothing of this kind to show.
        """
        panel = fields.choice("panel", (*PREPARED, PICTURES))
        if panel == PICTURES:
            return self._count(owner, fields)
        PREPARED[panel](self, owner, fields)
        self.pictures.make_room()
        return {}

    def _count(self, owner: str, fields: Fields) -> Reply:
        """What the queries do in one of the owner's other pictures."""
        document, other = fields.token("document"), fields.token("picture")
        with self.pictures.borrow(owner, document) as picture:
            model, store, predictor = picture.card.name, picture.store, picture.predictor
        stored = store.load(owner, other)
        if stored.model != model:
            raise StudioError("error.explain_other_model", name=shown_name(stored.name))
        image = read(stored.content, name=stored.name, limits=Limits(file_bytes=len(stored.content)))
        counted = picture_census(stored.name, (predictor or self.models.predictor(model)).predict(image))
        with self.pictures.borrow(owner, document) as picture:
            picture.explained.census[other] = counted
        return {}

    def follow(self, owner: str, fields: Fields) -> None:
        """Every decoder layer's queries."""
        with self._open(owner, fields) as picture:
            image, prediction, is_known = picture.image, picture.prediction, picture.explained.trail is not None
            model, predictor = picture.card.name, picture.predictor
        if not is_known:
            trail = follow_layers(predictor or self.models.predictor(model), image, prediction)
            with self._open(owner, fields) as picture:
                picture.explained.trail = trail

    def rival(self, owner: str, fields: Fields) -> None:
        """Another model of this computer looks at the picture."""
        name = fields.text("model", longest=LONGEST_NAME)
        with self._open(owner, fields) as picture:
            image, known = picture.image, picture.explained.rival
        if known is None or known.name != name:
            card, predictor = self.models.card(name), self.models.predictor(name)
            rival = Rival(name, card.title, predictor.predict(image))
            with self._open(owner, fields) as picture:
                picture.explained.rival = rival

    def _open(self, owner: str, fields: Fields) -> AbstractContextManager[OpenPicture]:
        return self.pictures.borrow(owner, fields.token("document"))


PREPARED: dict[str, Preparation] = {"layers": Explaining.follow, "compare": Explaining.rival}
