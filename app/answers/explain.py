"""Explain: what a panel shows, and the same as a file."""

import threading
from contextlib import nullcontext

from app.answers.fields import Fields
from app.answers.reply import Reply
from app.encoding import base64_text
from app.open_picture import OpenPicture
from app.panels import PANELS
from app.panels.panel import Panel
from core.files import portable_stem

KINDS = ("png", "svg", "json", "csv")
SWIFT = ("pixel",)  # asked with every move of the pointer
_turns = threading.BoundedSemaphore(2)  # a large picture takes seconds and hundreds of megabytes


def explain(picture: OpenPicture, fields: Fields) -> Reply:
    """One panel of the open picture."""
    name = fields.choice("panel", tuple(PANELS))
    with nullcontext() if name in SWIFT else _turns:
        return PANELS[name].show(picture, fields)


def explain_export(picture: OpenPicture, fields: Fields) -> Reply:
    """The panel as a picture or as numbers; asked with the fields that the panel was asked with."""
    name, kind = fields.choice("panel", tuple(PANELS)), fields.choice("kind", KINDS)
    with _turns:
        content = _content(PANELS[name], picture, fields, kind)
    return {"file_name": f"{portable_stem(picture.name)}_{name}.{kind}", "file": base64_text(content)}


def _content(panel: Panel, picture: OpenPicture, fields: Fields, kind: str) -> bytes:
    if kind in ("png", "svg"):
        from app.plots.sheet import drawn_language, rendered

        spoken = fields.speaking(drawn_language(fields.language, kind))
        return rendered(lambda: panel.draw(picture, spoken), kind)
    numbers = panel.numbers(picture, fields)
    return numbers.json_bytes() if kind == "json" else numbers.csv_bytes()
