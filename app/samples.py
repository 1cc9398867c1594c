"""The pictures a visitor may start with; where each comes from stands in ``assets/samples/LICENSES.md``."""

import json
from dataclasses import dataclass
from pathlib import Path

from app.encoding import base64_text, shrink, webp
from core.images import read
from core.messages import StudioError

FOLDER = Path(__file__).resolve().parent.parent / "assets" / "samples"
_THUMBNAIL_LONG_SIDE = 320


@dataclass(frozen=True, slots=True)
class SamplePicture:
    """One row of ``samples.json``: its short name, its file, who made it, and the model it suits."""

    name: str
    file: str
    credit: str
    model: str

    @property
    def path(self) -> Path:
        return FOLDER / self.file


def sample_pictures() -> dict[str, SamplePicture]:
    """All samples by name, in the order in which they are offered."""
    rows = json.loads((FOLDER / "samples.json").read_text(encoding="utf-8"))
    return {row["name"]: SamplePicture(**row) for row in rows}


def find_sample(name: str) -> SamplePicture:
    """The sample of that name; raises StudioError where there is none."""
    known = sample_pictures()
    if name not in known:
        raise StudioError("error.unknown_sample", name=name, known=", ".join(known))
    return known[name]


def gallery() -> list[dict[str, str]]:
    """The samples as the workbench offers them, thumbnails inline so that the start screen asks for nothing more."""
    return [
        {
            "name": sample.name,
            "credit": sample.credit,
            "model": sample.model,
            "thumbnail": "data:image/webp;base64," + base64_text(webp(shrink(read(sample.path), _THUMBNAIL_LONG_SIDE))),
        }
        for sample in sample_pictures().values()
    ]
