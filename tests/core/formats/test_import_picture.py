"""One picture's annotations out of foreign files: found, counted, resolved by rule."""

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from pycocotools import mask as pycoco

from core import masks
from core.formats.coco import AnnotatedPicture
from core.formats.coco_files import zip_coco
from core.formats.id_png import encode_ids
from core.formats.import_categories import Add, LeaveOut, MapTo
from core.formats.import_coco import INSTANCES, PANOPTIC, Oddities, PictureAnnotations, read_picture_annotations
from core.formats.import_files import AnnotationFiles
from core.formats.import_overlaps import Overlap, OverlapRule
from core.formats.import_picture import ImportCase, ImportRules
from core.messages import StudioError
from core.types import Category, Origin, SegmentInfo, Taxonomy
from tests.drawing import label_map, picture
from tests.layouts import instance_row

MINE = Taxonomy("mine", (Category(1, "road", False, (9, 9, 9)), Category(2, "car", True, (200, 0, 0))))
CATEGORIES = [{"id": 1, "name": "car"}, {"id": 7, "name": "Dog", "color": [9, 9, 9]}]
LARGE, SMALL, LATER = picture("#####", "#####"), picture(".##..", ".##.."), picture("...##", "....#")
SIZE = (2, 5)


def instances(*rows: dict[str, Any], **others: Any) -> dict[str, Any]:
    images = [{"id": 4, "file_name": "train/a.jpg", "height": 2, "width": 5}]
    annotations = [{"id": number, "image_id": 4, **row} for number, row in enumerate(rows, start=1)]
    return {"images": images, "annotations": annotations, "categories": CATEGORIES} | others


def panoptic(labels: NDArray[np.int32], segments: list[tuple[int, int]]) -> list[tuple[str, bytes]]:
    rows = [{"id": i, "category_id": c} for i, c in segments]
    annotation = {"image_id": 4, "file_name": "a.png", "segments_info": rows}
    data = instances() | {"annotations": [annotation]}
    return [("panoptic.json", json.dumps(data).encode()), ("a.png", encode_ids(labels))]


def read(files: "dict[str, Any] | list[tuple[str, bytes]]", name: str = "a.jpg") -> PictureAnnotations:
    listed = files if isinstance(files, list) else [("coco.json", json.dumps(files).encode())]
    return read_picture_annotations(AnnotationFiles.read(listed), name, SIZE)


def case(*rows: dict[str, Any]) -> ImportCase:
    return ImportCase(read(instances(*rows)), MINE)


ADD_DOG = {7: Add()}


def test_report_names_overlaps_and_unknown_categories() -> None:
    found = case(instance_row(LARGE, 1), instance_row(SMALL, 7), instance_row(LATER, 7))
    assert found.overlaps == [Overlap(0, 1, 4), Overlap(0, 2, 3)]
    (unknown,) = found.unknown
    assert (unknown.category.name, unknown.masks, unknown.pixels) == ("Dog", 2, 7)
    assert found.annotations.kind == INSTANCES
    assert not found.annotations.scored


RULES = {
    OverlapRule.FIRST: label_map("11111", "11111"),
    OverlapRule.LAST: label_map("12233", "12213"),
    OverlapRule.SMALLER: label_map("12233", "12213"),
    OverlapRule.SCORE: label_map("12211", "12211"),
}


@pytest.mark.parametrize("rule", OverlapRule)
def test_each_rule_by_drawing(rule: OverlapRule) -> None:
    scores = (0.5, 0.75, 0.25)
    drawn = zip((LARGE, SMALL, LATER), (1, 7, 7), scores, strict=True)
    found = case(*(instance_row(mask, category, score=score) for mask, category, score in drawn))
    imported = found.resolve(ImportRules(rule, ADD_DOG))
    assert imported.label_map.tolist() == RULES[rule].tolist()
    assert found.annotations.scored
    assert imported.hidden == 3 - len(imported.segments)
    for segment in imported.segments:
        assert segment.area == int((imported.label_map == segment.segment_id).sum())
        assert (segment.origin, segment.source, segment.touched) == (Origin.IMPORT, "coco.json", True)


