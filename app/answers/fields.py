"""The fields of one message from a page, which is trusted in nothing: each is read with its type and its bounds."""

import binascii
import re
from base64 import b64decode
from collections.abc import Mapping, Sequence
from typing import Any, Self

from core.messages import FIRST_LANGUAGE, StudioError, languages
from core.types import Box

TOKEN = re.compile(r"[A-Za-z0-9_-]{22,64}")


class Fields:
    """Typed access to the JSON object a page sent; every getter raises StudioError ``error.bad_field``.

    ``language`` is what the reply's sentences are written in: what the page asks for in the field of that name, or the
    one given where there are no sentences in what it asks for.
    """

    def __init__(self, message: object, language: str = FIRST_LANGUAGE, file: bytes | None = None) -> None:
        self._file = file
        if not isinstance(message, Mapping):
            raise StudioError("error.bad_field", field="message")
        asked = message.get("language")
        self.language: str = asked if asked in languages() else language
        self._message = message

    def speaking(self, language: str) -> Self:
        """The same fields, whose reply is written in another language."""
        return type(self)({**self._message, "language": language}, language, self._file)

    def has(self, name: str) -> bool:
        return name in self._message

    def given(self, name: str) -> bool:
        """True if the field is there and not null."""
        return self._message.get(name) is not None

    def file(self) -> bytes:
        """The bytes that came with the message."""
        if self._file is None:
            raise StudioError("error.bad_field", field="file")
        return self._file

    def packed(self, name: str, longest: int) -> bytes:
        """Bytes that are written in base64, at most ``longest`` of them."""
        try:
            value = b64decode(self.text(name, longest=longest * 4 // 3 + 4), validate=True)
        except (binascii.Error, ValueError) as error:
            raise StudioError("error.bad_field", field=name) from error
        return value

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

    def flag(self, name: str, default: bool | None = None) -> bool:
        """True or false; a missing field is ``default``, if there is one."""
        value = self._message.get(name, default)
        if not isinstance(value, bool):
            raise StudioError("error.bad_field", field=name)
        return value

    def inside(self, name: str) -> Self:
        """The fields of a nested object."""
        return type(self)(self._message.get(name), self.language, self._file)

    def integers(self, name: str, low: int, high: int, *, least: int = 1, most: int) -> list[int]:
        """``least`` to ``most`` whole numbers in [low, high]."""
        values = self._list(name, least, most)
        if any(type(value) is not int or not low <= value <= high for value in values):
            raise StudioError("error.bad_field", field=name)
        return values

    def rows(self, name: str, *, least: int, most: int) -> list[Self]:
        """The fields of each of ``least`` to ``most`` nested objects in a list."""
        return [type(self)(row, self.language) for row in self._list(name, least, most)]

    def box(self, name: str, largest: int) -> Box:
        """A half-open box (x0, y0, x1, y1) with at least one pixel."""
        x0, y0, x1, y1 = self.integers(name, 0, largest, least=4, most=4)
        if x0 >= x1 or y0 >= y1:
            raise StudioError("error.bad_field", field=name)
        return x0, y0, x1, y1

    def points(self, name: str, largest: float, *, most: int) -> tuple[tuple[float, float], ...]:
        """2 to ``most`` points (x, y) within [-largest, largest]."""
        return tuple(self._point(name, pair, largest) for pair in self._list(name, 2, most))

    def _point(self, name: str, pair: object, largest: float) -> tuple[float, float]:
        if not isinstance(pair, list) or len(pair) != 2:
            raise StudioError("error.bad_field", field=name)
        axes = Fields({"x": pair[0], "y": pair[1]})
        return axes.number("x", -largest, largest), axes.number("y", -largest, largest)

    def _list(self, name: str, least: int, most: int) -> list[Any]:
        values = self._message.get(name)
        if not isinstance(values, list) or not least <= len(values) <= most:
            raise StudioError("error.bad_field", field=name)
        return values
