"""The page in the visitor's language: which it is, that it can be changed at any time, and that nothing is left out."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from app.settings import Settings
from core.messages import text
from tests.e2e.canvas import point
from tests.e2e.drawn_studio import DrawnPage, opened_pages, running_drawn_studio
from tests.e2e.explaining import open_panel
from tests.e2e.hand import CAR_AT, STROKE, choose, drag, saved, take
from tests.e2e.sayings import chinese, cut_words, english
from tests.e2e.studio import SECONDS

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

NewPage = Callable[..., DrawnPage]
LOOKS = [(1400, "light"), (1400, "dark"), (390, "light"), (390, "dark")]
PANELS = ("pixel", "views", "assembly", "matching", "doubt")
VIEWS = ("semantic", "instances", "query", "panoptic")


def speak(person: DrawnPage, code: str) -> None:
    person.page.get_by_test_id("language").select_option(code)


def html_lang(person: DrawnPage) -> str:
    return str(person.page.evaluate("document.documentElement.lang"))


def names_of(person: DrawnPage) -> set[str]:
    """What is called the same in every language: classes, files, models, who took the samples."""
    classes = {category.name for category in person.document.taxonomy.categories}
    return {*classes, "street.png", "Drawn street", "drawings", "drawn", "OpenCV", "Daniel Büchele", "CC BY CC0"}


@pytest.mark.parametrize(
    ("locale", "tag", "drop"),
    [
        ("en-GB", "en", "Drop, paste or choose a picture"),
        ("zh-CN", "zh-Hans", "拖入、粘贴或选择图片"),
        ("zh-TW", "zh-Hans", "拖入、粘贴或选择图片"),
        ("fr-FR", "en", "Drop, paste or choose a picture"),
    ],
)
def test_the_browser_says_which_language(new_studio_page: NewPage, locale: str, tag: str, drop: str) -> None:
    person = new_studio_page(locale=locale)
    person.page.get_by_text(drop).wait_for()
    assert html_lang(person) == tag
    person.page.get_by_text(text("app.model.card", tag[:2]), exact=True).wait_for()
    assert person.page.get_by_test_id("language").locator("option").all_inner_texts() == ["English", "简体中文"]


@pytest.fixture(scope="module")
def chinese_page(chromium: Any) -> Iterator[NewPage]:
    """Pages of a server whose own language is Chinese."""
    settings = Settings(device="cpu", open_browser=False, language="zh")
    with running_drawn_studio(settings=settings) as studio, opened_pages(chromium, studio) as open_page:
        yield open_page


def test_the_server_s_language_is_for_whom_no_language_suits(chinese_page: NewPage) -> None:
    assert html_lang(chinese_page(locale="fr-FR")) == "zh-Hans"
    assert html_lang(chinese_page(locale="en-US")) == "en"


def test_what_was_chosen_is_remembered_by_this_browser_alone(new_studio_page: NewPage) -> None:
    person, other = new_studio_page(), new_studio_page()
    menu = person.page.get_by_test_id("language")
    menu.focus()
    person.page.keyboard.press("End")
    person.page.get_by_text("拖入、粘贴或选择图片").wait_for()
    person.visit()
    assert html_lang(person) == "zh-Hans"
    assert menu.input_value() == "zh"
    other.visit()
    assert html_lang(other) == "en"


def state_of(person: DrawnPage) -> dict[str, Any]:
    page = person.page
    ids = ("tool-brush", "mode-subtract", "show-outlines", "view-panoptic")
    marks = [page.get_by_test_id(name).evaluate("node => [node.ariaChecked, node.ariaPressed].join()") for name in ids]
    return {
        "document": person.document_id,
        "version": person.version,
        "chosen": page.locator("tr[aria-current]").get_attribute("data-segment"),
        "place": point(page, *CAR_AT),
        "query": page.locator(".tile[aria-selected=true]").get_attribute("data-query"),
        "size": page.get_by_test_id("brush-size").input_value(),
        "order": page.get_by_test_id("query-order").input_value(),
        "marks": marks,
        "picture": page.get_by_role("img").count(),
    }


def undo_title(code: str, segment_id: str) -> str:
    return text("app.history.undo_what", code, what=text("app.edit.paint_segment", code, segment_id=segment_id))


def show_tab(page: "Page", name: str) -> bool:
    """Where panels share one place."""
    tab = page.get_by_test_id(f"tab-{name}")
    if tab.is_visible():
        tab.click()
    return bool(tab.is_visible())


def worked_on(person: DrawnPage) -> None:
    """A picture in the middle of work: zoomed, a segment chosen and painted on, a tool in hand."""
    page = person.page
    person.open_drawn()
    choose(person, CAR_AT)
    take(page, "brush", 15)
    person.editing(lambda: drag(page, STROKE))
    saved(page)
    page.get_by_test_id("stage").focus()
    page.keyboard.press("+")
    page.get_by_test_id("mode-subtract").click()
    page.get_by_test_id("show-outlines").click()
    show_tab(page, "queries")
    page.get_by_test_id("query-order").select_option("area")


def test_another_language_keeps_the_picture_and_everything_in_it(new_studio_page: NewPage) -> None:
    person = new_studio_page()
    page = person.page
    worked_on(person)
    before, label_map = state_of(person), person.label_map
    speak(person, "zh")
    assert page.get_by_test_id("undo").get_attribute("title") == undo_title("zh", before["chosen"])
    assert state_of(person) == before
    speak(person, "en")
    assert page.get_by_test_id("undo").get_attribute("title") == undo_title("en", before["chosen"])
    assert state_of(person) == before
    assert (person.label_map == label_map).all()
    person.editing(lambda: page.get_by_test_id("undo").click())


def test_what_the_server_says_is_in_the_visitor_s_language(new_studio_page: NewPage) -> None:
    one, other = new_studio_page(locale="zh-CN"), new_studio_page()
    for person, code in ((one, "zh"), (other, "en")):
        broken = {"name": "broken.png", "mimeType": "image/png", "buffer": b"\x89PNG\r\n\x1a\nnothing"}
        person.choose_file(broken)
        person.page.get_by_text(text("error.picture_damaged", code, name="broken.png")).wait_for()
        worked_on(person)
        segment = int(person.page.locator("tr[aria-current]").get_attribute("data-segment"))
        person.editing(lambda person=person: person.page.get_by_test_id("undo").click())
        stroke = text("app.edit.paint_segment", code, segment_id=segment)
        person.page.get_by_text(text("app.done.undo", code, what=stroke)).wait_for()


def open_panels(person: DrawnPage, look: Callable[[str], None]) -> None:
    """Brings everything on screen that there is, one after the other."""
    page = person.page
    for view in VIEWS:
        page.get_by_test_id(f"view-{view}").click()
        page.locator(f"[data-testid=workbench][data-view={view}]").wait_for()
        look(view)
    for tab in ("segments", "inspector", "queries"):
        if show_tab(page, tab):
            look(tab)
    for name in ("shape", "look"):
        page.get_by_test_id(name).click()
        look(name)
        page.keyboard.press("Escape")
    page.get_by_test_id("stage").focus()
    for key in ("?", "m"):
        page.keyboard.press(key)
        page.locator("dialog[open]").wait_for()
        look(key)
        page.keyboard.press("Escape")
    for door in ("categories-open", "import-open", "new-picture"):
        page.get_by_test_id(door).click()
        page.locator("dialog[open]").wait_for()
        look(door)
        page.keyboard.press("Escape")
    page.get_by_test_id("tool-smart").click()
    page.mouse.move(*point(page, *CAR_AT))
    look("smart")
    show_tab(page, "queries")
    page.get_by_test_id("query-3").click()
    page.get_by_test_id("distribution").wait_for(state="attached")
    look("a query")
    for panel in PANELS:
        open_panel(person, panel)
        look(panel)
    page.get_by_test_id("explain-close").click()


@pytest.mark.parametrize(("width", "theme"), LOOKS)
def test_nothing_is_left_in_english(new_studio_page: NewPage, width: int, theme: str) -> None:
    person = new_studio_page(width, 1000, theme)
    worked_on(person)
    open_panels(person, lambda where: None)
    show_tab(person.page, "inspector")
    person.page.get_by_test_id("stage").focus()
    person.page.keyboard.press("Tab")  # the first doubtful segment, with its reasons
    person.page.get_by_test_id("reasons").locator("li").first.wait_for(state="attached")
    speak(person, "zh")
    names = names_of(person)

    def look(where: str) -> None:
        assert english(person.page, names) == [], where
        assert cut_words(person.page) == [], where

    look("where the language was changed")
    open_panels(person, look)
    speak(person, "en")
    assert chinese(person.page) == []


@pytest.mark.parametrize("width", [1400, 390])
def test_the_start_screen_is_wholly_chinese(new_studio_page: NewPage, width: int) -> None:
    person = new_studio_page(width)
    person.open_drawn()
    names = names_of(person)
    person.visit()
    person.page.get_by_test_id("album").wait_for(timeout=60 * SECONDS)
    speak(person, "zh")
    assert english(person.page, names) == []
    assert cut_words(person.page) == []
    speak(person, "en")
    assert chinese(person.page) == []