def test_added_category_keeps_its_id_and_gets_a_colour_of_its_own() -> None:
    imported = case(instance_row(SMALL, 7)).resolve(ImportRules(categories=ADD_DOG))
    (dog,) = imported.added
    assert (dog.category_id, dog.name, dog.is_thing) == (7, "Dog", True)
    assert dog.color not in {category.color for category in MINE.categories}


def test_a_taken_id_is_renumbered() -> None:
    renamed = [{"id": 1, "name": "boat"}]
    found = ImportCase(read(instances(instance_row(SMALL, 1), categories=renamed)), MINE)
    imported = found.resolve(ImportRules(categories={1: Add()}))
    assert imported.added[0].category_id == 3
    assert imported.segments[0].category_id == 3


def test_unknown_categories_map_or_are_left_out() -> None:
    found = case(instance_row(SMALL, 7), instance_row(LATER, 1))
    mapped = found.resolve(ImportRules(categories={7: MapTo(1)}))
    assert [(s.segment_id, s.category_id) for s in mapped.segments] == [(1, 1), (2, 2)]
    without = found.resolve(ImportRules(categories={7: LeaveOut()}))
    assert [(s.segment_id, s.category_id) for s in without.segments] == [(1, 2)]
    assert without.left_out == 1
    assert without.label_map.tolist() == label_map("...11", "....1").tolist()


def test_nothing_is_decided_in_silence() -> None:
    with pytest.raises(StudioError, match="Dog"):
        case(instance_row(SMALL, 7)).resolve(ImportRules())
    with pytest.raises(StudioError, match="overlap on 4 pixels"):
        case(instance_row(LARGE, 1), instance_row(SMALL, 1)).resolve(ImportRules())
    with pytest.raises(StudioError, match="no category 99"):
        case(instance_row(SMALL, 7)).resolve(ImportRules(categories={7: MapTo(99)}))


def test_category_ids_that_the_file_does_not_list_are_named_by_number() -> None:
    (unknown,) = case(instance_row(SMALL, 55)).unknown
    assert unknown.category.name == "category 55"


def test_crowds_boxes_and_empty_masks_are_counted_and_crowds_lie_below() -> None:
    box = {"category_id": 1, "bbox": [0, 0, 5, 1]}
    crowd = instance_row(LARGE, 1, iscrowd=1)
    nothing = instance_row(picture(".....", "....."), 1)
    found = case(instance_row(SMALL, 1), box, crowd, nothing)
    assert found.annotations.oddities == Oddities(empty=1, boxes=1, crowds=1)
    imported = found.resolve(ImportRules(OverlapRule.LAST))
    assert imported.label_map.tolist() == label_map("21122", "21122").tolist()
    assert imported.hidden == 1


def test_polygons_and_run_lengths_equal_pycocotools() -> None:
    generator = np.random.default_rng(5)
    height, width = 61, 83
    images = [{"id": 1, "file_name": "a.jpg", "height": height, "width": width}]
    for _ in range(20):
        points = (generator.random((7, 2)) * (width, height)).round(2).ravel().tolist()
        expected = pycoco.decode(pycoco.merge(pycoco.frPyObjects([points], height, width))).astype(bool)
        compressed = pycoco.encode(np.asfortranarray(expected.astype(np.uint8)))
        text_form = {"size": [height, width], "counts": compressed["counts"].decode()}
        for segmentation in ([points], text_form):
            row = {"id": 1, "image_id": 1, "category_id": 1, "segmentation": segmentation}
            data = {"images": images, "annotations": [row], "categories": CATEGORIES}
            files = AnnotationFiles.read([("a.json", json.dumps(data).encode())])
            (mask,) = read_picture_annotations(files, "a.jpg", (height, width)).masks
            assert np.array_equal(masks.decode(mask.mask), expected)


def test_panoptic_maps_come_back_pixel_by_pixel() -> None:
    labels = label_map("11223", "1.223") * 70_000  # ids of three bytes
    found = read(panoptic(labels, [(70_000, 1), (140_000, 7)]))
    assert found.kind == PANOPTIC
    assert found.oddities.unlisted_pixels == 2
    imported = ImportCase(found, MINE).resolve(ImportRules(categories=ADD_DOG))
    assert imported.label_map.tolist() == label_map("1122.", "1.22.").tolist()


