"""Pictures to come back to, annotations from elsewhere and one's own categories, in a real browser."""

import json
from collections.abc import Callable
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import numpy as np
import pytest
from numpy.typing import NDArray

from core.formats.id_png import decode_ids, encode_ids
from core.types import Origin
from tests.e2e.drawn_studio import DrawnPage, drawn_file
from tests.layouts import instance_row

pytestmark = [pytest.mark.browser, pytest.mark.slow]

HEIGHT, WIDTH = 120, 160
CATEGORIES = [{"id": 1, "name": "car"}, {"id": 2, "name": "<b>zebra</b>"}]


def boxed(x0: int, y0: int, x1: int, y1: int) -> NDArray[np.bool_]:
    mask = np.zeros((HEIGHT, WIDTH), dtype=bool)
    mask[y0:y1, x0:x1] = True
    return mask


LARGE, SMALL = boxed(10, 10, 90, 90), boxed(60, 60, 110, 100)


def file(name: str, content: bytes) -> dict[str, Any]:
    return {"name": name, "mimeType": "application/octet-stream", "buffer": content}


def instances(name: str = "street.png") -> dict[str, Any]:
    rows = [instance_row(SMALL, 1), instance_row(LARGE, 2)]
    annotations = [{"id": number, "image_id": 1, **row} for number, row in enumerate(rows, start=1)]
    images = [{"id": 1, "file_name": name, "height": HEIGHT, "width": WIDTH}]
    data = {"images": images, "annotations": annotations, "categories": CATEGORIES}
    return file("coco.json", json.dumps(data).encode())


@pytest.fixture
def small_page(new_studio_page: Callable[..., DrawnPage]) -> DrawnPage:
    page = new_studio_page()
    page.open_drawn(HEIGHT, WIDTH)
    return page


def import_files(page: DrawnPage, *files: dict[str, Any]) -> None:
    page.page.get_by_test_id("import-open").click()
    page.page.get_by_test_id("import-annotations").set_input_files(list(files))


def back_at_start(page: DrawnPage) -> None:
    page.page.get_by_test_id("saved").and_(page.page.locator('[data-mood="saved"]')).wait_for()
    page.visit()
    page.page.get_by_test_id("album").wait_for()


@pytest.mark.parametrize(("rule", "small_on_top"), [("smaller", True), ("first", True), ("last", False)])
def test_overlaps_and_unknown_categories_are_decided_and_undone(
    small_page: DrawnPage, rule: str, small_on_top: bool
) -> None:
    page, original = small_page.page, small_page.label_map
    import_files(small_page, instances())
    overlaps = page.get_by_test_id("import-overlaps").inner_text()
    assert "1 pair of masks overlaps on 900 pixels" in overlaps
    assert "<b>zebra</b>" in page.get_by_test_id("import-unknown").inner_text(), "text, not markup"
    page.get_by_test_id(f"rule-{rule}").check()
    small_page.editing(lambda: page.get_by_test_id("import-act").click())
    expected = np.where(SMALL, 1, np.where(LARGE, 2, 0)) if small_on_top else np.where(LARGE, 2, SMALL)
    assert np.array_equal(small_page.label_map, expected)
    segments = small_page.document.segments
    assert {segment.origin for segment in segments.values()} == {Origin.IMPORT}
    assert small_page.document.taxonomy.category(segments[2].category_id).name == "<b>zebra</b>"
    small_page.editing(lambda: page.get_by_test_id("undo").click())
    assert np.array_equal(small_page.label_map, original)


def test_a_panoptic_map_is_what_python_holds_pixel_by_pixel(small_page: DrawnPage) -> None:
    page = small_page.page
    labels = np.where(SMALL, 70_000, np.where(LARGE, 3, 0)).astype(np.int32)
    info = [{"id": 70_000, "category_id": 1}, {"id": 3, "category_id": 2}]
    data = json.loads(instances()["buffer"]) | {
        "annotations": [{"image_id": 1, "file_name": "street.png", "segments_info": info}]
    }
    import_files(small_page, file("panoptic.json", json.dumps(data).encode()), file("street.png", encode_ids(labels)))
    page.get_by_test_id("unknown-2").select_option("leave_out")
    small_page.editing(lambda: page.get_by_test_id("import-act").click())
    assert np.array_equal(small_page.label_map, SMALL.astype(np.int32))


def test_a_picture_opens_together_with_its_annotations(new_studio_page: Callable[..., DrawnPage]) -> None:
    person = new_studio_page()
    page = person.page
    page.get_by_test_id("open-annotated").click()
    picture = {"name": "own.png", "mimeType": "image/png", "buffer": drawn_file((HEIGHT, WIDTH))}
    page.get_by_test_id("import-picture").set_input_files(picture)
    page.get_by_test_id("import-annotations").set_input_files(instances("own.png"))
    assert page.locator(".import-names").all_inner_texts() == [picture["name"], instances("own.png")["name"]]
    person.opening(lambda: page.get_by_test_id("import-act").click())
    page.get_by_test_id("import-overlaps").wait_for()
    person.editing(lambda: page.get_by_test_id("import-act").click())
    assert np.array_equal(person.label_map, np.where(SMALL, 1, np.where(LARGE, 2, 0)))


