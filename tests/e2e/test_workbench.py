"""The workbench in a real browser, against a stand-in that speaks the protocol about a drawn street."""

import base64
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import gradio as gr
import numpy as np
import pytest

from app.theme import studio_theme
from app.workbench import Workbench
from tests.e2e.canvas import canvas_pixels, native_pixels, point
from tests.e2e.stand_in import DOCUMENT, StandIn, png

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

pytestmark = pytest.mark.browser

PATIENCE = 60_000  # milliseconds; a busy machine is slow, a broken page never gets there
MIDDLE_CAR = 61  # query 60


def build_page(stand_in: StandIn) -> gr.Blocks:
    """The workbench alone; the sample opens the street, and a file named ``broken.png`` is refused."""
    thumbnail = "data:image/png;base64," + base64.b64encode(png(stand_in.image[::8, ::8])).decode()

    def open_picture(event: gr.EventData) -> dict[str, Any]:
        ticket = {"ticket": event._data["ticket"]}
        if "pending" in event._data and stand_in.file_names[-1] == "broken.png":
            return ticket | {"error": "broken.png ends in the middle of the picture.", "nonce": len(stand_in.asked)}
        return ticket | {"document": DOCUMENT, "language": "en"}

    with gr.Blocks(fill_width=True) as page:
        samples = [{"name": "street", "title": "A drawn street", "thumbnail": thumbnail}]
        workbench = Workbench(answer=stand_in.answer, samples=samples)
        workbench.picture(open_picture, None, workbench, show_progress="hidden")
    return page


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[StandIn, str]]:
    stand_in = StandIn()
    demo = build_page(stand_in)
    _, address, _ = demo.launch(prevent_thread_lock=True, theme=studio_theme(), ssr_mode=False, quiet=True)
    yield stand_in, address
    demo.close()


@pytest.fixture
def stand_in(served: tuple[StandIn, str]) -> StandIn:
    served[0].restart()
    return served[0]


@pytest.fixture
def new_page(chromium: "Browser", served: tuple[StandIn, str], stand_in: StandIn) -> Iterator[Callable[..., "Page"]]:
    """Opens pages that fail the test if the browser reports an error."""
    pages: list[Page] = []
    errors: list[str] = []

    def open_page(width: int = 1400, height: int = 1000, address: str = "") -> "Page":
        page = chromium.new_page(viewport={"width": width, "height": height})
        page.set_default_timeout(PATIENCE)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(served[1] + address)
        pages.append(page)
        return page

    yield open_page
    for page in pages:
        page.close()
    assert not errors


@pytest.fixture
def page(new_page: Callable[..., "Page"]) -> "Page":
    """The street, opened from its sample, its query grid filled."""
    return opened(new_page())


def opened(page: "Page") -> "Page":
    page.get_by_test_id("sample-street").click()
    page.locator(f"[data-ready='{DOCUMENT}'][data-queries='{DOCUMENT}']").wait_for()
    return page


def version(page: "Page", number: int) -> None:
    page.locator(f"[data-version='{number}']").wait_for()


def words(page: "Page", test_id: str) -> str:
    return page.get_by_test_id(test_id).inner_text()


def segment_ids(page: "Page") -> set[int]:
    rows = page.locator("tr[data-segment]")
    return {int(row) for row in rows.evaluate_all("rows => rows.map((row) => row.dataset.segment)")}


def focused(locator: "Locator") -> bool:
    return bool(locator.evaluate("node => node === document.activeElement"))


def test_canvas_shows_the_label_map_to_the_pixel(page: "Page", stand_in: StandIn) -> None:
    page.get_by_test_id("show-outlines").click()
    page.get_by_test_id("opacity").focus()
    page.keyboard.press("End")
    labels, _ = stand_in.label_map()
    colors = np.zeros((int(labels.max()) + 1, 4), np.uint8)
    for row in stand_in.answer({"name": "open"}, None, "")["state"]["segments"]:
        colors[row["segment_id"]] = (*row["color"], 255)
    pixels, shown = canvas_pixels(page), native_pixels(page, labels.shape)
    assert np.array_equal(pixels[shown >= 0], colors[labels.ravel()[shown[shown >= 0]]])
    assert not pixels[shown < 0].any()
    assert np.array_equal(np.unique(shown[shown >= 0]), np.arange(labels.size))


