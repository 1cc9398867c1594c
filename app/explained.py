"""What panels of Explain had computed about one picture: made when a panel first needs it."""

from core.explain.layers import LayerTrail
from core.inference import OwnMask
from core.messages import StudioError


class UnpreparedError(StudioError):
    """The network has to look at the picture again first: the page asks for that, and then again."""

    def __init__(self) -> None:
        super().__init__("error.explain_unprepared")


class Explained:
    """Kept with the open picture, and the first to go when memory is short.

    Attributes:
        trail: the queries after every decoder layer.
        own: every query's own mask at the picture's size.
    """

    def __init__(self) -> None:
        self.trail: LayerTrail | None = None
        self.own: list[OwnMask] | None = None

    @property
    def nbytes(self) -> int:
        """Bytes held."""
        trail = self.trail.nbytes if self.trail else 0
        return trail + sum(own.mask.counts.nbytes for own in self.own or ())

    def clear(self) -> None:
        """Lets all of it go."""
        self.trail = None
        self.own = None
