"""What goes into the store and comes out of it, and what it refuses."""

from dataclasses import dataclass

from core.document.history import History
from core.messages import StudioError
from core.types import Size

GIBIBYTE = 1 << 30


class PictureGoneError(StudioError):
    """No such picture for this owner: deleted, never there, or somebody else's; nobody learns which."""

    def __init__(self) -> None:
        super().__init__("error.picture_gone")


class StaleStepError(StudioError):
    """The step is not the next one of its picture: somebody else has appended meanwhile."""

    def __init__(self, seq: int, last: int) -> None:
        self.last = last
        super().__init__("error.stale_step", seq=seq, last=last)


@dataclass(frozen=True, slots=True)
class Limits:
    """What one owner may keep."""

    pictures: int = 1000
    stored_bytes: int = 20 * GIBIBYTE


@dataclass(frozen=True, slots=True)
class PictureRow:
    """One picture of an owner's list.

    Attributes:
        image_hw: height and width of the picture.
        thumbnail: as it was given at creation.
        segments, reviewed: how many there are, and how many of them a person has reviewed.
        seq: number of steps since the picture was opened first.
        stored_bytes: what it takes up.
        created, changed: seconds since 1970.
    """

    picture_id: str
    name: str
    model: str
    image_hw: Size
    thumbnail: bytes
    segments: int
    reviewed: int
    seq: int
    stored_bytes: int
    created: float
    changed: float


@dataclass(frozen=True, slots=True)
class Stored:
    """A picture with all that is needed to go on where it was left.

    Attributes:
        content: the picture's file, byte for byte.
        history: the document with what can be undone and redone.
        seq: of the last step; the next one is ``seq + 1``.
    """

    name: str
    content: bytes
    model: str
    history: History
    seq: int