def test_text_of_the_server_is_never_markup(page: "Page") -> None:
    assert words(page, "document-name") == "<b>drawn</b> street ${1+1}.png"


def test_pointing_names_the_segment_and_its_query(page: "Page") -> None:
    page.mouse.move(*point(page, 325, 320))
    page.get_by_test_id("hover").get_by_text("car · segment 61 · score 0.93 · query 60").wait_for()
    height = page.get_by_test_id("hover").bounding_box()
    page.mouse.move(2, 2)
    page.get_by_text("Point at a segment").wait_for()
    assert page.get_by_test_id("hover").bounding_box() == height


def test_clicking_chooses_segment_row_and_tile(page: "Page") -> None:
    page.mouse.click(*point(page, 325, 320))
    assert page.get_by_test_id(f"segment-{MIDDLE_CAR}").get_attribute("aria-current") == "true"
    assert page.get_by_test_id("query-60").get_attribute("aria-selected") == "true"
    assert words(page, "fact-area").startswith(f"{13_267:,} px")


def test_arrow_keys_walk_the_grid_in_two_dimensions(page: "Page") -> None:
    order = page.locator(".tile").evaluate_all("tiles => tiles.map((tile) => tile.dataset.query)")
    columns = page.get_by_test_id("queries").evaluate(
        "list => getComputedStyle(list).gridTemplateColumns.split(' ').length"
    )
    page.get_by_test_id("queries").focus()
    for key in ("ArrowRight", "ArrowDown", "ArrowDown", "ArrowUp", "Enter"):
        page.keyboard.press(key)
    page.get_by_test_id("distribution").wait_for()
    assert words(page, "inspector-title") == f"Query {order[columns + 1]}"
    assert focused(page.get_by_test_id("queries"))


def test_each_query_says_what_became_of_it(page: "Page") -> None:
    for query, start in (
        (34, "Unused: traffic sign"),
        (33, "Unused: others won"),
        (60, "Became segment 61"),
        (0, "Unused: “no"),
    ):
        page.get_by_test_id(f"query-{query}").click()
        assert words(page, "fate").replace('"', "“").startswith(start)


def test_filter_and_sort(page: "Page", stand_in: StandIn) -> None:
    page.get_by_test_id("query-show").select_option("used")
    assert page.locator(".tile").count() == len(stand_in.label_map()[1])
    page.get_by_test_id("query-class").select_option("26")
    page.get_by_test_id("query-order").select_option("id")
    assert page.locator(".tile-number").all_inner_texts() == ["17", "60", "61"]


def test_a_drag_sends_one_request_at_a_time_and_is_one_undo(page: "Page", stand_in: StandIn) -> None:
    stand_in.seconds = 0.15
    slider = page.get_by_test_id("threshold-score")
    box = slider.bounding_box()
    assert box is not None
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] * 0.8, middle)
    page.mouse.down()
    for step in range(1, 13):
        page.mouse.move(box["x"] + box["width"] * (0.8 + step * 0.01), middle)
    page.mouse.up()
    wanted = float(slider.input_value())
    page.locator("[data-testid=workbench][aria-busy=false]").wait_for()
    page.wait_for_function(
        "value => document.querySelector('[data-testid=threshold-score]').value === value", arg=str(wanted)
    )
    assert stand_in.now.score == pytest.approx(wanted)
    assert wanted > 0.88
    assert stand_in.most_running == 1
    assert stand_in.asked.count("edit") < 12
    assert len(stand_in.past) == 1
    assert segment_ids(page) == set(stand_in.label_map()[1])


