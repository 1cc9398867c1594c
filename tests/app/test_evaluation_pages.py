"""The page of an evaluation: what its layers show, what its folder holds, and how it reads in a browser."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from app.evaluation_pages import PageTitle, write_pages
from app.evaluation_pages.markup import Markup, join, tag
from app.evaluation_pages.sections import confusion
from app.evaluation_pages.views import MISSED, RIGHT, WRONG, Canvas, draw_errors, draw_segments
from core.evaluation.comparison import Predicted
from core.evaluation.overlaps import SegmentedPicture, overlaps
from core.evaluation.panoptic_quality import match
from core.evaluation.report import THOROUGH, Report, evaluate
from core.formats.panoptic_dataset import DatasetPicture, PanopticDataset, read_panoptic_dataset
from core.masks import area, box_xyxy, encode
from core.types import Category, Instance, InstanceResult, Taxonomy
from tests.annotated import CAR, PERSON, ROAD, SKY, TAXONOMY, segments, write_dataset

if TYPE_CHECKING:
    from playwright.sync_api import Browser

TITLE = PageTitle("<model>", "drawn & more", "val")


def scene(shift: int) -> tuple[NDArray[np.int32], dict[int, int]]:
    """Sky over road, a car and a person on it; the prediction of picture n is the scene moved by n."""
    ids = np.full((60, 90), 4, dtype=np.int32)
    ids[25:], ids[30 : 30 + 20, 8 + shift : 40 + shift], ids[20:50, 60 + shift : 66 + shift] = 3, 1, 2
    return ids, {1: CAR, 2: PERSON, 3: ROAD, 4: SKY}


def predict(picture: DatasetPicture) -> Predicted:
    ids, names = scene(2 * (picture.image_id - 1))
    classes = np.zeros_like(ids)
    for segment_id, category_id in names.items():
        classes[ids == segment_id] = TAXONOMY.class_index(category_id)
    masks = [encode(ids == segment_id) for segment_id in names]
    found = [Instance(i, names[i + 1], 0.9, area(masks[i]), box_xyxy(masks[i]), masks[i]) for i in range(2)]
    return Predicted(ids, segments(ids, names), classes, InstanceResult(ids.shape, tuple(found)), masks)


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> PanopticDataset:
    """Five times the same scene; the fourth picture's source did not label cars."""
    folder = write_dataset(tmp_path_factory.mktemp("data"), [scene(0)] * 5, not_exhaustive=[[], [], [], [CAR]])
    return read_panoptic_dataset(folder, "val")


@pytest.fixture(scope="module")
def report(dataset: PanopticDataset) -> Report:
    return evaluate(predict, dataset, measures=THOROUGH)


