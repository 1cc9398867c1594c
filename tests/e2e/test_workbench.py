"""The workbench in a real browser: pointing, choosing, the query grid, thresholds, keys, views and notices."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from core.document import Action, Document, Edit, Step, Switch
from core.document.changes import change
from core.inference import shortlist
from core.messages import text
from tests.e2e.canvas import point
from tests.e2e.drawn_studio import DrawnPage, drawn_file
from tests.e2e.studio import SECONDS, asks, wait_until

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

pytestmark = pytest.mark.browser

CAR, CAR_QUERY, CAR_AT = 7, 60, (325, 320)
OTHER_CAR_QUERY = 61
BELOW_QUERY, BELOW_AT = 34, (130, 130)  # below the score threshold
BICYCLE = 33


@pytest.fixture
def page(studio_page: DrawnPage) -> "Page":
    return studio_page.page


def words(page: "Page", test_id: str) -> str:
    return str(page.get_by_test_id(test_id).inner_text())


def segment_ids(page: "Page") -> set[int]:
    rows = page.locator("tr[data-segment]")
    return {int(row) for row in rows.evaluate_all("rows => rows.map((row) => row.dataset.segment)")}


def tiles(page: "Page") -> list[int]:
    """The queries of the grid in the order in which they are shown."""
    return [int(query) for query in page.locator(".tile").evaluate_all("all => all.map((tile) => tile.dataset.query)")]


def focused(locator: "Locator") -> bool:
    return bool(locator.evaluate("node => node === document.activeElement"))


def saved(page: "Page") -> None:
    page.locator("[data-testid=saved][data-mood=saved]").wait_for()


def owner_of(document: Document, query: int) -> int | None:
    return next((number for number, segment in document.segments.items() if query in segment.queries), None)


def test_text_of_the_server_is_never_markup(new_studio_page: Callable[..., DrawnPage]) -> None:
    person, name = new_studio_page(), "<b>drawn<i> street ${1+1}.png"
    person.open_drawn(30, 40, name)
    assert words(person.page, "document-name") == name


def test_pointing_names_the_segment_and_its_query(page: "Page") -> None:
    page.mouse.move(*point(page, *CAR_AT))
    page.get_by_test_id("hover").get_by_text(f"car · segment {CAR} · score 0.93 · query {CAR_QUERY}").wait_for()
    height = page.get_by_test_id("hover").bounding_box()
    page.mouse.move(2, 2)
    page.get_by_text("Point at a segment").wait_for()
    assert page.get_by_test_id("hover").bounding_box() == height


def test_clicking_chooses_segment_row_and_tile(studio_page: DrawnPage) -> None:
    page = studio_page.page
    page.mouse.click(*point(page, *CAR_AT))
    page.locator(f"tr[data-segment='{CAR}'][aria-current=true]").wait_for()
    page.locator(f"[data-testid=query-{CAR_QUERY}][aria-selected=true]").wait_for()
    assert words(page, "fact-area").startswith(f"{(studio_page.label_map == CAR).sum():,} px")


def test_a_tile_far_down_is_chosen_by_one_click(page: "Page") -> None:
    """The list gets the focus with the click, and must not scroll to where the arrow keys stand under the button."""
    page.get_by_test_id("query-order").select_option("id")
    for query in (99, 1, 98):
        page.get_by_test_id(f"query-{query}").click()
        page.locator(f"[data-testid=query-{query}][aria-selected=true]").wait_for(timeout=10 * SECONDS)
        page.get_by_test_id("stage").focus()


def test_arrow_keys_walk_the_grid_in_two_dimensions(page: "Page") -> None:
    order = tiles(page)
    grid = page.get_by_test_id("queries")
    columns = int(grid.evaluate("list => getComputedStyle(list).gridTemplateColumns.split(' ').length"))
    grid.focus()
    for key in ("ArrowRight", "ArrowDown", "ArrowDown", "ArrowUp", "Enter"):
        page.keyboard.press(key)
    page.get_by_test_id("distribution").wait_for()
    assert words(page, "inspector-title") == f"Query {order[columns + 1]}"
    assert focused(grid)


@pytest.fixture
def fates() -> dict[int, str]:
    """A query of each fate, and how the sentence about it begins."""
    return {
        BELOW_QUERY: "Unused: traffic sign",
        33: "Unused: others won",
        CAR_QUERY: f"Became segment {CAR}",
        51: "Its pixels joined segment 2",
        0: 'Unused: "no',
    }


def test_each_query_says_what_became_of_it(page: "Page", fates: dict[int, str]) -> None:
    for query, start in fates.items():
        page.get_by_test_id(f"query-{query}").click()
        page.get_by_test_id("fate").filter(has_text=start).wait_for()
        assert words(page, "inspector-title") == f"Query {query}"


def test_filter_and_sort(studio_page: DrawnPage) -> None:
    page = studio_page.page
    page.get_by_test_id("query-show").select_option("used")
    owned = {query for segment in studio_page.document.segments.values() for query in segment.queries}
    assert set(tiles(page)) == owned
    page.get_by_test_id("query-class").select_option("26")
    page.get_by_test_id("query-order").select_option("id")
    assert tiles(page) == [17, CAR_QUERY, OTHER_CAR_QUERY]


@pytest.fixture
def held_edits(page: "Page") -> Iterator[list[Any]]:
    """The first edit waits here until the test lets it go; those after it are let through and counted."""
    edits: list[Any] = []

    def hold(route: Any) -> None:
        is_edit = asks("edit")(route.request)
        edits.extend([route] * is_edit)
        if not is_edit or len(edits) > 1:
            route.continue_()

    page.route("**/component_server/**", hold)
    yield edits
    page.unroute_all(behavior="ignoreErrors")


def test_a_drag_sends_one_request_at_a_time_and_is_one_undo(studio_page: DrawnPage, held_edits: list[Any]) -> None:
    page = studio_page.page
    slider = page.get_by_test_id("threshold-score")
    box = slider.bounding_box()
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] * 0.8, middle)
    page.mouse.down()
    for step in range(1, 13):
        page.mouse.move(box["x"] + box["width"] * (0.8 + step * 0.01), middle)
    page.mouse.up()
    wanted = float(slider.input_value())
    assert wanted > 0.88
    wait_until(page, lambda: len(held_edits) == 1)
    held_edits[0].continue_()
    wait_until(page, lambda: studio_page.document.settings.score_threshold == wanted)
    saved(page)
    assert float(slider.input_value()) == wanted
    assert len(held_edits) == 2  # the first place and the last
    assert len(studio_page.picture.history.done) == 1
    assert segment_ids(page) == set(studio_page.document.segments)


def test_relabel_delete_promote_undo_redo_with_keys(studio_page: DrawnPage) -> None:
    page, first = studio_page.page, studio_page.document
    page.mouse.click(*point(page, *CAR_AT))
    page.get_by_test_id("shortlist").get_by_role("button").nth(8).wait_for()
    page.get_by_test_id("stage").focus()
    studio_page.editing(lambda: page.keyboard.press("2"))
    second, _ = shortlist(studio_page.picture.prediction, [CAR_QUERY])[1]
    assert studio_page.document.segments[CAR].category_id == second
    studio_page.editing(lambda: page.keyboard.press("Delete"))
    assert CAR not in studio_page.document.segments
    page.get_by_test_id(f"query-{BELOW_QUERY}").click()
    studio_page.editing(page.get_by_test_id("promote").click)
    assert owner_of(studio_page.document, BELOW_QUERY) in segment_ids(page)
    for _ in range(3):
        studio_page.editing(lambda: page.keyboard.press("Control+z"))
    assert (studio_page.label_map == first.label_map).all()
    assert dict(studio_page.document.segments) == dict(first.segments)
    assert segment_ids(page) == set(first.segments)
    assert page.get_by_test_id("undo").is_disabled()
    assert page.get_by_test_id("redo").get_attribute("title") == "Redo: new class for a segment"
    studio_page.editing(lambda: page.keyboard.press("Control+Shift+Z"))
    assert studio_page.document.segments[CAR].category_id == second


def test_keys_leave_text_fields_alone(studio_page: DrawnPage) -> None:
    page, before = studio_page.page, studio_page.version
    page.get_by_test_id(f"segment-{CAR}").click()
    page.keyboard.press("c")
    search = page.get_by_test_id("category-search")
    assert focused(search)
    page.keyboard.type("2v")
    assert search.input_value() == "2v"
    assert studio_page.version == before
    search.fill("bicy")
    studio_page.editing(lambda: page.keyboard.press("Enter"))
    assert studio_page.document.segments[CAR].category_id == BICYCLE
    assert len(studio_page.picture.history.done) == 1


def edit_elsewhere(person: DrawnPage, edit: Edit) -> None:
    """As another page of the same person does it."""
    picture = person.picture
    with picture.lock:
        step = Step(Action.APPLY, edit, None, change(picture.document, edit, picture.prediction))
        picture.take(step, "elsewhere")


def test_an_edit_on_a_stale_version_is_made_on_the_newest(studio_page: DrawnPage) -> None:
    page = studio_page.page
    edit_elsewhere(studio_page, Switch(OTHER_CAR_QUERY, on=False))
    page.get_by_test_id(f"query-{CAR_QUERY}").click()
    page.get_by_test_id("switch").click()
    page.get_by_test_id("notice").filter(has_text="loaded again").wait_for()
    saved(page)
    assert studio_page.document.off == {CAR_QUERY, OTHER_CAR_QUERY}
    assert studio_page.version == str(studio_page.document.version)
    assert segment_ids(page) == set(studio_page.document.segments)


def test_a_refused_picture_keeps_the_open_one(studio_page: DrawnPage) -> None:
    page = studio_page.page
    page.get_by_test_id("new-picture").click()
    chooser = page.get_by_test_id("chooser").get_by_test_id("file-input")
    half = drawn_file((480, 640))[:5000]
    chooser.set_input_files({"name": "broken.png", "mimeType": "image/png", "buffer": half})
    page.get_by_text(text("error.picture_damaged", name="broken.png")).wait_for()
    assert words(page, "document-name") == "street.png"
    page.get_by_test_id("notice-dismiss").click()
    assert words(page, "notice") == ""


def test_export_is_saved_under_its_name(studio_page: DrawnPage) -> None:
    page = studio_page.page
    with page.expect_download() as download:
        page.get_by_test_id("export").click()
    assert download.value.suggested_filename == "street_coco.zip"
    page.get_by_test_id("notice").filter(has_text=f"Exported {len(studio_page.document.segments)} segments").wait_for()


def test_views(page: "Page") -> None:
    for view in ("semantic", "instances"):
        with page.expect_request(asks(view)):
            page.get_by_test_id(f"view-{view}").click()
        page.locator(f"[data-testid=workbench][data-view={view}]").wait_for()
    page.get_by_test_id("view-query").click()
    page.locator("[data-testid=workbench][data-view=query]").wait_for()
    page.get_by_test_id(f"query-{BELOW_QUERY}").click()
    page.get_by_test_id("distribution").wait_for()
    page.mouse.move(*point(page, *BELOW_AT))
    page.get_by_text(f"Query {BELOW_QUERY} · mask probability here 1.00").wait_for()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_phone_needs_no_sideways_scrolling(new_studio_page: Callable[..., DrawnPage], theme: str) -> None:
    person = new_studio_page(390, 844, theme=theme)
    person.open_drawn()
    for tab in ("queries", "inspector", "segments"):
        person.page.get_by_test_id(f"tab-{tab}").click()
        assert person.page.evaluate("document.documentElement.scrollWidth") <= 390
