"""The album's messages against a real store: whose pictures, one export of all, and import reports."""

import json
import time
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import numpy as np
import pytest

from app.album_exports import AlbumExports
from app.answers.album import ALBUM_ANSWERS, Album
from app.answers.fields import Fields
from core.document import Document
from core.document.store import Store
from core.formats.id_png import decode_ids
from core.inference import panoptic
from core.messages import StudioError
from core.types import Category, Taxonomy
from tests.app.pictures import HEIGHT, WIDTH, toy_prediction

SECONDS = 30


@pytest.fixture
def album(tmp_path: Path) -> Iterator[Album]:
    store = Store(tmp_path / "data")
    yield Album(store, AlbumExports(store))
    store.close()


def toy_document() -> Document:
    prediction = toy_prediction()
    return Document.from_result(panoptic(prediction), prediction)


def keep(album: Album, owner: str, name: str = "toy.png", document: Document | None = None) -> str:
    document = document or toy_document()
    return album.store.create(owner, name, b"bytes", (HEIGHT, WIDTH), "toy", document, b"thumb")


def ask(album: Album, owner: str, name: str, **fields: object) -> Any:
    return ALBUM_ANSWERS[name](album, owner, Fields(fields))


def export(album: Album, owner: str) -> tuple[dict[str, Any], bytes]:
    """Begins, watches and fetches, as the page does."""
    progress, end = ask(album, owner, "export_all"), time.monotonic() + SECONDS
    while progress["stage"] == "running":
        assert time.monotonic() < end
        time.sleep(0.02)
        progress = ask(album, owner, "exporting")
    content = b""
    while len(content) < progress.get("size", 0):
        content += b64decode(ask(album, owner, "exported", offset=len(content))["piece"])
    return progress, content


def test_the_list_names_what_is_mine(album: Album) -> None:
    first, second = keep(album, "me", "a.png"), keep(album, "me", "b.png")
    keep(album, "you", "secret.png")
    rows = ask(album, "me", "pictures")["pictures"]
    assert {row["picture"]: row["name"] for row in rows} == {first: "a.png", second: "b.png"}
    assert rows[0]["segments"] == len(toy_document().segments)
    assert (rows[0]["height"], rows[0]["width"], b64decode(rows[0]["thumbnail"])) == (HEIGHT, WIDTH, b"thumb")


def test_nobody_renames_deletes_or_exports_what_is_not_theirs(album: Album) -> None:
    mine = keep(album, "me")
    for name, fields in {"rename": {"to": "yours"}, "remove": {}}.items():
        with pytest.raises(StudioError, match="no longer open here"):
            ask(album, "you", name, picture=mine, **fields)
    with pytest.raises(StudioError, match="no pictures to export"):
        ask(album, "you", "export_all")
    export(album, "me")
    assert ask(album, "you", "exporting") == {"stage": "none"}
    with pytest.raises(StudioError, match="no longer there"):
        ask(album, "you", "exported", offset=0)
    assert [row["name"] for row in ask(album, "me", "pictures")["pictures"]] == ["toy.png"]


def test_rename_and_remove(album: Album) -> None:
    mine = keep(album, "me")
    assert ask(album, "me", "rename", picture=mine, to="folder/new\u202e.png") == {"name": "new.png"}
    assert [row["name"] for row in ask(album, "me", "pictures")["pictures"]] == ["new.png"]
    ask(album, "me", "remove", picture=mine)
    assert ask(album, "me", "pictures") == {"pictures": []}


def test_one_export_holds_all_pictures_and_says_what_it_changed(album: Album) -> None:
    other = Taxonomy("other", tuple(replace(c, name=f"{c.name} too") for c in toy_document().taxonomy.categories))
    keep(album, "me", "toy.png")
    keep(album, "me", "toy.png", replace(toy_document(), taxonomy=other))
    progress, content = export(album, "me")
    assert (progress["stage"], progress["done"], progress["total"]) == ("done", 2, 2)
    assert [note.split(":")[0][:16] for note in progress["notes"]] == ["These categories", "Pictures that sh"]
    with ZipFile(BytesIO(content)) as archive:
        panoptic_json = json.loads(archive.read("panoptic.json"))
        for annotation in panoptic_json["annotations"]:
            labels = decode_ids(archive.read(f"panoptic/{annotation['file_name']}"))
            assert np.array_equal(labels, toy_document().label_map)
    assert {image["file_name"] for image in panoptic_json["images"]} == {"toy.png", "toy (2).png"}
    assert len(panoptic_json["categories"]) == 8


def test_an_export_that_fails_says_why_and_gives_nothing(album: Album, tmp_path: Path) -> None:
    keep(album, "me", "gone.png")
    for path in (tmp_path / "data" / "pictures").rglob("*"):
        if path.is_file():
            path.write_bytes(b"")
    progress, content = export(album, "me")
    assert progress["stage"] == "failed"
    assert progress["sentence"].startswith("gone.png could not be exported")
    assert content == b""


def test_leaving_lets_the_archive_go(album: Album) -> None:
    keep(album, "me")
    export(album, "me")
    ask(album, "me", "leave_export")
    assert ask(album, "me", "exporting") == {"stage": "none"}


def test_a_category_of_its_own_survives(album: Album) -> None:
    document = toy_document()
    mine = (*document.taxonomy.categories, Category(99, "<b>mine</b>", True, (1, 2, 3)))
    keep(album, "me", "a.png", replace(document, taxonomy=Taxonomy("", mine)))
    _, content = export(album, "me")
    with ZipFile(BytesIO(content)) as archive:
        names = [row["name"] for row in json.loads(archive.read("panoptic.json"))["categories"]]
    assert names[-1] == "<b>mine</b>"
