"""The main job in a real browser: a picture, its queries, corrections, and files that other tools read."""

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hotcoco import panoptic
from PIL import Image
from playwright.sync_api import expect
from pycocotools.coco import COCO

from app.settings import Settings
from core.checkpoints import bundled
from tests.declared_pictures import declared_png
from tests.e2e.studio import SECONDS, Studio, StudioPage, running_studio

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif("street" not in bundled(), reason="the checkpoint street is not bundled"),
]
SAMPLE = "beguinage_street"


@pytest.fixture(scope="module")
def studio() -> Iterator[Studio]:
    with running_studio(Settings(model="street", device="cpu", open_browser=False)) as running:
        yield running


@pytest.fixture
def person(chromium: Any, studio: Studio) -> Iterator[StudioPage]:
    yield from one_person(chromium, studio)


@pytest.fixture
def other_person(chromium: Any, studio: Studio) -> Iterator[StudioPage]:
    yield from one_person(chromium, studio)


def one_person(chromium: Any, studio: Studio) -> Iterator[StudioPage]:
    """A browser context of its own; what the page says on its console as an error fails the test."""
    context = chromium.new_context(viewport={"width": 1400, "height": 900}, accept_downloads=True)
    page = context.new_page()
    page.set_default_timeout(60 * SECONDS)
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda request: complaints.extend(foreign(request.url, studio.url)))
    person = StudioPage(page, studio)
    person.visit()
    yield person
    context.close()
    assert not complaints


def foreign(url: str, home: str) -> list[str]:
    """The address if it is another server's."""
    return [] if url.startswith((home, "data:", "blob:")) else [url]


def test_from_a_sample_to_files_that_others_read(person: StudioPage, tmp_path: Path) -> None:
    page = person.page
    person.take_sample(SAMPLE)
    queries = len(person.picture.prediction)
    assert page.get_by_test_id("queries").get_by_role("option").count() == queries

    choose_a_query_that_became_a_segment(person)
    move_the_score_threshold(person)
    segment_id = relabel_the_largest_segment(person)
    delete_and_undo(person, segment_id)

    folder = export(person, tmp_path)
    document = person.picture.document
    assert segment_id in document.segments
    require_same_pixels(folder, person)
    own = panoptic.pq_compute(str(folder / "panoptic.json"), str(folder / "panoptic.json"))
    assert own["All"]["pq"] == pytest.approx(1.0)
    assert own["All"]["n"] == len({segment.category_id for segment in document.segments.values()})


def choose_a_query_that_became_a_segment(person: StudioPage) -> None:
    query = next(segment.queries[0] for segment in person.picture.document.segments.values())
    person.page.get_by_test_id(f"query-{query}").click()
    meters = person.page.get_by_test_id("distribution").get_by_role("meter")
    meters.first.wait_for()
    likeliest = float(person.picture.prediction.scores[query])
    assert float(meters.first.get_attribute("aria-valuenow")) == pytest.approx(likeliest, abs=1e-4)


def move_the_score_threshold(person: StudioPage) -> None:
    before = person.picture.document.settings.score_threshold
    slider = person.page.get_by_test_id("threshold-score")
    slider.focus()
    person.editing(lambda: slider.press("PageDown"))
    assert person.picture.document.settings.score_threshold < before


def relabel_the_largest_segment(person: StudioPage) -> int:
    largest = max(person.picture.document.segments.values(), key=lambda segment: segment.area)
    taxonomy = person.picture.prediction.taxonomy
    wanted = next(c for c in taxonomy.categories if c.is_thing and c.category_id != largest.category_id)
    person.page.get_by_test_id(f"segment-{largest.segment_id}").click()
    person.page.get_by_test_id("shortlist").get_by_role("button").first.wait_for()
    search = person.page.get_by_test_id("category-search")
    search.fill(wanted.name)
    person.editing(lambda: search.press("Enter"))
    assert person.picture.document.segments[largest.segment_id].category_id == wanted.category_id
    return largest.segment_id


def delete_and_undo(person: StudioPage, segment_id: int) -> None:
    before = person.picture.document.label_map.copy()
    person.page.get_by_test_id(f"segment-{segment_id}").click()
    person.editing(person.page.get_by_test_id("delete-next").click)
    assert segment_id not in person.picture.document.segments
    person.editing(person.page.get_by_test_id("undo").click)
    assert (person.picture.document.label_map == before).all()


