"""The guided tour for who is new: offered once, eight steps with the picture's own numbers, left at any moment."""

from collections.abc import Callable, Iterator
from threading import Event
from typing import TYPE_CHECKING, Any

import pytest

from core.inference import Prediction
from core.messages import catalogue, text
from core.types import Fate, Size
from tests.e2e.drawn_models import street_prediction
from tests.e2e.drawn_studio import DrawnPage, opened_pages, running_drawn_studio
from tests.e2e.sayings import cut_words, english
from tests.e2e.studio import SECONDS
from tests.e2e.test_access import moving
from tests.e2e.test_languages import names_of

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

DRAWN_HW = (480, 640)
NewPage = Callable[..., DrawnPage]
STEPS = ("pixels", "embeddings", "queries", "pair", "no_object", "assembly", "correct", "export")
TARGETS = {  # what stands in the light
    "pixels": "[data-testid=stage]",
    "embeddings": "[data-testid=stage]",
    "queries": ".queries",
    "pair": ".inspector",
    "no_object": ".tile[aria-selected=true]",
    "assembly": ".thresholds",
    "correct": ".tool-strip",
    "export": "[data-testid=export]",
}
IN_WINDOW = """node => {
  const { left, top, right, bottom } = node.getBoundingClientRect();
  return left >= 0 && top >= 0 && right <= innerWidth && bottom <= innerHeight;
}"""
LIT = """([light, target]) => {
  const [ring, node] = [light, target].map((place) => document.querySelector(place).getBoundingClientRect());
  const across = Math.min(ring.right, node.right) - Math.max(ring.left, node.left);
  const down = Math.min(ring.bottom, node.bottom) - Math.max(ring.top, node.top);
  return Math.max(0, across) * Math.max(0, down) / ((ring.width - 12) * (ring.height - 12));
}"""


def begin(person: DrawnPage, test_id: str = "introduction-take") -> "Page":
    person.page.get_by_test_id(test_id).click()
    person.page.get_by_test_id("introduction").wait_for()
    return person.page


def shown(page: "Page", part: str) -> str:
    return str(page.get_by_test_id(f"introduction-{part}").inner_text())


def at(page: "Page", step: int, code: str = "en") -> None:
    page.get_by_text(text("app.introduction.at", code, at=step, all=len(STEPS))).wait_for()


def ended(page: "Page") -> None:
    page.get_by_test_id("introduction").wait_for(state="hidden")


def test_it_is_offered_once_and_waits_for_nobody(new_studio_page: NewPage) -> None:
    person = new_studio_page(is_new=True)
    page = person.page
    assert page.get_by_test_id("introduction-offer").is_visible()
    assert not page.get_by_test_id("introduction").is_visible()
    person.open_drawn()
    assert not page.get_by_test_id("introduction").is_visible()
    person.visit()
    assert not page.get_by_test_id("introduction-offer").is_visible()
    assert page.get_by_test_id("introduction-open").is_visible()


def test_who_does_not_want_it_is_told_where_it_stays(new_studio_page: NewPage) -> None:
    person = new_studio_page(is_new=True)
    person.page.get_by_test_id("introduction-refuse").click()
    person.page.get_by_text(text("app.introduction.later")).wait_for()
    assert not person.page.get_by_test_id("introduction-offer").is_visible()
    person.visit()
    assert not person.page.get_by_test_id("introduction-offer").is_visible()


def test_a_browser_that_keeps_nothing_is_not_asked_each_time(new_studio_page: NewPage) -> None:
    person = new_studio_page(is_new=True)
    person.page.context.add_init_script(
        "Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('no'); } })"
    )
    person.visit()
    assert not person.page.get_by_test_id("introduction-offer").is_visible()


def numbers_of(person: DrawnPage) -> dict[str, list[str]]:
    """What each step says of the open picture, read from what Python holds."""
    document, prediction = person.document, person.picture.prediction
    height, width = document.size_hw
    rows, columns = prediction.geometry.inner_hw
    fates = [row.fate for row in person.picture.fates.rows]
    surest = max(range(len(fates)), key=lambda query: (fates[query] is Fate.SEGMENT, float(prediction.scores[query])))
    name = prediction.taxonomy[int(prediction.best_classes[surest])].name
    emptiest = int(prediction.class_probs[:, -1].argmax())
    return {
        "pixels": [f"{width:,}", f"{height:,}"],
        "embeddings": [str(columns), str(rows), str(len(prediction.pixel_embeddings))],
        "queries": [str(len(prediction))],
        "pair": [str(surest), name, f"{prediction.scores[surest]:.2f}"],
        "no_object": [str(fates.count(Fate.NO_OBJECT)), str(len(prediction)), str(emptiest)],
        "assembly": [f"{document.settings.score_threshold:.2f}", str(len(document.segments))],
        "correct": ["A"],
        "export": [str(len(document.segments))],
    }


