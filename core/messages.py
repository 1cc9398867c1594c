"""The one catalogue of visible sentences, and the error that carries a key of it."""

import json
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent.parent / "assets" / "messages"


@cache
def catalogue(language: str = "en") -> dict[str, str]:
    """All sentences of one language, keyed as in ``assets/messages/en.json``."""
    loaded: dict[str, str] = json.loads((FOLDER / f"{language}.json").read_text(encoding="utf-8"))
    return loaded


def text(key: str, language: str = "en", **values: Any) -> str:
    """The sentence for ``key`` with its ``{placeholders}`` filled; ``key.one`` where there is one and ``count`` is 1.

    Raises:
        KeyError: the catalogue has no such key, or a placeholder has no value.
    """
    sentences = catalogue(language)
    form = f"{key}.one" if values.get("count") == 1 else key
    return sentences.get(form, sentences[key]).format(**values)


class StudioError(ValueError):
    """Something a person can mend: its text is one clear sentence of the catalogue.

    ``key`` and ``values`` let the app say the same sentence in another language.
    """

    def __init__(self, key: str, **values: Any) -> None:
        self.key = key
        self.values = values
        super().__init__(text(key, **values))
