"""The catalogues of visible sentences, one for each language, and the error that carries a key of them."""

import json
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent.parent / "assets" / "messages"
FIRST_LANGUAGE = "en"  # of the command line, and of whoever names none


@cache
def languages() -> tuple[str, ...]:
    """The languages there are, named as their catalogues' files in ``assets/messages``."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.json")))


@cache
def catalogue(language: str = FIRST_LANGUAGE) -> dict[str, str]:
    """All sentences of one language, keyed as in ``assets/messages/en.json``."""
    loaded: dict[str, str] = json.loads((FOLDER / f"{language}.json").read_text(encoding="utf-8"))
    return loaded


def text(key: str, language: str = FIRST_LANGUAGE, **values: Any) -> str:
    """The sentence for ``key`` with its ``{placeholders}`` filled; ``key.one`` where there is one and ``count`` is 1.

    Raises:
        KeyError: the catalogue has no such key, or a placeholder has no value.
    """
    sentences = catalogue(language)
    form = f"{key}.one" if values.get("count") == 1 else key
    said = {name: _said(value, language) for name, value in values.items()}
    return sentences.get(form, sentences[key]).format(**said)


class Sentence:
    """A sentence that stands inside another one and is said in the same language; by itself it is English."""

    def __init__(self, key: str, **values: Any) -> None:
        self.key = key
        self.values = values

    def said(self, language: str) -> str:
        return text(self.key, language, **self.values)

    def __str__(self) -> str:
        return self.said(FIRST_LANGUAGE)


@dataclass(frozen=True)
class Sentences:
    """Several of them, one after the other."""

    parts: tuple[Sentence, ...]
    joint: str = "; "

    def said(self, language: str) -> str:
        return self.joint.join(part.said(language) for part in self.parts)

    def __str__(self) -> str:
        return self.said(FIRST_LANGUAGE)


class StudioError(ValueError):
    """Something a person can mend: its text is one clear sentence of the catalogue.

    ``key`` and ``values`` let the app say the same sentence in another language.
    """

    def __init__(self, key: str, **values: Any) -> None:
        self.key = key
        self.values = values
        super().__init__(text(key, **values))

    def __reduce__(self) -> tuple[Any, ...]:
        return partial(type(self), self.key, **self.values), ()  # by itself an exception is made again from its text

    def said(self, language: str) -> str:
        """The sentence in one of the :func:`languages`."""
        return text(self.key, language, **self.values)


def _said(value: object, language: str) -> object:
    return value.said(language) if isinstance(value, Sentence | Sentences | StudioError) else value
