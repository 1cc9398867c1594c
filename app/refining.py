"""What clicks are solved with: a picture's extended features, made when somebody first needs them.

They are kept with the open picture and count in its bytes; the first to go when memory is short, they are made again,
in about the time of one prediction's beginning, from the picture and the model that it was made with.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from app.models import Models
from app.open_picture import OpenPicture
from app.sessions import OpenPictures
from core.refinement import Refiner, embed_for_refinement


@dataclass(frozen=True)
class Refining:
    """Lends open pictures with what solves clicks on them."""

    models: Models
    pictures: OpenPictures

    @contextmanager
    def borrow(self, owner: str, document_id: str) -> Iterator[tuple[OpenPicture, Refiner]]:
        """The picture, locked, and its refiner.

        Raises:
            PictureGoneError: there is none of that id for this owner.
            StudioError: its model is no longer on this computer.
        """
        is_new = False
        try:
            with self.pictures.borrow(owner, document_id) as picture:
                is_new = picture.features is None
                yield picture, self._refiner(picture)
        finally:
            if is_new:
                self.pictures.make_room()

    def _refiner(self, picture: OpenPicture) -> Refiner:
        features = picture.features  # another visitor's picture may want the memory at any moment
        if features is None:
            predictor = picture.predictor or self.models.predictor(picture.card.name)
            features = picture.features = embed_for_refinement(predictor, picture.image, picture.prediction)
        return Refiner(picture.prediction, features, picture.image)
