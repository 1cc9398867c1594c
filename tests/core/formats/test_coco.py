"""What stands in the two COCO files."""

import json

import numpy as np
import pytest

from core.formats.coco import AnnotatedPicture, export_instances, export_panoptic
from core.messages import StudioError
from core.types import SegmentInfo
from tests.annotated import CAR, PERSON, ROAD, SKY, TAXONOMY, segments
from tests.drawing import label_map

DRAWN = label_map("111.", "1.15", "1115")  # a ring with a void hole, and a column of another segment


def annotated(name: str = "img.v2.001.jpg", categories: dict[int, int] | None = None) -> AnnotatedPicture:
    return AnnotatedPicture(name, DRAWN, segments(DRAWN, categories or {5: ROAD, 1: CAR}))


def test_instances_hold_things_with_true_areas_and_boxes() -> None:
    data = export_instances([annotated("empty.png", {1: SKY, 5: ROAD}), annotated()], TAXONOMY)
    assert [(image["id"], image["file_name"], image["width"], image["height"]) for image in data["images"]] == [
        (1, "empty.png", 4, 3),
        (2, "img.v2.001.jpg", 4, 3),
    ]
    assert [category["id"] for category in data["categories"]] == [CAR, PERSON]
    (ring,) = data["annotations"]
    assert ring["segmentation"]["size"] == [3, 4]
    del ring["segmentation"]
    assert ring == {"id": 1, "image_id": 2, "category_id": CAR, "area": 8, "bbox": [0, 0, 3, 3], "iscrowd": 0}


def test_panoptic_holds_all_segments() -> None:
    data, pngs = export_panoptic([annotated()], TAXONOMY)
    assert list(pngs) == ["img.v2.001.png"]
    (annotation,) = data["annotations"]
    assert (annotation["image_id"], annotation["file_name"]) == (1, "img.v2.001.png")
    assert annotation["segments_info"] == [
        {"id": 5, "category_id": ROAD, "area": 2, "bbox": [3, 1, 1, 2], "iscrowd": 0},
        {"id": 1, "category_id": CAR, "area": 8, "bbox": [0, 0, 3, 3], "iscrowd": 0},
    ]
    assert [(c["id"], c["isthing"], c["color"]) for c in data["categories"]][:2] == [
        (CAR, 1, [0, 0, 142]),
        (ROAD, 0, [128, 64, 128]),
    ]


def test_numbers_are_plain_whatever_the_map_holds() -> None:
    drawn = DRAWN.astype(np.uint16)
    numpy_ids = tuple(
        SegmentInfo(np.int64(i), np.int64(c), 1.0, 0)  # type: ignore[arg-type]
        for i, c in {1: CAR, 5: ROAD}.items()
    )
    picture = AnnotatedPicture("a.jpg", drawn, numpy_ids)
    assert json.dumps(export_instances([picture], TAXONOMY))
    assert json.dumps(export_panoptic([picture], TAXONOMY)[0])


def test_ids_run_over_all_pictures() -> None:
    data = export_instances([annotated(f"{i}.jpg", {1: CAR, 5: PERSON}) for i in range(3)], TAXONOMY)
    assert [row["id"] for row in data["annotations"]] == [1, 2, 3, 4, 5, 6]
    assert [row["image_id"] for row in data["annotations"]] == [1, 1, 2, 2, 3, 3]


@pytest.mark.parametrize(
    ("categories", "sentence"),
    [
        ({1: CAR}, "disagree about the ids 5"),
        ({1: CAR, 5: CAR, 6: CAR}, "disagree about the ids 6"),
        ({1: CAR, 5: 99}, "no category 99"),
    ],
)
def test_maps_and_segments_must_agree(categories: dict[int, int], sentence: str) -> None:
    picture = annotated(categories=categories)
    for export in (export_instances, export_panoptic):
        with pytest.raises(StudioError, match=sentence):
            export([picture], TAXONOMY)


@pytest.mark.parametrize("outside", [-3, 2**24])
def test_ids_must_fit_a_png(outside: int) -> None:
    drawn = np.where(DRAWN == 5, outside, DRAWN).astype(np.int32)
    with pytest.raises(StudioError, match=f"disagree about the ids {outside}"):
        export_panoptic([AnnotatedPicture("a.jpg", drawn, segments(drawn, {1: CAR, outside: ROAD}))], TAXONOMY)


def test_a_segment_stands_once() -> None:
    twice = AnnotatedPicture("a.jpg", DRAWN, segments(DRAWN, {1: CAR, 5: ROAD}) + segments(DRAWN, {1: PERSON}))
    with pytest.raises(StudioError, match="disagree about the ids 1"):
        export_instances([twice], TAXONOMY)


def test_two_pictures_of_one_name_are_refused() -> None:
    with pytest.raises(StudioError, match=r"Two pictures are called img\.v2\.001\.jpg"):
        export_panoptic([annotated("a/img.v2.001.jpg"), annotated("b/img.v2.001.jpg")], TAXONOMY)


def test_a_label_map_is_whole_numbers() -> None:
    with pytest.raises(ValueError, match="integer"):
        AnnotatedPicture("a.jpg", DRAWN.astype(float), ())  # type: ignore[arg-type]
