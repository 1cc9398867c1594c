"""The fields of one message from a page, which is trusted in nothing: each is read with its type and its bounds."""

import re
from collections.abc import Mapping, Sequence
from typing import Self

from core.messages import StudioError

TOKEN = re.compile(r"[A-Za-z0-9_-]{22,64}")


class Fields:
    """Typed access to the JSON object a page sent; every getter raises StudioError ``error.bad_field``.

    ``language`` is what the reply's sentences are written in: the server's choice, not a field.
    """

    def __init__(self, message: object, language: str = "en") -> None:
        self.language = language
        if not isinstance(message, Mapping):
            raise StudioError("error.bad_field", field="message")
        self._message = message

    def has(self, name: str) -> bool:
        return name in self._message

    def text(self, name: str, longest: int = 200, *, empty: bool = False) -> str:
        value = self._message.get(name)
        if not isinstance(value, str) or not (empty or value) or len(value) > longest:
            raise StudioError("error.bad_field", field=name)
        return value

    def token(self, name: str) -> str:
        """An unguessable id: 22 to 64 characters of URL-safe base64."""
        value = self.text(name, longest=64)
        if not TOKEN.fullmatch(value):
            raise StudioError("error.bad_field", field=name)
        return value

    def choice(self, name: str, options: Sequence[str]) -> str:
        value = self.text(name)
        if value not in options:
            raise StudioError("error.bad_field", field=name)
        return value

    def integer(self, name: str, low: int, high: int) -> int:
        """A whole number in [low, high]; JSON's 3.0 is not one, nor is true."""
        value = self._message.get(name)
        if type(value) is not int or not low <= value <= high:
            raise StudioError("error.bad_field", field=name)
        return value

    def number(self, name: str, low: float, high: float) -> float:
        """A finite number in [low, high]."""
        value = self._message.get(name)
        if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
            raise StudioError("error.bad_field", field=name)
        return float(value)

    def flag(self, name: str) -> bool:
        value = self._message.get(name)
        if not isinstance(value, bool):
            raise StudioError("error.bad_field", field=name)
        return value

    def inside(self, name: str) -> Self:
        """The fields of a nested object."""
        return type(self)(self._message.get(name), self.language)
