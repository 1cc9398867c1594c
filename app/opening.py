"""From bytes to an open picture: reading, predicting, and the visitor's document."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.models import Models
from app.sessions import OpenPicture, Visitor
from core.document import Document, History
from core.images import Limits, read
from core.inference import panoptic


@dataclass(frozen=True, slots=True)
class Source:
    """A picture that waits to be opened: its bytes and the name its owner gave it."""

    name: str
    content: bytes


def open_source(source: Source, visitor: Visitor, models: Models, model: str, limits: Limits) -> OpenPicture:
    """Reads the bytes and predicts.

    Raises:
        StudioError: the bytes are no picture that is read, or the model cannot be loaded.
    """
    image = read(source.content, name=source.name, limits=limits)
    return open_image(image, source.name, visitor, models, model)


def open_image(image: NDArray[np.uint8], name: str, visitor: Visitor, models: Models, model: str) -> OpenPicture:
    """Predicts on an upright (H, W, 3) RGB picture and starts a fresh history."""
    predictor = models.predictor(model)
    prediction = predictor.predict(image)
    document = Document.from_result(panoptic(prediction), prediction)
    return OpenPicture(
        visitor=visitor,
        name=name,
        image=image,
        card=models.card(model),
        prediction=prediction,
        history=History(document),
        predictor=predictor,
    )