def test_annotations_of_another_picture_are_refused_in_a_sentence(small_page: DrawnPage) -> None:
    data = json.loads(instances()["buffer"])
    data["images"][0]["width"] = 7
    import_files(small_page, file("coco.json", json.dumps(data).encode()))
    words = small_page.page.get_by_test_id("import-words")
    words.and_(small_page.page.locator('[data-kind="error"]')).wait_for()
    assert "7 x 120 pixels in the annotations" in words.inner_text()
    assert small_page.page.get_by_test_id("import-act").is_disabled()


def test_categories_are_added_renamed_recoloured_and_removed(small_page: DrawnPage) -> None:
    page = small_page.page
    page.get_by_test_id("categories-open").click()
    page.get_by_test_id("category-name-new").fill("tram")
    small_page.editing(lambda: page.get_by_test_id("category-add").click())
    tram = small_page.document.taxonomy.categories[-1]
    assert (tram.name, tram.is_thing) == ("tram", True)
    name = page.get_by_test_id(f"category-name-{tram.category_id}")
    name.fill("Tram <i>1</i>")
    small_page.editing(lambda: name.press("Enter"))
    small_page.editing(lambda: page.get_by_test_id(f"category-kind-{tram.category_id}").select_option("stuff"))
    small_page.editing(lambda: page.get_by_test_id(f"category-color-{tram.category_id}").fill("#010203"))
    changed = small_page.document.taxonomy.category(tram.category_id)
    assert (changed.name, changed.is_thing, changed.color) == ("Tram <i>1</i>", False, (1, 2, 3))
    small_page.editing(lambda: page.get_by_test_id(f"category-remove-{tram.category_id}").click())
    assert tram.category_id not in [c.category_id for c in small_page.document.taxonomy.categories]
    used = next(iter(small_page.document.segments.values())).category_id
    assert page.get_by_test_id(f"category-remove-{used}").is_disabled()


def test_the_album_opens_renames_deletes_and_exports(new_studio_page: Callable[..., DrawnPage]) -> None:
    person = new_studio_page()
    page = person.page
    assert not page.get_by_test_id("album").is_visible(), "nothing to come back to yet"
    person.open_drawn(HEIGHT, WIDTH, "one.png")
    first, maps = person.document_id, [person.label_map]
    back_at_start(person)
    person.open_drawn(HEIGHT, WIDTH, "one.png")
    import_files(person, instances("one.png"))
    person.editing(lambda: page.get_by_test_id("import-act").click())
    second, maps = person.document_id, [*maps, person.label_map]
    back_at_start(person)

    with page.expect_download() as coming:
        page.get_by_test_id("export-all").click()
    with ZipFile(BytesIO(coming.value.path().read_bytes())) as archive:
        panoptic = json.loads(archive.read("panoptic.json"))
        read = [decode_ids(archive.read(f"panoptic/{row['file_name']}")) for row in panoptic["annotations"]]
    assert [np.array_equal(a, b) for a, b in zip(read, maps, strict=True)] == [True, True]
    page.get_by_test_id("export-notes").wait_for()
    assert "share a file name" in page.get_by_test_id("export-notes").inner_text()

    page.get_by_test_id(f"album-rename-{first}").click()
    field = page.get_by_test_id(f"album-name-{first}")
    field.fill("<b>two.png")
    field.press("Enter")
    page.get_by_text("<b>two.png").wait_for()
    person.opening(lambda: page.get_by_test_id(f"album-open-{first}").click())
    assert page.get_by_test_id("document-name").inner_text() == "<b>two.png"
    assert np.array_equal(person.label_map, maps[0])

    back_at_start(person)
    page.get_by_test_id(f"album-remove-{second}").click()
    page.get_by_test_id("album-keep").click()
    assert page.get_by_test_id(f"album-open-{second}").is_visible()
    page.get_by_test_id(f"album-remove-{second}").click()
    page.get_by_test_id("album-delete").click()
    page.get_by_test_id(f"album-open-{second}").wait_for(state="detached")
    person.visit()
    page.get_by_test_id(f"album-open-{first}").wait_for()
    assert page.get_by_test_id("album-cards").locator("li").count() == 1


def test_another_visitor_sees_none_of_it(small_page: DrawnPage, new_studio_page: Callable[..., DrawnPage]) -> None:
    back_at_start(small_page)
    stranger = new_studio_page()
    stranger.page.wait_for_timeout(500)
    assert not stranger.page.get_by_test_id("album").is_visible()
