"""What was answered to the latest edits of a picture, for a page that lost the answer and asks again."""

from collections import OrderedDict
from typing import Any

_MOST = 64
_MOST_BYTES = 4 << 20


class Answered:
    """The latest replies by edit id, bounded in number and in the bytes of their labels."""

    def __init__(self) -> None:
        self._replies: OrderedDict[str, dict[str, Any]] = OrderedDict()

    def find(self, edit_id: str) -> dict[str, Any] | None:
        return self._replies.get(edit_id)

    def remember(self, edit_id: str, reply: dict[str, Any]) -> None:
        """Keeps a reply; the oldest go."""
        self._replies[edit_id] = reply
        while len(self._replies) > 1 and (len(self._replies) > _MOST or self.nbytes > _MOST_BYTES):
            self._replies.popitem(last=False)

    @property
    def nbytes(self) -> int:
        """Bytes of the labels in all replies."""
        return sum(len(reply.get("labels", "")) for reply in self._replies.values())
