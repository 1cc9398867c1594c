"""Annotations onto the open picture, message by message as the page sends them."""

import json
from typing import Any

import numpy as np
import pytest

from app.sessions import OpenPictures
from core.types import Origin
from tests.app.pictures import HEIGHT, WIDTH
from tests.app.visitors import Page, toy_pictures
from tests.layouts import instance_row

CATEGORIES = [{"id": 1, "name": "car"}, {"id": 2, "name": "dog"}]


@pytest.fixture
def store() -> OpenPictures:
    return toy_pictures()


@pytest.fixture
def page(store: OpenPictures) -> Page:
    return Page(store, "session", "a" * 32)


def boxed(x0: int, y0: int, x1: int, y1: int) -> np.ndarray:
    mask = np.zeros((HEIGHT, WIDTH), dtype=bool)
    mask[y0:y1, x0:x1] = True
    return mask


LEFT, RIGHT = boxed(0, 0, 20, 20), boxed(10, 0, 40, 20)


def coco(*rows: dict[str, Any]) -> bytes:
    images = [{"id": 1, "file_name": "toy.png", "height": HEIGHT, "width": WIDTH}]
    annotations = [{"id": number, "image_id": 1, **row} for number, row in enumerate(rows, start=1)]
    return json.dumps({"images": images, "annotations": annotations, "categories": CATEGORIES}).encode()


TWO = coco(instance_row(LEFT, 1), instance_row(RIGHT, 2))
ADD_DOG = [{"category_id": 2, "choice": "add"}]


def read(page: Page, content: bytes, **fields: object) -> dict[str, Any]:
    files = [{"name": "coco.json", "size": len(content)}]
    return page.ask("import", content, files=files, **fields)


def bring(page: Page, content: bytes, rules: dict[str, Any]) -> dict[str, Any]:
    return page.move("import", content, files=[{"name": "coco.json", "size": len(content)}], rules=rules)


def test_the_report_says_what_is_to_be_decided(page: Page) -> None:
    before = page.state
    report = read(page, TWO)
    assert report["contested"] == 200
    assert report["overlaps"] == [{"names": ["car", "dog"], "numbers": [1, 2], "pixels": 200}]
    assert report["unknown"] == [{"category_id": 2, "name": "dog", "is_thing": True, "masks": 1, "pixels": 600}]
    assert (report["source"], report["kind"], report["masks"], report["other_name"]) == (
        "coco.json",
        "COCO instances",
        2,
        False,
    )
    assert page.state == before, "a report changes nothing"


def test_the_decisions_make_one_edit_that_is_undone_and_redone(page: Page) -> None:
    original = np.array(page.picture.document.label_map)
    reply = bring(page, TWO, {"overlaps": "first", "categories": ADD_DOG})
    assert reply["ok"], reply
    expected = np.where(LEFT, 1, np.where(RIGHT, 2, 0))
    assert np.array_equal(page.picture.document.label_map, expected)
    assert {s.origin for s in page.picture.document.segments.values()} == {Origin.IMPORT}
    assert "dog" in [category.name for category in page.picture.document.taxonomy.categories]
    assert reply["message"] == "2 segments are imported."
    page.move("undo")
    assert np.array_equal(page.picture.document.label_map, original)
    assert "dog" not in [category.name for category in page.picture.document.taxonomy.categories]
    page.move("redo")
    assert np.array_equal(page.picture.document.label_map, expected)


def test_what_is_left_out_or_hidden_is_said(page: Page) -> None:
    content = coco(instance_row(boxed(0, 0, 9, 9), 1), instance_row(LEFT, 1), instance_row(RIGHT, 2))
    rules = {"overlaps": "last", "categories": [{"category_id": 2, "choice": "leave_out"}]}
    message = bring(page, content, rules)["message"]
    assert message == "1 segment is imported. 1 lies wholly under others and is not kept. 1 was left out."


def test_an_unknown_category_becomes_one_of_mine(page: Page) -> None:
    bring(page, TWO, {"overlaps": "smaller", "categories": [{"category_id": 2, "choice": "map", "to": 9}]})
    assert sorted(s.category_id for s in page.picture.document.segments.values()) == [7, 9]


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "no rule": ({"categories": ADD_DOG}, "overlap on 200 pixels"),
    "no choice": ({"overlaps": "last", "categories": []}, "dog is not one of yours"),
    "foreign rule": ({"overlaps": "best", "categories": ADD_DOG}, "overlaps"),
    "foreign choice": ({"overlaps": "last", "categories": [{"category_id": 2, "choice": "eat"}]}, "choice"),
    "no such category": ({"overlaps": "last", "categories": [{"category_id": 2, "choice": "map", "to": 5}]}, "5"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_undecided_imports_are_refused_and_change_nothing(page: Page, what: str) -> None:
    before = page.state
    rules, sentence = REFUSED[what]
    reply = bring(page, TWO, rules)
    assert not reply["ok"]
    assert sentence in reply["error"]
    assert page.state == before


def test_files_that_do_not_add_up_are_refused(page: Page) -> None:
    for files in ([], [{"name": "a.json", "size": 3}], [{"name": "a.json", "size": -1}], [{"name": "", "size": 3}]):
        assert not page.ask("import", TWO, files=files)["ok"]
    assert not page.ask("import", None, files=[{"name": "a.json", "size": 3}])["ok"]


def test_another_visitor_cannot_import_into_mine(store: OpenPictures, page: Page) -> None:
    stranger = Page(store, "other", "b" * 32)
    files = [{"name": "coco.json", "size": len(TWO)}]
    assert stranger.ask("import", TWO, document=page.document, files=files).get("gone")
