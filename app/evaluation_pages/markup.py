"""HTML as values: text is escaped unless it is markup already."""

from collections.abc import Iterable
from html import escape
from typing import TypeAlias

Content: TypeAlias = "str | Markup | Iterable[Content] | None"
_EMPTY = {"img", "link", "meta"}


class Markup(str):
    """Text that is HTML and stays as it is."""


def tag(name: str, /, *content: Content, **attributes: str | int | bool | None) -> Markup:
    """An element: ``tag("p", "a < b", class_="quiet")``.

    Python's names become HTML's (``class_`` is class, ``data_name`` is data-name); None and False leave one out.
    """
    written = "".join(_attribute(key, value) for key, value in attributes.items() if value not in (None, False))
    if name in _EMPTY:
        return Markup(f"<{name}{written}>")
    return Markup(f"<{name}{written}>{join(*content)}</{name}>")


def join(*content: Content) -> Markup:
    """Pieces one after the other; None is nothing."""
    pieces = []
    for piece in content:
        if isinstance(piece, Markup):
            pieces.append(piece)
        elif isinstance(piece, str):
            pieces.append(Markup(escape(piece, quote=False)))
        elif piece is not None:
            pieces.append(join(*piece))
    return Markup("".join(pieces))


def _attribute(key: str, value: str | int | bool | None) -> str:
    name = key.rstrip("_").replace("_", "-")
    return f" {name}" if value is True else f' {name}="{escape(str(value))}"'
