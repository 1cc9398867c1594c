"""Merged categories, and one archive for many pictures, read by programs that know nothing of us."""

import json
from io import BytesIO
from zipfile import ZipFile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pycocotools import mask as pycoco

from core.formats.coco import AnnotatedPicture
from core.formats.coco_archive import CocoArchive, unlike_names
from core.formats.id_png import decode_ids
from core.formats.import_coco import read_picture_annotations
from core.formats.import_files import AnnotationFiles
from core.formats.merging import Renumbered, TaxonomyMerger
from core.messages import StudioError
from core.types import Category, SegmentInfo, Taxonomy
from tests.drawing import label_map

GREY = (1, 2, 3)
FIRST = Taxonomy("first", (Category(1, "road", False, GREY), Category(2, "car", True, GREY)))
SECOND = Taxonomy(
    "second", (Category(2, "dog", True, GREY), Category(3, "car", True, GREY), Category(4, "road", True, GREY))
)


def test_same_name_same_category_and_a_taken_id_is_renumbered() -> None:
    merger = TaxonomyMerger("both")
    assert merger.add(FIRST) == {1: 1, 2: 2}
    assert merger.add(SECOND) == {2: 5, 3: 2, 4: 1}
    assert merger.renumbered == [Renumbered("dog", 2, 5)]
    assert merger.now_things == ["road"]
    assert [(c.category_id, c.name, c.is_thing) for c in merger.taxonomy.categories] == [
        (1, "road", True),
        (2, "car", True),
        (5, "dog", True),
    ]


CATEGORIES = st.builds(Category, st.integers(1, 9), st.sampled_from([*"abcdefgh"]), st.booleans(), st.just(GREY))
TAXONOMIES = st.lists(CATEGORIES, max_size=6, unique_by=(lambda c: c.category_id, lambda c: c.name)).map(
    lambda rows: Taxonomy("drawn", tuple(rows))
)


@given(st.lists(TAXONOMIES, max_size=5))
def test_merged_ids_are_one_to_one_with_names(taxonomies: list[Taxonomy]) -> None:
    merger = TaxonomyMerger("all")
    ids = [merger.add(taxonomy) for taxonomy in taxonomies]
    merged = merger.taxonomy  # raises where an id or a name stands twice
    for taxonomy, id_of in zip(taxonomies, ids, strict=True):
        for category in taxonomy.categories:
            assert merged.category(id_of[category.category_id]).name == category.name


def annotated(*rows: str, **category_ids: int) -> AnnotatedPicture:
    labels = label_map(*rows)
    segments = [(int(name[1:]), category_id) for name, category_id in category_ids.items()]
    return AnnotatedPicture(
        "any.jpg", labels, tuple(SegmentInfo(i, c, 1.0, int((labels == i).sum())) for i, c in segments)
    )


PICTURES = [
    (annotated("1122", "1.22", s1=1, s2=2), FIRST),
    (annotated("333", "..5", s3=4, s5=2), SECOND),
    (annotated("..", ".."), FIRST),
]
NAMES = ("a.jpg", "a (2).jpg", "b.png")


def written() -> tuple[BytesIO, CocoArchive]:
    stream = BytesIO()
    archive = CocoArchive(stream, NAMES)
    for picture, taxonomy in PICTURES:
        archive.add(picture, taxonomy)
    archive.finish()
    return stream, archive


def test_the_archive_holds_every_pixel_of_every_picture() -> None:
    stream, archive = written()
    merged = archive.merger.taxonomy
    with ZipFile(stream) as read:
        panoptic, instances = json.loads(read.read("panoptic.json")), json.loads(read.read("instances.json"))
        pngs = {name: read.read(name) for name in read.namelist() if name.endswith(".png")}
    assert [image["file_name"] for image in panoptic["images"]] == list(NAMES)
    assert [image["id"] for image in instances["images"]] == [1, 2, 3]
    assert [row["id"] for row in instances["annotations"]] == list(range(1, len(instances["annotations"]) + 1))
    for number, (picture, taxonomy) in enumerate(PICTURES, start=1):
        annotation = panoptic["annotations"][number - 1]
        assert annotation["image_id"] == number
        assert np.array_equal(decode_ids(pngs[f"panoptic/{annotation['file_name']}"]), picture.label_map)
        named = {row["id"]: merged.category(row["category_id"]).name for row in annotation["segments_info"]}
        assert named == {s.segment_id: taxonomy.category(s.category_id).name for s in picture.segments}
        drawn = [pycoco.decode(r["segmentation"]) for r in instances["annotations"] if r["image_id"] == number]
        covered = np.sum(drawn, axis=0) if drawn else np.zeros(picture.label_map.shape)
        assert np.array_equal(covered, picture.label_map > 0), "road became a thing, so all are instances"


def test_stuff_stays_out_of_the_instances() -> None:
    stream = BytesIO()
    archive = CocoArchive(stream, ["a.jpg"])
    archive.add(*PICTURES[0])
    archive.finish()
    with ZipFile(stream) as read:
        instances = json.loads(read.read("instances.json"))
    assert [row["category_id"] for row in instances["annotations"]] == [2]
    assert [row["name"] for row in instances["categories"]] == ["car"]


def test_what_was_exported_is_imported_again() -> None:
    stream, _ = written()
    files = AnnotationFiles.read([("album.zip", stream.getvalue())])
    found = read_picture_annotations(files, NAMES[1], (2, 3))
    assert [found.taxonomy.category(mask.category_id).name for mask in found.masks] == ["road", "dog"]


def test_an_archive_that_lacks_a_picture_is_none() -> None:
    archive = CocoArchive(BytesIO(), NAMES)
    archive.add(*PICTURES[0])
    with pytest.raises(ValueError, match="3 pictures were announced, 1 came"):
        archive.finish()


def test_an_archive_that_reads_back_otherwise_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ZipFile, "read", lambda self, name: b"else")
    archive = CocoArchive(BytesIO(), ["a.jpg"])
    archive.add(*PICTURES[0])
    with pytest.raises(StudioError, match="reads back differently"):
        archive.finish()


def test_names_are_made_unlike() -> None:
    assert unlike_names(["a.jpg", "A.JPG", "a.png", "x/a.jpg"]) == ("a.jpg", "A (2).JPG", "a.png", "a (3).jpg")
    assert unlike_names(["a?.jpg", "a*.jpg"])[1] == "a* (2).jpg"


@settings(max_examples=25)
@given(st.lists(st.text(st.characters(codec="utf-8"), max_size=300), max_size=4))
def test_any_names_make_an_archive(names: list[str]) -> None:
    chosen = unlike_names(names)
    assert len(set(chosen)) == len(names)
    archive = CocoArchive(BytesIO(), chosen)
    for _ in names:
        archive.add(*PICTURES[0])
    archive.finish()
