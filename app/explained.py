"""What panels of Explain had a network compute about one picture: made when a panel first needs it."""

from core.explain.layers import LayerTrail
from core.messages import StudioError


class UnpreparedError(StudioError):
    """The network has to look at the picture again first: the page asks for that, and then again."""

    def __init__(self) -> None:
        super().__init__("error.explain_unprepared")


class Explained:
    """Kept with the open picture, and the first to go when memory is short.

    Attributes:
        trail: the queries after every decoder layer.
    """

    def __init__(self) -> None:
        self.trail: LayerTrail | None = None

    @property
    def nbytes(self) -> int:
        """Bytes held."""
        return self.trail.nbytes if self.trail else 0

    def clear(self) -> None:
        """Lets all of it go."""
        self.trail = None
