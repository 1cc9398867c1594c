"""The panels of Explain that have a network look again, in a real browser with a bundled model."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from app.settings import Settings
from core.checkpoints import bundled
from core.explain.census import picture_census, take_census
from core.explain.comparison import compare_results
from core.explain.layers import follow_layers
from core.inference import panoptic
from tests.e2e.drawn_studio import DrawnPage, opened_pages
from tests.e2e.explaining import drawn_anew, is_png, open_panel, overflowing, saved_file
from tests.e2e.sayings import chinese, english
from tests.e2e.studio import Studio, running_studio

BASELINE = "street-per-pixel"

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not {"street", BASELINE} <= set(bundled()), reason="street and its baseline are not bundled"),
]
NewPage = Callable[..., DrawnPage]
PANELS = ("layers", "compare", "pictures")
SAMPLE = "beguinage_street"


@pytest.fixture(scope="module")
def studio() -> Iterator[Studio]:
    """Its first model classifies pixels."""
    with running_studio(Settings(model=BASELINE, device="cpu", open_browser=False)) as running:
        yield running


@pytest.fixture
def new_page(chromium: Any, studio: Studio) -> Iterator[NewPage]:
    with opened_pages(chromium, studio) as open_page:
        yield open_page


@pytest.fixture
def person(new_page: NewPage) -> DrawnPage:
    page = new_page()
    open_street(page)
    return page


def open_street(person: DrawnPage) -> None:
    """The sample, seen by the bundled model."""
    person.take_sample(SAMPLE)
    person.page.get_by_test_id("model").click()
    person.opening(person.page.get_by_test_id("model-street").click)
    assert person.picture.card.name == "street"


def test_the_filmstrip_is_the_trail_and_ends_with_the_prediction(person: DrawnPage) -> None:
    page, picture = person.page, person.picture
    panel = open_panel(person, "layers")
    query = int(picture.prediction.scores.argmax())
    trail = follow_layers(picture.predictor, picture.image, picture.prediction)
    frames = panel.locator(".frame")
    assert frames.count() == len(trail)
    settled = int(trail.settled[query])
    assert panel.locator(".frame[data-settles='']").get_attribute("data-testid") == f"frame-{settled}"
    name = person.document.taxonomy[int(picture.prediction.best_classes[query])].name
    assert name in panel.get_by_test_id(f"frame-{len(trail) - 1}").inner_text()
    assert panel.locator("figure").count() == 1 + picture.predictor.checkpoint.config.attention_heads
    other = int(picture.prediction.scores.argsort(descending=True)[1])
    drawn_anew(person, "layers", page.get_by_test_id(f"query-{other}").click)
    assert f"Query {other}" in panel.inner_text()
    drawn_anew(person, "layers", panel.get_by_test_id("chooser-before").click)
    assert f"Query {query}" in panel.inner_text()


def test_a_query_says_that_it_begins_at_a_seed(person: DrawnPage) -> None:
    page, scores = person.page, person.picture.prediction.scores
    seeds = person.picture.prediction.seeds
    seeded, learned = int(scores[:seeds].argmax()), seeds + int(scores[seeds:].argmax())
    page.get_by_test_id(f"query-{seeded}").click()
    page.get_by_test_id("seed").wait_for()
    page.get_by_test_id(f"query-{learned}").click()
    page.get_by_test_id("seed").wait_for(state="detached")


def test_a_layer_shows_where_it_looks(person: DrawnPage) -> None:
    panel = open_panel(person, "layers")
    read = "node => node.getContext('2d').getImageData(0, 0, node.width, node.height).data.reduce((a, b) => a + b, 0)"
    last = panel.locator(".head-mean canvas").evaluate(read)
    first = int(person.picture.prediction.seeds > 0)  # what queries begin with at seeds comes before any layer
    panel.get_by_test_id(f"frame-{first}").click()
    assert "layer 1" in panel.inner_text()
    assert panel.locator(".head-mean canvas").evaluate(read) != last
    panel.get_by_test_id(f"frame-{first}").press("ArrowRight")
    assert panel.get_by_test_id(f"frame-{first + 1}").get_attribute("aria-checked") == "true"


def test_what_the_network_saw_is_saved(person: DrawnPage) -> None:
    for name in PANELS:
        open_panel(person, name)
        assert is_png(saved_file(person.page, "png"))


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("width", "height"), [(1400, 1000), (390, 844)])
def test_every_panel_fits(new_page: NewPage, width: int, height: int, theme: str) -> None:
    person = new_page(width, height, theme=theme)
    open_street(person)
    for name in PANELS:
        open_panel(person, name)
        assert overflowing(person.page) == []
        assert person.page.evaluate("document.documentElement.scrollWidth") <= width


def test_two_models_are_compared_side_by_side_under_a_slider_and_as_a_map(person: DrawnPage) -> None:
    page = person.page
    panel = open_panel(person, "compare")
    models = page.get_by_test_id("compare-model")
    assert models.input_value() == BASELINE  # trained on the same data
    drawn_anew(person, "compare", lambda: models.select_option("nuclei"))
    assert "Cell nuclei" in panel.locator("figcaption").last.inner_text()
    drawn_anew(person, "compare", lambda: models.select_option(BASELINE))
    assert panel.locator(".lens").count() == 2
    assert "per-pixel" in panel.locator("figcaption").last.inner_text()
    panel.get_by_test_id("lens-plus").click()
    panel.locator(".lens").first.hover()
    page.mouse.down()
    page.mouse.move(*middle(panel.locator(".lens").first, -40, -30), steps=4)
    page.mouse.up()
    moves = [plane.evaluate("node => node.style.transform") for plane in panel.locator(".lens-plane").all()]
    assert len(set(moves)) == 1
    assert "scale(1.6)" in moves[0]
    panel.get_by_test_id("compare-swipe").click()
    slider = panel.get_by_test_id("compare-slider")
    slider.focus()
    page.keyboard.press("End")
    assert panel.locator(".lens[data-cover]").evaluate("node => node.style.clipPath") == "inset(0px 0px 0px 100%)"
    panel.get_by_test_id("compare-difference").click()
    panel.get_by_test_id("lens-fit").click()
    panel.get_by_test_id("disagreement-0").click()
    style = panel.locator(".lens-plane").get_attribute("style")
    assert float(style.partition("scale(")[2].partition(")")[0]) == pytest.approx(closeness(person), rel=1e-3)
    rows = panel.locator("button.compare-row")
    areas = [int(text.split()[-2].replace(",", "")) for text in rows.all_inner_texts()]
    assert areas == sorted(areas, reverse=True)


def closeness(person: DrawnPage) -> float:
    """How many times the lens enlarges to show the largest disagreement with room around."""
    picture, document, rival = person.picture, person.document, person.picture.explained.rival
    assert rival is not None
    mine, theirs = panoptic(picture.prediction, *document.rules), panoptic(rival.prediction)
    found = compare_results(mine, document.taxonomy, theirs, rival.prediction.taxonomy)
    (x0, y0, x1, y1), (height, width) = found.disagreements[0].box_xyxy, document.size_hw
    return min(12, max(1, 0.6 / max((x1 - x0) / width, (y1 - y0) / height)))


def middle(node: Any, dx: float, dy: float) -> tuple[float, float]:
    box = node.bounding_box()
    return box["x"] + box["width"] / 2 + dx, box["y"] + box["height"] / 2 + dy


def test_with_truth_every_class_has_two_ious(person: DrawnPage) -> None:
    page = person.page
    panel = open_panel(person, "compare")
    page.mouse.click(*middle(page.get_by_test_id("stage"), 0, 150))
    drawn_anew(person, "compare", lambda: page.keyboard.press("Delete"))
    assert panel.locator(".truth-row").count() >= 2
    assert "mean IoU" in panel.get_by_test_id("mean-second").inner_text()


def test_queries_over_all_pictures_lead_to_the_pictures(person: DrawnPage) -> None:
    page = person.page
    page.get_by_test_id("new-picture").click()
    person.take_sample("pavilion")
    assert person.picture.card.name == "street"
    panel = open_panel(person, "pictures")
    panel.get_by_test_id("pictures-progress").get_by_text("2 of 2 pictures").wait_for()
    panel.get_by_test_id("pictures-stop").wait_for(state="hidden")
    both = [
        picture for picture in person.studio.services.pictures._open.values() if picture.owner == person.picture.owner
    ]
    counted = [picture_census(p.name, p.prediction) for p in both if p.card.name == "street"]
    census = take_census(counted, 100, person.picture.prediction.taxonomy)
    last_seed = person.picture.prediction.seeds - 1
    assert f"Queries 0 to {last_seed} begin at seeds" in panel.get_by_test_id("census-seeds").inner_text()
    busiest = census.order()[0]
    assert panel.locator(".census-query").count() == (census.fires > 0).sum()
    panel.get_by_test_id(f"census-{busiest}").get_by_text(f"{census.fires[busiest]}\u00d7").wait_for()
    panel.get_by_test_id(f"census-{busiest}").click()
    assert panel.locator(".census-picture").count() == census.fires[busiest]
    person.opening(panel.locator("button.census-picture").first.click)
    assert person.picture.name == f"{SAMPLE}.jpg"


def test_a_per_pixel_model_shows_what_it_can_and_says_what_it_lacks(new_page: NewPage) -> None:
    person = new_page()
    person.take_sample(SAMPLE)
    assert person.picture.prediction.is_per_pixel
    for name in ("pixel", "doubt", "compare", "pictures"):
        assert open_panel(person, name).locator(".explain-content").is_visible()
    for name in ("layers", "assembly", "matching", "views"):
        person.page.get_by_test_id(f"explain-tab-{name}").click()
        panel = person.page.get_by_test_id(f"explain-{name}")
        panel.get_by_text("it has no queries").wait_for()
        assert not panel.locator(".explain-content").is_visible()
    person.page.get_by_test_id("explain-tab-assembly").click()
    person.page.get_by_test_id("model").click()
    drawn_anew(person, "assembly", lambda: person.opening(person.page.get_by_test_id("model-street").click))
    assert person.page.get_by_test_id("assembly-plate").is_visible()


def test_the_panels_are_wholly_chinese(person: DrawnPage) -> None:
    """Those that were drawn in English, too, once the language is changed."""
    names = {category.name for category in person.document.taxonomy.categories}
    names.add(f"{SAMPLE}.jpg")
    for panel in PANELS:
        open_panel(person, panel)
        person.page.get_by_test_id("language").select_option("zh")
        assert english(person.page, names) == [], panel
        person.page.get_by_test_id("language").select_option("en")
        assert chinese(person.page) == [], panel


def test_the_tour_is_about_queries_whatever_model_is_in_use(new_page: NewPage) -> None:
    person = new_page()
    person.opening(person.page.get_by_test_id("introduction-open").click)
    person.page.get_by_test_id("introduction").wait_for()
    assert person.picture.card.name == "street"