@pytest.fixture(scope="module")
def page(dataset: PanopticDataset, report: Report, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pages") / "new" / "folder"
    return write_pages(folder, report, dataset, predict, TITLE, count=2)


class Reader(HTMLParser):
    """Notes what a document refers to and that every element is closed."""

    def __init__(self) -> None:
        super().__init__()
        self.references: list[str] = []
        self.open: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.references += [value or "" for name, value in attrs if name in ("src", "href")]
        if tag not in ("img", "meta", "link"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def read(page: Path) -> Reader:
    reader = Reader()
    reader.feed(page.read_text(encoding="utf-8"))
    assert reader.open == []
    return reader


def test_text_is_escaped_and_markup_is_not() -> None:
    assert tag("p", "a < b & c", None, [Markup("<br>")], title='"', hidden=True, class_="x", id=None) == (
        '<p title="&quot;" hidden class="x">a &lt; b &amp; c<br></p>'
    )
    assert join(["a", ("b", None)]) == "ab"


def test_the_folder_is_whole_and_refers_to_nothing_outside(page: Path, report: Report) -> None:
    reader = read(page)
    links = [name for name in reader.references if not name.startswith("#")]
    assert all((page.parent / name).is_file() for name in links)
    on_disk = {path.relative_to(page.parent).as_posix() for path in page.parent.rglob("*") if path.is_file()}
    assert on_disk == {*links, "index.html"}
    assert "http" not in page.read_text(encoding="utf-8")
    assert json.loads((page.parent / "figures.json").read_text(encoding="utf-8")) == report.to_json()
    assert "<model> on drawn & more, val" in reader.text


def test_the_worst_and_the_best_are_shown_in_order(page: Path) -> None:
    shown = re.findall(r"pictures/((?:worst|best)_\d\d_\d)\.jpg", page.read_text(encoding="utf-8"))
    assert list(dict.fromkeys(shown)) == ["worst_01_4", "worst_02_3", "best_01_0", "best_02_1"]


def test_a_class_that_is_not_labelled_is_shown_and_named_as_such(
    dataset: PanopticDataset, report: Report, tmp_path: Path
) -> None:
    page = write_pages(tmp_path, report, dataset, predict, TITLE, count=3)
    cards = page.read_text(encoding="utf-8").split("<article")[1:]
    remarks = {
        re.search(r"<h3>(.*?)</h3>", card)[1]: re.findall(r"</i>(\w+)<small>not labelled", card) for card in cards
    }
    assert remarks == {"4.png": [], "3.png": ["car"], "2.png": [], "0.png": [], "1.png": []}


def test_errors_show_who_is_right_wrong_and_missed() -> None:
    truth, guess = np.zeros((80, 80), dtype=np.int32), np.zeros((80, 80), dtype=np.int32)
    truth[:20], truth[30:50, :20], truth[60:, :20] = 1, 2, 3
    guess[:18], guess[30:50, 40:60], guess[60:, :20] = 1, 2, 3
    true_picture = SegmentedPicture(truth, segments(truth, {1: ROAD, 2: CAR, 3: CAR}), void_is_background=True)
    predicted = SegmentedPicture(guess, segments(guess, {1: ROAD, 2: CAR, 3: PERSON}))
    layer = draw_errors(true_picture, predicted, match(overlaps(true_picture, predicted), TAXONOMY))
    scale = layer.shape[0] // 80

    def at(y: int, x: int) -> list[int]:
        return layer[y * scale + scale // 2, x * scale + scale // 2].tolist()

    def colors(y: int, x: int) -> set[tuple[int, ...]]:
        block = layer[y * scale : (y + 8) * scale, x * scale : (x + 8) * scale, :3]
        return {tuple(color) for color in block.reshape(-1, 3).tolist()}

    assert at(10, 40) == [0, 0, 0, 0], "a match is clear inside"
    assert layer[18 * scale - 1, 40 * scale, :3].tolist() == list(RIGHT)
    assert at(19, 40)[:3] == list(MISSED), "what the match leaves out"
    assert at(40, 10)[:3] == list(MISSED)
    assert at(40, 30) == [0, 0, 0, 0], "background"
    assert colors(36, 46) == {WRONG, (0, 0, 0)}, "hatched"
    assert colors(66, 6) == {WRONG, MISSED}, "the wrong class: both"


def test_unlabelled_pixels_are_dark_and_background_is_clear() -> None:
    ids = np.zeros((40, 40), dtype=np.int32)
    ids[:20] = 1
    for void_is_background, opacity in ((False, 150), (True, 0)):
        picture = SegmentedPicture(ids, segments(ids, {1: CAR}), void_is_background=void_is_background)
        assert draw_segments(picture, TAXONOMY)[-1, 0, 3] == opacity


@pytest.mark.parametrize(
    ("size_hw", "drawn_hw"),
    [((256, 320), (768, 960)), ((800, 600), (800, 600)), ((5000, 10), (1280, 2)), ((1, 1), (720, 720))],
)
def test_layers_are_neither_tiny_nor_huge(size_hw: tuple[int, int], drawn_hw: tuple[int, int]) -> None:
    ids = np.ones(size_hw, dtype=np.int32)
    canvas = Canvas.of(size_hw)
    assert canvas.view(ids).shape == drawn_hw
    assert (canvas.rows.max(), canvas.columns.max()) < size_hw


def test_many_classes_are_confused_in_a_small_matrix() -> None:
    taxonomy = Taxonomy("many", tuple(Category(i + 1, f"class {i}", True, (i, i, i)) for i in range(40)))
    counts = np.zeros((40, 41), dtype=np.int64)
    np.fill_diagonal(counts[:, 1:], 1000)
    counts[7, 1 + 30] = 500
    counts[39] = 0
    written = confusion(counts, taxonomy)
    assert written.count("<tr>") == 1 + 24
    assert '<th scope="row">class 7</th>' in written
    assert "class 7 → class 30" in written
    assert '<th scope="row">class 39</th>' not in written


def test_an_evaluation_of_nothing_still_has_a_page(tmp_path: Path) -> None:
    dataset = read_panoptic_dataset(write_dataset(tmp_path / "data", []), "val")
    page = write_pages(tmp_path / "pages", evaluate(predict, dataset), dataset, predict, TITLE)
    assert "0 pictures" in read(page).text


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1400])
def test_the_page_reads_at_any_width_in_light_and_dark(
    chromium: "Browser", page: Path, width: int, scheme: str
) -> None:
    tab = chromium.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
    asked: list[str] = []
    tab.on("request", lambda request: asked.append(request.url))
    tab.goto(page.as_uri())
    assert all(url.startswith("file:") for url in asked)
    assert tab.evaluate("document.documentElement.scrollWidth") <= width
    assert tab.evaluate("[...document.images].every((image) => image.complete && image.naturalWidth > 0)")
    ground = tab.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (int(re.findall(r"\d+", ground)[0]) > 128) == (scheme == "light")
    layers = tab.locator(".layers").first
    layers.hover()
    tab.wait_for_function("getComputedStyle(document.querySelector('.layer')).opacity === '0'")
    tab.close()


def test_photographs_are_the_data_set_s(page: Path) -> None:
    photo = np.asarray(Image.open(page.parent / "pictures" / "worst_01_4.jpg"))
    assert photo.shape == (60, 90, 3)
    assert abs(photo.astype(int) - 128).max() < 4
