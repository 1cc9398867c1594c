"""Sentences for whoever's work is being done, such as that a device's memory was full."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import gradio as gr

_heard: ContextVar[list[str] | None] = ContextVar("news", default=None)


@contextmanager
def listening() -> Iterator[list[str]]:
    """Gathers what is told inside, for the answer; a queued event needs none, as Gradio shows its warnings itself."""
    heard: list[str] = []
    token = _heard.set(heard)
    try:
        yield heard
    finally:
        _heard.reset(token)


def tell(sentence: str) -> None:
    """Says it on the page of who has asked."""
    heard = _heard.get()
    if heard is None:
        gr.Warning(sentence)
    else:
        heard.append(sentence)
