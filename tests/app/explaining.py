"""Pages that ask Explain, with a small network behind them, and what they ask each panel."""

import base64
from pathlib import Path
from typing import Any

from app.answers.fields import Fields
from app.explaining import Explaining
from app.models import Models
from app.opening import Opening, Source
from app.owners import acting_as
from app.sessions import OpenPictures
from core.images import Limits
from tests.app.checkpoints import save_small
from tests.app.visitors import Page, new_protocol, toy_file, toy_store

ASKED: dict[str, dict[str, Any]] = {  # what a page asks each panel
    "pixel": {"x": 12, "y": 26},
    "layers": {"query": 2},
    "assembly": {},
    "matching": {},
    "views": {},
    "doubt": {},
    "compare": {"model": "street"},
    "pictures": {"pictures": []},
}
AT = (12, 26)
OWNER = "user:olive"


class ModelPage:
    """A page about the toy's picture, predicted by a small network; it has panels prepared as the browser does."""

    def __init__(self, folder: Path, formulation: str = "mask") -> None:
        models = Models(str(save_small(folder / "small", formulation=formulation)), "cpu")
        opening = Opening(models, toy_store(), Limits())
        self.pictures = OpenPictures(opening.restore)
        self.picture = opening.open(Source("toy.png", toy_file()), OWNER, "small")
        self.document = self.pictures.add(self.picture)
        self.explaining = Explaining(models, self.pictures)
        self.protocol = new_protocol(self.pictures)
        if formulation == "mask":
            self._promote()

    def _promote(self) -> None:
        """A network with random weights is sure of nothing: a person makes what has pixels segments."""
        for query in range(len(self.picture.prediction)):
            known = {"version": self.picture.document.version, "edit_id": f"promote-{query}", "gesture": str(query)}
            self.ask_once("edit", **known, edit={"kind": "promote", "query": query})
        assert self.picture.document.segments

    def ask_once(self, name: str, owner: str = OWNER, **fields: Any) -> dict[str, Any]:
        with acting_as(owner):
            return self.protocol({"name": name, "document": self.document} | fields, None, "session")

    def ask(self, name: str, **fields: Any) -> dict[str, Any]:
        reply = self.ask_once(name, **fields)
        if not reply.get("unprepared"):
            return reply
        assert self.explaining.prepare(OWNER, Fields({"document": self.document} | fields)) == {}
        return self.ask_once(name, **fields)


def exported(page: Page | ModelPage, panel: str, kind: str, **fields: Any) -> bytes:
    reply = page.ask("explain_export", panel=panel, kind=kind, **(ASKED[panel] | fields))
    assert reply["ok"], reply
    assert reply["file_name"] == f"toy_{panel}.{kind}"
    return base64.b64decode(reply["file"])