@pytest.mark.parametrize(("width", "height"), [(1400, 1000), (390, 844)])
@pytest.mark.parametrize(("locale", "code"), [("en-US", "en"), ("zh-CN", "zh")])
def test_eight_steps_point_at_the_page_with_the_picture_s_numbers(
    new_studio_page: NewPage, width: int, height: int, locale: str, code: str
) -> None:
    person = new_studio_page(width, height, is_new=True, locale=locale, reduced_motion="reduce")
    page = begin(person)
    expected = numbers_of(person)
    for number, step in enumerate(STEPS, 1):
        at(page, number, code)
        words = shown(page, "words")
        assert [value for value in expected[step] if value not in words] == [], step
        assert "{" not in words + shown(page, "title")
        wait_for_light(page, TARGETS[step])
        assert page.locator(".introduction-card").evaluate(IN_WINDOW), step
        assert page.get_by_test_id("introduction-back").is_disabled() == (number == 1)
        assert page.locator(".introduction-picture").is_visible() == (step == "embeddings")
        if code == "zh":
            assert english(page, names_of(person) | {"beguinage_street.jpg"}) == [], step
            assert cut_words(page) == [], step
        page.get_by_test_id("introduction-next").click()
    ended(page)
    assert page.get_by_test_id("stage").evaluate("node => node === document.activeElement")


def wait_for_light(page: "Page", target: str) -> None:
    """The light lies on what the step is about, but for its rim."""
    page.wait_for_function(f"places => ({LIT})(places) > 0.95", arg=["[data-testid=introduction-light-0]", target])


def test_keys_walk_it_and_escape_leaves_it(new_studio_page: NewPage) -> None:
    person = new_studio_page()
    page = begin(person, "introduction-open")
    for key, step in (("ArrowRight", 2), ("ArrowRight", 3), ("ArrowLeft", 2), ("Enter", 3)):
        page.keyboard.press(key)
        at(page, step)
    page.keyboard.press("Escape")
    ended(page)
    assert page.get_by_test_id("introduction-open").evaluate("node => node === document.activeElement")
    page.keyboard.press("ArrowRight")
    assert not page.get_by_test_id("introduction").is_visible()


def test_the_focus_stays_inside_while_it_is_open(new_studio_page: NewPage) -> None:
    page = begin(new_studio_page(), "introduction-open")
    page.keyboard.press("ArrowRight")
    at(page, 2)
    reached = []
    for _ in range(5):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("() => document.activeElement.dataset.testid ?? 'outside of the page'"))
    inside = {"introduction-skip", "introduction-back", "introduction-next"}
    assert inside <= set(reached)
    assert set(reached) <= inside | {"outside of the page"}, "nothing of the page behind it"


def look_of(page: "Page") -> list[str | None]:
    toggles = [page.get_by_test_id(f"show-{name}").get_attribute("aria-pressed") for name in ("outlines", "names")]
    return [*toggles, page.get_by_test_id("opacity").input_value(), page.evaluate("document.activeElement.tagName")]


@pytest.mark.parametrize("steps", [0, 1, 3])
def test_whoever_skips_has_the_page_as_it_was(new_studio_page: NewPage, steps: int) -> None:
    person = new_studio_page()
    page = person.page
    person.take_sample("beguinage_street")
    page.get_by_test_id("show-names").click()
    page.get_by_test_id("introduction-open").focus()
    before = look_of(page)
    begin(person, "introduction-open")
    assert page.get_by_test_id("opacity").input_value() == "0", "the first step shows the bare picture"
    for _ in range(steps):
        page.keyboard.press("ArrowRight")
    page.get_by_test_id("introduction-skip").click()
    ended(page)
    assert look_of(page) == before
    assert page.get_by_test_id("view-panoptic").get_attribute("aria-checked") == "true"
    assert page.locator("tr[aria-current]").count() == 0


def test_a_second_walk_keeps_the_picture_that_is_open(new_studio_page: NewPage) -> None:
    person = new_studio_page()
    page = begin(person, "introduction-open")
    first = person.document_id
    page.keyboard.press("Escape")
    ended(page)
    begin(person, "introduction-open")
    at(page, 1)
    assert person.document_id == first


def test_little_motion_is_none(new_studio_page: NewPage) -> None:
    lively, calm = new_studio_page(), new_studio_page(reduced_motion="reduce")
    for person in (lively, calm):
        begin(person, "introduction-open")
    ours = [[name for name in moving(person.page) if "introduction" in name] for person in (lively, calm)]
    assert ours[0] != []
    assert ours[1] == []


@pytest.fixture
def slow_page(chromium: Any) -> Iterator[tuple[DrawnPage, Event]]:
    """A page whose server sees nothing in a sample until the event is set."""
    may_see = Event()

    def predict(size_hw: Size) -> Prediction:
        if size_hw != DRAWN_HW:
            may_see.wait(60)
        return street_prediction(size_hw)

    with running_drawn_studio(predict) as studio, opened_pages(chromium, studio) as open_page:
        yield open_page(), may_see
        may_see.set()


def test_who_goes_back_before_the_picture_is_there_gets_no_tour(slow_page: tuple[DrawnPage, Event]) -> None:
    person, may_see = slow_page
    page = person.page
    page.get_by_test_id("introduction-open").click()
    page.get_by_test_id("opening").get_by_role("button").click()
    person.open_drawn(*DRAWN_HW)
    may_see.set()
    page.wait_for_timeout(0.5 * SECONDS)
    assert page.get_by_test_id("document-name").inner_text() == "street.png"
    assert not page.get_by_test_id("introduction").is_visible()


def test_every_step_has_its_words() -> None:
    for name in STEPS:
        assert {f"app.introduction.{name}", f"app.introduction.{name}_words"} <= catalogue().keys()