def test_our_own_export_comes_back() -> None:
    labels = label_map("11223", "1.223")
    rows = [(1, 2), (2, 1), (3, 2)]
    segments = tuple(SegmentInfo(i, c, 1.0, int((labels == i).sum())) for i, c in rows)
    archive = zip_coco([AnnotatedPicture("a.jpg", labels, segments)], MINE)
    imported = ImportCase(read([("a_coco.zip", archive)]), MINE).resolve(ImportRules())
    assert imported.label_map.tolist() == labels.tolist()
    assert [(s.segment_id, s.category_id, s.area) for s in imported.segments] == [
        (s.segment_id, s.category_id, s.area) for s in segments
    ]
    assert imported.added == ()


def change(**values: Any) -> Callable[[dict[str, Any]], object]:
    return lambda data: data.update(values)


TWO = [
    {"id": 4, "file_name": "x.jpg", "height": 2, "width": 5},
    {"id": 5, "file_name": "y.jpg", "height": 2, "width": 5},
]
BROKEN: dict[str, tuple[Callable[[dict[str, Any]], object], str]] = {
    "another size": (lambda d: d["images"][0].update(height=5, width=2), "2 x 5 pixels in the annotations"),
    "which row": (change(images=TWO), "None of the 2 pictures.*x.jpg, y.jpg"),
    "no kind": (change(annotations={}), "neither COCO panoptic nor"),
    "no categories": (lambda d: d.pop("categories"), "lacks categories"),
    "category twice": (change(categories=[CATEGORIES[0], CATEGORIES[0]]), "stands twice"),
    "run lengths": (
        lambda d: d["annotations"][0].update(segmentation={"size": [2, 5], "counts": [3, 4]}),
        "annotation 1 cannot be read.*do not add up",
    ),
    "run text": (
        lambda d: d["annotations"][0].update(segmentation={"size": [2, 5], "counts": "\u20ac"}),
        "annotation 1 cannot be read",
    ),
    "polygon": (lambda d: d["annotations"][0].update(segmentation=[[1, 2, 3]]), "annotation 1 cannot be read"),
    "score": (lambda d: d["annotations"][0].update(score="high"), "score of annotation 1"),
    "id": (lambda d: d["annotations"][0].update(category_id=None), "not a COCO instances"),
    "rows": (change(annotations=["row"]), "neither COCO panoptic nor"),
}


@pytest.mark.parametrize("what", BROKEN)
def test_broken_files_are_one_sentence(what: str) -> None:
    broken, sentence = BROKEN[what]
    data = instances(instance_row(SMALL, 1))
    broken(data)
    with pytest.raises(StudioError, match=sentence):
        read(data)


def test_broken_panoptic_files_are_one_sentence() -> None:
    labels = label_map("11...", ".....")
    files = panoptic(labels, [(1, 1)])
    with pytest.raises(StudioError, match=r"PNG of segment ids a\.png is missing"):
        read(files[:1])
    with pytest.raises(StudioError, match="not a readable RGB PNG"):
        read([files[0], ("a.png", files[1][1][:40])])
    with pytest.raises(StudioError, match="segment id twice"):
        read(panoptic(labels, [(1, 1), (1, 1)]))
    with pytest.raises(StudioError, match="3 x 2 pixels in the annotations"):
        read([files[0], ("a.png", encode_ids(labels[:, :3]))])
    with pytest.raises(StudioError, match="Several files"):
        read([files[0], ("second.json", files[0][1]), files[1]])


def test_rows_are_found_by_name_then_by_stem_then_alone() -> None:
    data = instances(instance_row(SMALL, 1))
    assert read(data, "A.JPG").row_name == "a.jpg"
    assert read(data, "a.png").row_name == "a.jpg"
    assert read(data, "unlike.png").row_name == "a.jpg"
    data["images"] += [{"id": 9, "file_name": "other/a.jpg", "height": 3, "width": 5}]
    assert len(read(data).masks) == 1, "of two of one name the one of the picture's size"
