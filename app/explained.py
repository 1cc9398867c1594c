"""What panels of Explain had computed about one picture: made when a panel first needs it."""

from dataclasses import dataclass

from core.explain.census import PictureCensus
from core.explain.layers import LayerTrail
from core.inference import OwnMask, Prediction
from core.messages import StudioError


class UnpreparedError(StudioError):
    """The network has to look at the picture again first: the page asks for that, and then again."""

    def __init__(self) -> None:
        super().__init__("error.explain_unprepared")


@dataclass(frozen=True, eq=False)
class Rival:
    """What another model says about the same picture."""

    name: str
    title: str
    prediction: Prediction

    @property
    def nbytes(self) -> int:
        """Bytes of its tensors."""
        held = self.prediction
        tensors = (held.class_logits, held.mask_logits, held.mask_embeddings, held.pixel_embeddings)
        return sum(tensor.nbytes for tensor in tensors)


class Explained:
    """Kept with the open picture, and the first to go when memory is short.

    Attributes:
        trail: the queries after every decoder layer.
        own: every query's own mask at the picture's size.
        rival: the other model that was compared last.
        census: what the queries do in other pictures of the owner, by picture id.
    """

    def __init__(self) -> None:
        self.trail: LayerTrail | None = None
        self.own: list[OwnMask] | None = None
        self.rival: Rival | None = None
        self.census: dict[str, PictureCensus] = {}

    @property
    def nbytes(self) -> int:
        """Bytes held."""
        made = sum(part.nbytes for part in (self.trail, self.rival) if part)
        made += sum(counted.nbytes for counted in list(self.census.values()))
        return made + sum(own.mask.counts.nbytes for own in self.own or ())

    def clear(self) -> None:
        """Lets all of it go."""
        self.trail = None
        self.own = None
        self.rival = None
        self.census = {}
