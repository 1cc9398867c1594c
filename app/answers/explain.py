"""Explain: what a panel shows, and the same as a file."""

from app.answers.fields import Fields
from app.answers.reply import Reply
from app.encoding import base64_text
from app.open_picture import OpenPicture
from app.panels import PANELS
from core.files import portable_stem

KINDS = ("png", "svg", "json", "csv")


def explain(picture: OpenPicture, fields: Fields) -> Reply:
    """One panel of the open picture."""
    return PANELS[fields.choice("panel", tuple(PANELS))].show(picture, fields)


def explain_export(picture: OpenPicture, fields: Fields) -> Reply:
    """The panel as a picture or as numbers; asked with the fields that the panel was asked with."""
    name, kind = fields.choice("panel", tuple(PANELS)), fields.choice("kind", KINDS)
    panel = PANELS[name]
    if kind in ("png", "svg"):
        from app.plots.sheet import drawn_language, rendered

        fields = fields.speaking(drawn_language(fields.language, kind))
        content = rendered(lambda: panel.draw(picture, fields), kind)
    else:
        numbers = panel.numbers(picture, fields)
        content = numbers.json_bytes() if kind == "json" else numbers.csv_bytes()
    return {"file_name": f"{portable_stem(picture.name)}_{name}.{kind}", "file": base64_text(content)}