def export(person: StudioPage, folder: Path) -> Path:
    with person.page.expect_download() as download:
        person.page.get_by_test_id("export").click()
    archive = folder / download.value.suggested_filename
    download.value.save_as(archive)
    with zipfile.ZipFile(archive) as opened:
        opened.extractall(folder / "coco")
    return folder / "coco"


def require_same_pixels(folder: Path, person: StudioPage) -> None:
    """Read by foreign code, the files hold exactly what the server holds."""
    document, taxonomy = person.picture.document, person.picture.prediction.taxonomy
    [annotation] = json.loads((folder / "panoptic.json").read_bytes())["annotations"]
    with Image.open(folder / "panoptic" / annotation["file_name"]) as png:
        ids = np.asarray(png).astype(int) @ [1, 256, 65536]
    assert (ids == document.label_map).all()
    assert {row["id"]: row["category_id"] for row in annotation["segments_info"]} == {
        segment_id: segment.category_id for segment_id, segment in document.segments.items()
    }
    coco = COCO(folder / "instances.json")
    found = np.zeros_like(document.label_map, dtype=bool)
    for row in coco.loadAnns(coco.getAnnIds()):
        found |= coco.annToMask(row).astype(bool)
    things = [s.segment_id for s in document.segments.values() if taxonomy.category(s.category_id).is_thing]
    assert (found == np.isin(document.label_map, things)).all()


def test_promote_and_switch_follow_in_the_badges(person: StudioPage) -> None:
    person.take_sample(SAMPLE)
    document = person.picture.document
    query = next(iter(document.segments.values())).queries[0]
    person.page.get_by_test_id(f"query-{query}").click()
    person.editing(person.page.get_by_test_id("switch").click)
    assert query in person.picture.document.off
    person.editing(person.page.get_by_test_id("promote").click)
    owners = {q for segment in person.picture.document.segments.values() for q in segment.queries}
    assert query in owners
    person.editing(person.page.get_by_test_id("undo").click)
    person.editing(person.page.get_by_test_id("undo").click)
    assert (person.picture.document.label_map == document.label_map).all()
    assert person.picture.document.segments == document.segments


def bad_files(folder: Path) -> Iterator[Path]:
    (folder / "empty.png").write_bytes(b"")
    yield folder / "empty.png"
    (folder / "notes.jpg").write_text("no picture at all", encoding="utf-8")
    yield folder / "notes.jpg"
    (folder / "drawing.png").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>", encoding="utf-8")
    yield folder / "drawing.png"
    Image.new("RGB", (64, 64)).save(folder / "whole.png")
    (folder / "half.png").write_bytes((folder / "whole.png").read_bytes()[:60])
    yield folder / "half.png"
    bomb = folder / "<img src=x onerror=alert(1)>${alert(1)}.png"
    bomb.write_bytes(declared_png(20_000, 20_000))
    yield bomb


def test_a_bad_file_gets_one_sentence_and_loses_nothing(person: StudioPage, tmp_path: Path) -> None:
    person.take_sample(SAMPLE)
    earlier = person.document_id
    for path in bad_files(tmp_path):
        person.choose_file(path)
        notice = person.page.get_by_test_id("notice").filter(has_text=path.name[:20]).last
        expect(notice).to_be_in_viewport(ratio=1)
        assert notice.inner_text().strip().count("\n") == 0
        assert person.document_id == earlier
    choose_a_query_that_became_a_segment(person)


def test_an_upright_photograph_comes_from_a_turned_file(person: StudioPage, tmp_path: Path) -> None:
    turned = Image.new("RGB", (80, 40), (90, 120, 200))
    exif = turned.getexif()
    exif[0x0112] = 6
    turned.save(tmp_path / "turned 图片.jpg", exif=exif)
    person.take_file(tmp_path / "turned 图片.jpg")
    assert person.picture.image.shape == (80, 40, 3)
    assert person.page.get_by_test_id("document-name").inner_text() == "turned 图片.jpg"


def test_two_people_never_meet(person: StudioPage, other_person: StudioPage) -> None:
    person.take_sample(SAMPLE)
    other_person.take_sample(SAMPLE)
    mine, theirs = person.document_id, other_person.document_id
    assert mine != theirs
    untouched = person.studio.picture(theirs or "").document
    used = next(iter(untouched.segments.values())).queries[0]
    person.page.get_by_test_id(f"query-{used}").click()
    person.editing(person.page.get_by_test_id("switch").click)
    assert person.studio.picture(theirs or "").document is untouched
    other_person.page.reload()
    other_person.page.get_by_test_id("start").wait_for()
    assert other_person.document_id is None
