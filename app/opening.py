"""From bytes to an open picture: read, predicted, kept on the disk; and the same way back from the disk."""

import threading
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from app.encoding import shrink, webp
from app.models import Models
from app.open_picture import OpenPicture
from core.document import Document, History
from core.document.store import Store
from core.images import Limits, read
from core.inference import Prediction, Predictor, panoptic

_THUMBNAIL_LONG_SIDE = 240
_RESTORED_AT_ONCE = 2


@dataclass(frozen=True, slots=True)
class Source:
    """A picture that waits to be opened: its bytes, the name its owner gave it, and whether it was just sent.

    Who sends a picture twice wants it twice.
    """

    name: str
    content: bytes
    is_upload: bool = False


@dataclass(frozen=True)
class Opening:
    """Opens new pictures and stored ones; the store keeps what it opens."""

    models: Models
    store: Store
    limits: Limits
    _turns: threading.BoundedSemaphore = field(
        default_factory=lambda: threading.BoundedSemaphore(_RESTORED_AT_ONCE), repr=False
    )

    def open(self, source: Source, owner: str, model: str) -> OpenPicture:
        """Reads the bytes, predicts and starts a fresh history.

        Raises:
            StudioError: the bytes are no picture that is read, the model cannot be loaded, or the store is full.
        """
        image = read(source.content, name=source.name, limits=self.limits)
        predictor, prediction = self._predict(model, image)
        document = Document.from_result(panoptic(prediction), prediction)
        height, width = image.shape[:2]
        thumbnail = webp(shrink(image, _THUMBNAIL_LONG_SIDE))
        document_id = self.store.create(owner, source.name, source.content, (height, width), model, document, thumbnail)
        return OpenPicture(
            owner=owner,
            document_id=document_id,
            name=source.name,
            image=image,
            card=self.models.card(model),
            prediction=prediction,
            history=History(document),
            store=self.store,
            predictor=predictor,
        )

    def untouched(self, source: Source, owner: str, model: str) -> str | None:
        """Id of a picture that opening would only make a second time."""
        return None if source.is_upload else self.store.untouched(owner, source.name, source.content, model)

    def restore(self, owner: str, document_id: str) -> OpenPicture:
        """A picture as its last edit left it; the model runs again, for few visitors at a time.

        Raises:
            PictureGoneError: the owner has no such picture.
            StudioError: it is damaged, or its model is no longer on this computer.
        """
        stored = self.store.load(owner, document_id)
        image = read(stored.content, name=stored.name, limits=self.limits)
        with self._turns:
            predictor, prediction = self._predict(stored.model, image)
        return OpenPicture(
            owner=owner,
            document_id=document_id,
            name=stored.name,
            image=image,
            card=self.models.card(stored.model),
            prediction=prediction,
            history=stored.history,
            store=self.store,
            seq=stored.seq,
            predictor=predictor,
        )

    def _predict(self, model: str, image: NDArray[np.uint8]) -> tuple[Predictor, Prediction]:
        predictor = self.models.predictor(model)
        return predictor, predictor.predict(image)