def test_relabel_delete_promote_undo_redo_with_keys(page: "Page", stand_in: StandIn) -> None:
    page.mouse.click(*point(page, 325, 320))
    page.get_by_test_id("shortlist").get_by_role("button").nth(8).wait_for()
    page.get_by_test_id("stage").focus()
    page.keyboard.press("2")
    version(page, 1)
    distribution = stand_in.answer({"name": "query", "query": 60}, None, "")["distribution"]
    second = [row["category_id"] for row in distribution if row["category_id"] is not None][1]
    assert stand_in.now.classes == {60: second}
    page.keyboard.press("Delete")
    version(page, 2)
    assert MIDDLE_CAR not in segment_ids(page)
    page.get_by_test_id("query-34").click()
    page.get_by_test_id("promote").click()
    version(page, 3)
    assert 35 in segment_ids(page)
    for number in (4, 5, 6):
        page.keyboard.press("Control+z")
        version(page, number)
    assert stand_in.now.classes == {}
    assert MIDDLE_CAR in segment_ids(page)
    assert page.get_by_test_id("undo").is_disabled()
    assert page.get_by_test_id("redo").get_attribute("title") == f"Redo: change the class of segment {MIDDLE_CAR}"
    page.keyboard.press("Control+Shift+Z")
    version(page, 7)
    assert stand_in.now.classes == {60: second}


def test_keys_leave_text_fields_alone(page: "Page", stand_in: StandIn) -> None:
    page.get_by_test_id(f"segment-{MIDDLE_CAR}").click()
    page.keyboard.press("c")
    assert focused(page.get_by_test_id("category-search"))
    page.keyboard.type("2v")
    assert "edit" not in stand_in.asked
    page.get_by_test_id("category-search").fill("bicy")
    page.keyboard.press("Enter")
    version(page, 1)
    assert stand_in.now.classes == {60: 33}


def test_a_stale_version_reloads_and_says_so(page: "Page", stand_in: StandIn) -> None:
    stand_in.version += 5
    page.get_by_test_id("query-60").click()
    page.get_by_test_id("switch").click()
    version(page, 5)
    assert "loaded again" in words(page, "notice")
    page.get_by_test_id("switch").click()
    version(page, 6)
    assert stand_in.now.off == {60}


def test_a_refused_picture_keeps_the_open_one(page: "Page", stand_in: StandIn) -> None:
    page.get_by_test_id("new-picture").click()
    chooser = page.get_by_test_id("chooser").get_by_test_id("file-input")
    chooser.set_input_files({"name": "broken.png", "mimeType": "image/png", "buffer": b"PNG"})
    page.get_by_text("broken.png ends in the middle of the picture.").wait_for()
    assert words(page, "document-name").startswith("<b>drawn")
    page.get_by_test_id("notice-dismiss").click()
    assert words(page, "notice") == ""


def test_export_is_saved_under_its_name(page: "Page") -> None:
    with page.expect_download() as download:
        page.get_by_test_id("export").click()
    assert download.value.suggested_filename == "street_coco.zip"
    assert words(page, "notice").startswith("Exported the drawn street")


def test_views(page: "Page", stand_in: StandIn) -> None:
    for view, name in (("semantic", "semantic"), ("instances", "instances"), ("query", "query")):
        page.get_by_test_id(f"view-{view}").click()
        page.locator(f"[data-testid=workbench][data-view={view}]").wait_for()
        if view == "query":
            page.get_by_test_id("query-34").click()
            page.get_by_test_id("distribution").wait_for()
        assert name in stand_in.asked
    page.mouse.move(*point(page, 130, 130))
    page.get_by_text("Query 34 · mask probability here 1.00").wait_for()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_phone_needs_no_sideways_scrolling(new_page: Callable[..., "Page"], theme: str) -> None:
    page = opened(new_page(390, 844, f"?__theme={theme}"))
    for tab in ("queries", "inspector", "segments"):
        page.get_by_test_id(f"tab-{tab}").click()
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
