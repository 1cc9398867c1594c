"""Tables that tell how another program names our tensors; used for reading its files and for writing them."""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cache

from core.checkpoints.tensors import Share

_NUMBER = re.compile(r"\{(\w+)([+-]\d+)?\}")


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table: a module (or a single tensor) as they name it and as we do.

    ``{i}`` stands for a number, ``{i+2}`` on their side for a number that is larger by two. What follows a module's
    name (``weight``, ``bias``, ``running_mean`` ...) is the same on both sides. Where ``ours`` are several, theirs
    holds them one after another along the first axis.
    """

    theirs: str
    ours: tuple[str, ...]

    def share(self, name: str) -> Share | None:
        """Where they keep our tensor ``name``, or None if this row is about another one."""
        for part, pattern in enumerate(self.ours):
            for module, leaf in ((name, ""), _split(name)):
                found = _expression(pattern).fullmatch(module)
                if found:
                    return Share(_numbered(self.theirs, found.groupdict()) + leaf, part, len(self.ours))
        return None


@dataclass(frozen=True, slots=True)
class KeyTable:
    """All rows of one layout; ``ignored`` are last parts, or all, of names that may be there and carry no weight.

    Several rows may be about the same tensor of ours, where a layout has changed its names: the first is the one to
    write, the others are read too. A tensor that no row is about has the same name on both sides.
    """

    rows: tuple[Row, ...] = ()
    ignored: tuple[str, ...] = ()

    @classmethod
    def of(
        cls,
        *rows: tuple[str, str | tuple[str, ...]],
        theirs: str = "",
        ours: str = "",
        ignored: Iterable[str] = (),
    ) -> "KeyTable":
        """A table from (theirs, ours) pairs, which are continued from the two prefixes."""
        pairs = ((their_end, (our_ends,) if isinstance(our_ends, str) else our_ends) for their_end, our_ends in rows)
        lines = (Row(theirs + their_end, tuple(ours + end for end in our_ends)) for their_end, our_ends in pairs)
        return cls(tuple(lines), tuple(ignored))

    def __add__(self, other: "KeyTable") -> "KeyTable":
        return KeyTable(self.rows + other.rows, self.ignored + other.ignored)

    def shares(self, names: Iterable[str], stored: Collection[str] = ()) -> dict[str, Share]:
        """Where each of our tensors is kept: under the first of its names that is ``stored``, else the first of all."""
        candidates = {name: [share for row in self.rows if (share := row.share(name))] for name in names}
        return {
            name: next((share for share in shares if share.name in stored), shares[0] if shares else Share(name))
            for name, shares in candidates.items()
        }


SAME_NAMES = KeyTable()


def _split(name: str) -> tuple[str, str]:
    module, dot, leaf = name.rpartition(".")
    return module, dot + leaf


@cache
def _expression(pattern: str) -> re.Pattern[str]:
    """A regular expression with one named group a number."""
    pieces = _NUMBER.split(pattern)  # text, name, offset, text, name, offset, ..., text
    numbers = [f"(?P<{name}>\\d+)" for name in pieces[1::3]]
    texts = (re.escape(text) for text in pieces[::3])
    return re.compile("".join(text + number for text, number in zip(texts, [*numbers, ""], strict=True)))


def _numbered(pattern: str, numbers: dict[str, str]) -> str:
    return _NUMBER.sub(lambda found: str(int(numbers[found[1]]) + int(found[2] or 0)), pattern)
