"""The page for people who hear it, who have no mouse, who want little motion or strong contrast."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from tests.e2e.canvas import point
from tests.e2e.drawn_studio import DrawnPage
from tests.e2e.hand import CAR_AT

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

MOST_TABS = 200
SPOKEN = {  # what a person operates; whatever has one of these roles needs a name
    *("button", "checkbox", "radio", "link", "textbox", "searchbox", "combobox", "listbox", "option", "slider"),
    *("spinbutton", "meter", "progressbar", "dialog", "toolbar", "radiogroup"),
}
DIALOGS = ("keys", "categories-open", "import-open", "new-picture", "model")
FOCUSED = """() => {
  const { activeElement: node } = document;
  if (!node || node === document.body) return null;
  const { outlineStyle, outlineWidth, opacity } = getComputedStyle(node);
  const box = node.getBoundingClientRect();
  const marked = node.matches('.file-input') ? getComputedStyle(node.parentElement) : { outlineStyle, outlineWidth };
  return {
    inside: Boolean(node.closest('[data-testid=workbench]')),
    test_id: node.dataset.testid ?? '',
    place: [...document.querySelectorAll('*')].indexOf(node),
    seen: box.width > 0 && box.height > 0,
    ring: marked.outlineStyle !== 'none' && parseFloat(marked.outlineWidth) >= 2,
    words: node.outerHTML.slice(0, 120),
  };
}"""


def nameless(page: "Page") -> list[str]:
    """Every operable node of the accessibility tree that has no name."""
    session = page.context.new_cdp_session(page)
    nodes = session.send("Accessibility.getFullAXTree")["nodes"]
    session.detach()
    operable = [node for node in nodes if not node.get("ignored") and node["role"]["value"] in SPOKEN]
    assert len(operable) > 3
    return [
        f"{node['role']['value']} {node.get('backendDOMNodeId')}"
        for node in operable
        if not node.get("name", {}).get("value", "").strip()
    ]


def test_everything_that_can_be_operated_has_a_name(studio_page: DrawnPage) -> None:
    page = studio_page.page
    page.mouse.click(*point(page, *CAR_AT))
    page.get_by_test_id("shortlist").get_by_role("button").first.wait_for()
    for name in ("shape", "look"):
        page.get_by_test_id(name).click()
        assert nameless(page) == []
        page.keyboard.press("Escape")
    page.get_by_test_id("view-query").click()
    assert nameless(page) == []
    for opener in DIALOGS:
        page.get_by_test_id(opener).click()
        page.locator("dialog[open]").wait_for()
        assert nameless(page) == [], opener
        page.keyboard.press("Escape")
        page.locator("dialog[open]").wait_for(state="detached")


def test_the_start_screen_has_names(new_studio_page: Callable[..., DrawnPage]) -> None:
    assert nameless(new_studio_page().page) == []


def walk(page: "Page") -> list[dict[str, Any]]:
    """All that Tab reaches from the page's beginning to its end; on the picture Escape lets Tab go on."""
    page.evaluate("() => { document.activeElement.blur(); getSelection().collapse(document.body, 0); }")
    reached = []
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        node = page.evaluate(FOCUSED)
        if node is None:
            return reached
        if node["test_id"] == "stage":
            page.keyboard.press("Escape")
        reached.append(node)
    raise AssertionError(f"Tab does not come out: {[node['words'] for node in reached[-4:]]}")


@pytest.mark.parametrize("width", [1400, 390])
def test_tab_reaches_everything_in_order_and_leaves(new_studio_page: Callable[..., DrawnPage], width: int) -> None:
    person = new_studio_page(width, 1000)
    page = person.page
    person.open_drawn()
    reached = walk(page)
    places = [node["place"] for node in reached]
    assert places == sorted(places), "the order on the page is the order of Tab"
    assert [node["words"] for node in reached if not node["seen"]] == []
    assert [node["words"] for node in reached if node["inside"] and not node["ring"]] == []
    ids = [node["test_id"] for node in reached]
    must = ["new-picture", "export", "view-panoptic", "tool-select", "mode-add", "brush-size", "only-void", "new-class"]
    must += ["shape", "stage", "opacity", "show-outlines", "look", "threshold-score", "queries"]
    assert [name for name in must if name not in ids] == []


def test_a_dialog_gives_the_focus_back(studio_page: DrawnPage) -> None:
    page = studio_page.page
    for opener in DIALOGS:
        button = page.get_by_test_id(opener)
        button.focus()
        page.keyboard.press("Enter")
        page.locator("dialog[open]").wait_for()
        page.keyboard.press("Escape")
        page.locator("dialog[open]").wait_for(state="detached")
        assert button.evaluate("node => node === document.activeElement"), opener


def test_the_choice_is_said(studio_page: DrawnPage) -> None:
    page = studio_page.page
    page.get_by_test_id("stage").focus()
    page.keyboard.press("ArrowRight")
    chosen = int(page.locator("tr[aria-current]").get_attribute("data-segment"))
    assert f"segment {chosen}" in page.get_by_test_id("voice").inner_text()
    page.keyboard.press("Escape")
    assert page.get_by_test_id("voice").inner_text() == ""


def moving(page: "Page") -> list[str]:
    return page.evaluate(
        """() => [...document.querySelectorAll('.studio, .studio *')].filter((node) => ['', '::before', '::after']
          .some((part) => ['transitionDuration', 'animationDuration'].some((name) => (
            getComputedStyle(node, part || null)[name].split(',').some((time) => parseFloat(time) > 0)))))
          .map((node) => node.className)
          .concat(document.getAnimations().map((each) => each.playState))"""
    )


def test_little_motion_is_none(new_studio_page: Callable[..., DrawnPage]) -> None:
    lively, calm = new_studio_page(), new_studio_page(reduced_motion="reduce")
    for person in (lively, calm):
        person.open_drawn()
        person.root.evaluate("node => node.setAttribute('aria-busy', 'true')")
    assert moving(lively.page) != []
    assert moving(calm.page) == []


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("wish", [{"forced_colors": "active"}, {"contrast": "more"}], ids=str)
def test_what_is_on_is_told_from_what_is_off(
    new_studio_page: Callable[..., DrawnPage], theme: str, wish: dict[str, str]
) -> None:
    person = new_studio_page(theme=theme, **wish)
    person.open_drawn()
    page = person.page
    look = "node => ['backgroundColor', 'color', 'outlineStyle'].map((name) => getComputedStyle(node)[name]).join()"
    page.get_by_test_id("tool-brush").click()
    for on, off in (("tool-brush", "tool-lasso"), ("mode-add", "mode-new"), ("show-names", "show-alone")):
        assert page.get_by_test_id(on).evaluate(look) != page.get_by_test_id(off).evaluate(look)
