"""Loose files and archives of annotations, honest and hostile."""

import json
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

import numpy as np
import pytest

from core.formats.id_png import encode_ids
from core.formats.import_files import AnnotationFiles, ImportLimits
from core.messages import StudioError

JSON = json.dumps({"images": []}).encode()
PNG, OTHER_PNG = encode_ids(np.array([[1]], np.int32)), encode_ids(np.array([[2]], np.int32))


def zipped(members: dict[str, bytes]) -> bytes:
    stream = BytesIO()
    with ZipFile(stream, "w", ZIP_DEFLATED) as written:
        for name, content in members.items():
            written.writestr(name, content)
    return stream.getvalue()


def test_loose_files_and_archives_are_read_alike() -> None:
    loose = AnnotationFiles.read([("p.json", JSON), ("p.png", PNG), ("photo.jpg", b"\xff\xd8\xff")])
    packed = AnnotationFiles.read([("all.zip", zipped({"p.json": JSON, "p.png": PNG, "photo.jpg": b"\xff\xd8\xff"}))])
    assert loose == packed
    assert set(loose.objects) == {"p.json"}


def test_a_png_is_found_where_the_annotation_says() -> None:
    members = {"p.json": JSON, "train/a.png": PNG, "val/a.png": OTHER_PNG, "__MACOSX/._a.png": PNG}
    files = AnnotationFiles.read([("all.zip", zipped(members))])
    assert files.png("val/a.png") == OTHER_PNG
    assert files.png("a.png") is None, "nobody knows which"
    assert files.png("b.png") is None


def test_the_only_png_is_taken_whatever_it_is_called() -> None:
    assert AnnotationFiles.read([("p.json", JSON), ("renamed.png", PNG)]).png("a.png") == PNG


BAD = {
    "no json": ([("a.png", PNG)], "no JSON file"),
    "no object": ([("a.json", b"[1]")], "a.json is not"),
    "no json text": ([("a.json", b"\xff\xfe\x00")], "a.json is not"),
    "deep": ([("a.json", b"[" * 100_000)], "a.json is not"),
    "cut": ([("a.zip", zipped({"a.json": JSON})[:-30])], "damaged, encrypted"),
    "too large": ([("a.zip", zipped({"a.json": b" " * 2000 + JSON}))], "unpacks to more"),
    "too many": ([("a.zip", zipped({f"{i}.json": JSON for i in range(5)}))], "more than 4"),
}


@pytest.mark.parametrize("what", BAD)
def test_what_cannot_be_read_is_one_sentence(what: str) -> None:
    files, sentence = BAD[what]
    with pytest.raises(StudioError, match=sentence):
        AnnotationFiles.read(files, ImportLimits(inflated_bytes=1000, members=4))


def test_a_size_that_lies_is_not_believed() -> None:
    content = bytearray(zipped({"a.json": b" " * 3000 + JSON}))
    for at in (content.find(b"PK\x01\x02") + 24,):  # the central directory's uncompressed size
        content[at : at + 4] = (20).to_bytes(4, "little")
    with pytest.raises(StudioError):
        AnnotationFiles.read([("a.zip", bytes(content))], ImportLimits(inflated_bytes=1000))


def test_a_foreign_archive_path_names_no_file_of_ours() -> None:
    files = AnnotationFiles.read([("a.zip", zipped({"../../etc/p.json": JSON}))])
    assert list(files.objects) == ["../../etc/p.json"], "kept as a name in memory, written nowhere"
