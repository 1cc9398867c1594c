"""Explain in a real browser: opened by button, key or tab, asked only when in sight, and each panel in any light."""

import csv
import io
import json
import re
from collections.abc import Callable
from typing import TYPE_CHECKING
from xml.etree import ElementTree

import pytest

from app.panels.matching import found_matching
from core.explain.assembly import STEPS, assembly_steps
from core.explain.pixel import pixel_claims
from core.explain.readings import readings_of
from tests.e2e.canvas import point
from tests.e2e.clicking import imported
from tests.e2e.drawn_studio import DrawnPage, upload
from tests.e2e.explaining import (
    drawn_anew,
    hold_questions,
    is_png,
    open_panel,
    overflowing,
    saved_file,
    watch_questions,
)
from tests.e2e.hand import choose
from tests.e2e.studio import wait_until

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

NewPage = Callable[..., DrawnPage]
PANELS = ("pixel", "assembly", "matching", "views", "doubt")
CAR, BEHIND = (317, 300), 33  # a pixel of the middle car, and the query that loses there


def test_nothing_is_asked_before_a_panel_is_opened(studio_page: DrawnPage) -> None:
    page = studio_page.page
    asked = watch_questions(page)
    page.mouse.move(*point(page, *CAR))
    page.get_by_test_id("query-60").click()
    page.get_by_test_id("distribution").wait_for()
    assert asked == []
    open_panel(studio_page, "pixel")
    assert asked == ["explain"]


def test_a_key_opens_and_escape_closes(studio_page: DrawnPage) -> None:
    page = studio_page.page
    page.get_by_test_id("stage").focus()
    page.keyboard.press("y")
    page.locator("[data-testid=explain-pixel]:not([data-drawn='0'])").wait_for()
    assert page.get_by_test_id("explain-open").get_attribute("aria-pressed") == "true"
    assert page.get_by_test_id("explain-tab-pixel").evaluate("node => node === document.activeElement")
    assert not page.get_by_test_id("segments").is_visible()
    page.keyboard.press("Escape")
    page.get_by_test_id("explain").wait_for(state="hidden")
    assert page.get_by_test_id("segments").is_visible()
    page.keyboard.press("y")
    page.get_by_test_id("stage").focus()
    page.keyboard.press("Escape")
    page.get_by_test_id("explain").wait_for(state="hidden")


def test_the_pixel_under_the_cursor_and_the_one_that_is_held(studio_page: DrawnPage) -> None:
    page = studio_page.page
    panel = open_panel(studio_page, "pixel")
    drawn_anew(studio_page, "pixel", lambda: page.mouse.move(*point(page, *CAR)))
    page.wait_for_function("() => document.querySelector('[data-testid=pixel-x]').value === '317'")
    found = pixel_claims(studio_page.picture.prediction, *CAR)
    assert f"query {found.winner}, car" in panel.get_by_test_id("pixel-panoptic").inner_text()
    assert panel.locator(f"[data-testid=pixel-query-{found.winner}]").get_attribute("aria-current") == "true"
    shown = [int(node.get_attribute("data-testid").split("-")[-1]) for node in panel.locator(".claim-row").all()]
    assert shown == found.order[:8]
    page.mouse.click(*point(page, *CAR))
    assert panel.get_by_test_id("pixel-pinned").get_attribute("aria-pressed") == "true"
    page.mouse.move(*point(page, 20, 20))
    page.wait_for_timeout(300)
    assert panel.get_by_test_id("pixel-x").input_value() == "317"


def test_choosing_a_claim_chooses_the_query_in_the_grid(studio_page: DrawnPage) -> None:
    page = studio_page.page
    panel = open_panel(studio_page, "pixel")
    drawn_anew(studio_page, "pixel", lambda: page.mouse.click(*point(page, *CAR)))
    panel.get_by_test_id(f"pixel-query-{BEHIND}").click()
    page.locator(f"[data-testid=query-{BEHIND}][aria-selected=true]").wait_for()
    panel.locator(".stack-part[data-query='60']").first.click()
    page.locator("[data-testid=query-60][aria-selected=true]").wait_for()


def test_the_panel_follows_a_threshold(studio_page: DrawnPage) -> None:
    page = studio_page.page
    panel = open_panel(studio_page, "pixel")
    drawn_anew(studio_page, "pixel", lambda: page.mouse.click(*point(page, *CAR)))
    page.get_by_test_id("threshold-score").focus()
    drawn_anew(studio_page, "pixel", lambda: page.keyboard.press("End"))
    panel.get_by_text("no query takes part").wait_for()


def test_what_is_shown_is_saved_in_four_kinds(studio_page: DrawnPage) -> None:
    page = studio_page.page
    open_panel(studio_page, "pixel")
    drawn_anew(studio_page, "pixel", lambda: page.mouse.click(*point(page, *CAR)))
    assert is_png(saved_file(page, "png"))
    assert ElementTree.fromstring(saved_file(page, "svg")).tag.endswith("svg")
    facts = json.loads(saved_file(page, "json"))
    assert (facts["x"], facts["y"], facts["winner"]) == (*CAR, 60)
    rows = list(csv.DictReader(io.StringIO(saved_file(page, "csv").decode())))
    assert len(rows) == len(studio_page.picture.prediction)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("width", "height"), [(1400, 1000), (390, 844)])
def test_every_panel_fits(new_studio_page: NewPage, width: int, height: int, theme: str) -> None:
    person = new_studio_page(width, height, theme=theme)
    person.open_drawn()
    for panel in PANELS:
        open_panel(person, panel)
        assert overflowing(person.page) == []
        assert person.page.evaluate("document.documentElement.scrollWidth") <= width


def test_on_a_phone_it_is_a_tab(new_studio_page: NewPage) -> None:
    person = new_studio_page(390, 844, has_touch=True)
    person.open_drawn()
    page = person.page
    open_panel(person, "pixel")
    page.get_by_test_id("pixel-x").fill("317")
    page.get_by_test_id("pixel-y").fill("300")
    page.get_by_test_id("pixel-y").press("Enter")  # leaving x has asked for a pixel of its own before
    page.get_by_test_id("pixel-query-60").wait_for()
    page.get_by_test_id("tab-segments").tap()
    assert page.get_by_test_id("segments").is_visible()
    assert not page.get_by_test_id("explain").is_visible()


def plate_step(page: "Page") -> str | None:
    return page.get_by_test_id("assembly-plate").get_attribute("data-step")


def test_the_assembly_is_walked_by_keys(studio_page: DrawnPage) -> None:
    page = studio_page.page
    panel = open_panel(studio_page, "assembly")
    steps = assembly_steps(studio_page.picture.prediction)
    page.get_by_test_id("step-queries").focus()
    for step in STEPS:
        assert plate_step(page) == step
        left = panel.locator(".crowd-query[data-state=in]").count()
        assert left == len(steps.left(step))
        page.keyboard.press("ArrowRight")
    assert f"{len(steps.segments)} segments" in page.get_by_test_id("assembly-words").inner_text()
    page.keyboard.press("Home")
    assert plate_step(page) == "queries"


def test_a_querys_way_names_the_rule_that_ends_it(studio_page: DrawnPage) -> None:
    page = studio_page.page
    open_panel(studio_page, "assembly")
    page.get_by_test_id(f"crowd-{BEHIND}").click()
    page.locator(f"[data-testid=query-{BEHIND}][aria-selected=true]").wait_for()
    states = [page.get_by_test_id(f"rule-{step}").get_attribute("data-state") for step in STEPS[1:]]
    assert states == ["passed", "passed", "passed", "failed", "never"]
    fate = studio_page.picture.fates.rows[BEHIND]
    assert f"{fate.won_area:,} of the {fate.mask_area:,} pixels" in page.get_by_test_id("rule-overlap").inner_text()


@pytest.mark.parametrize("motion", ["no-preference", "reduce"])
def test_the_assembly_plays_and_pauses(new_studio_page: NewPage, motion: str) -> None:
    person = new_studio_page(reduced_motion=motion)
    person.open_drawn()
    page = person.page
    open_panel(person, "assembly")
    page.get_by_test_id("step-play").click()
    page.locator("[data-testid=assembly-plate][data-step=confident]").wait_for()
    moving = page.get_by_test_id("assembly-plate").evaluate("node => node.getAnimations().length")
    assert motion == "no-preference" or moving == 0
    page.get_by_test_id("step-play").click()
    stopped = plate_step(page)
    page.wait_for_timeout(2500)
    assert plate_step(page) == stopped
    page.get_by_test_id("step-play").click()
    page.locator("[data-testid=assembly-plate][data-step=segments]").wait_for()
    assert page.get_by_test_id("step-play").get_attribute("aria-label") == "Play"


def test_the_matching_draws_scipys_assignment(studio_page: DrawnPage) -> None:
    page = studio_page.page
    panel = open_panel(studio_page, "matching")
    panel.get_by_text("Nothing is corrected").wait_for()
    choose(studio_page, CAR)
    drawn_anew(studio_page, "matching", lambda: page.keyboard.press("Delete"))
    assert panel.get_by_text("Nothing is corrected").count() == 0
    found = found_matching(studio_page.picture)
    lines = [int(line.get_attribute("data-query")) for line in panel.locator(".pair-line").all()]
    assert sorted(lines) == found.queries.tolist()
    for place, segment in enumerate(found.truth.segments):
        row = panel.get_by_test_id(f"pair-truth-{segment.segment_id}")
        assert row.get_attribute("data-query") == str(found.query_of[place])
    panel.get_by_test_id("pair-query-17").click()
    page.locator("[data-testid=query-17][aria-selected=true]").wait_for()
    assert panel.locator(".pair-line[data-chosen]").get_attribute("data-query") == "17"


def test_the_costs_are_read_off_the_matrix(studio_page: DrawnPage) -> None:
    panel = open_panel(studio_page, "matching")
    found = found_matching(studio_page.picture)
    matrix = panel.get_by_test_id("matrix")
    matrix.scroll_into_view_if_needed()
    box = matrix.bounding_box()
    height = box["height"] / len(found.truth.segments)
    studio_page.page.mouse.move(box["x"] + 2, box["y"] + height / 2)
    query, segment = found.query_of[0], found.truth.segments[0]
    note = panel.get_by_test_id("matrix-note").inner_text()
    assert note.startswith(f"Query {query} and segment {segment.segment_id}, road: ")
    numbers = [float(word) for word in re.findall(r"-?[\d.]+", note.partition(": ")[2])]
    costs = found.costs
    expected = [found.total[query, 0], costs.classes[query, 0], 20 * costs.focal[query, 0], costs.dice[query, 0]]
    assert numbers == pytest.approx([float(value) for value in expected], abs=6e-3)
    panel.get_by_test_id("cost-dice").click()
    assert panel.get_by_test_id("cost-dice").get_attribute("aria-checked") == "true"


def test_imported_annotations_are_the_truth(studio_page: DrawnPage) -> None:
    segment = imported(studio_page)
    panel = open_panel(studio_page, "matching")
    assert panel.get_by_text("Nothing is corrected").count() == 0
    [row] = panel.locator("[data-testid^=pair-truth-]").all()
    assert row.get_attribute("data-testid") == f"pair-truth-{segment}"
    assert row.get_attribute("data-query") == "60"


def test_the_three_views_are_read_at_one_place(studio_page: DrawnPage) -> None:
    panel = open_panel(studio_page, "views")
    found = readings_of(studio_page.picture.prediction)
    assert f"{len(found.panoptic.segments)} segments" in panel.get_by_test_id("said-panoptic").inner_text()
    plate = panel.get_by_test_id("plate-semantic")
    box = plate.bounding_box()
    studio_page.page.mouse.move(box["x"] + box["width"] * CAR[0] / 640, box["y"] + box["height"] * CAR[1] / 480)
    segment = int(found.panoptic.panoptic_map[CAR[1], CAR[0]])
    note = panel.get_by_test_id("views-note").inner_text()
    assert re.fullmatch(rf"Semantic: car \| Instance: car 0\.\d\d \| Panoptic: car · Segment {segment}", note)


def test_a_doubtful_place_leads_to_who_claims_it(studio_page: DrawnPage) -> None:
    page = studio_page.page
    panel = open_panel(studio_page, "doubt")
    plate = panel.get_by_test_id("plate-margin")
    box = plate.bounding_box()
    at = (box["x"] + box["width"] * CAR[0] / 640, box["y"] + box["height"] * CAR[1] / 480)
    page.mouse.move(*at)
    assert re.fullmatch(r"Here: entropy 0\.\d\d, margin 0\.\d\d", panel.get_by_test_id("doubt-note").inner_text())
    page.mouse.click(*at)
    page.locator("[data-testid=explain-pixel]:not([data-drawn='0'])").wait_for()
    x, y = (int(page.get_by_test_id(f"pixel-{axis}").input_value()) for axis in "xy")
    assert abs(x - CAR[0]) <= 4
    assert abs(y - CAR[1]) <= 4
    assert page.get_by_test_id("pixel-query-60").get_attribute("aria-current") == "true"


def test_the_next_picture_has_its_own_doubts(studio_page: DrawnPage) -> None:
    page = studio_page.page
    panel = open_panel(studio_page, "doubt")
    drawn_anew(studio_page, "doubt", lambda: studio_page.open_drawn(240, 320))
    panel.get_by_test_id("plate-margin").click()
    page.locator("[data-testid=explain-pixel]:visible").wait_for()
    assert page.get_by_test_id("pixel-pinned").get_attribute("aria-pressed") == "true"
    studio_page.open_drawn(480, 640)
    assert page.get_by_test_id("pixel-pinned").get_attribute("aria-pressed") == "false"


def test_an_answer_about_the_picture_before_is_dropped(studio_page: DrawnPage) -> None:
    page = studio_page.page
    open_panel(studio_page, "doubt")
    held = hold_questions(page)
    page.get_by_test_id("threshold-score").press("PageDown")
    wait_until(page, lambda: len(held) == 1)
    studio_page.open_drawn(240, 320)
    drawn = page.get_by_test_id("explain-doubt").get_attribute("data-drawn")
    held[0].continue_()
    wait_until(page, lambda: len(held) == 2)
    assert page.get_by_test_id("explain-doubt").get_attribute("data-drawn") == drawn
    drawn_anew(studio_page, "doubt", held[1].continue_)


@pytest.mark.parametrize("panel", ["assembly", "matching"])
def test_tiles_come_with_the_queries(studio_page: DrawnPage, panel: str) -> None:
    page = studio_page.page
    open_panel(studio_page, panel)
    hold = hold_questions(page, "queries")
    drawn_anew(studio_page, panel, lambda: studio_page.choose_file(upload((240, 320), "next.png")))
    wait_until(page, lambda: len(hold) == 1)
    hold[0].continue_()
    tile = page.locator({"assembly": ".crowd-tile", "matching": ".pair .claim-tile"}[panel]).first
    wait_until(page, lambda: "blob:" in tile.evaluate("node => getComputedStyle(node).backgroundImage"))


def test_a_panel_that_had_nothing_to_show_comes_back(studio_page: DrawnPage) -> None:
    page = studio_page.page
    panel = open_panel(studio_page, "matching")
    page.get_by_test_id("threshold-score").focus()
    page.keyboard.press("End")
    panel.get_by_text("nothing to match").wait_for()
    assert not panel.get_by_test_id("pairs").is_visible()
    drawn_anew(studio_page, "matching", lambda: page.keyboard.press("Home"))
    assert panel.locator(".pair-line").first.is_visible()
    assert panel.get_by_text("nothing to match").count() == 0


def test_a_panel_asks_when_edits_rest(studio_page: DrawnPage) -> None:
    page = studio_page.page
    open_panel(studio_page, "matching")
    asked = watch_questions(page)
    page.get_by_test_id("threshold-score").focus()
    for _ in range(8):
        page.keyboard.press("ArrowLeft")
        page.wait_for_timeout(60)
    page.wait_for_timeout(1500)
    assert 1 <= len(asked) <= 3
    assert set(asked) == {"explain"}
    assert found_matching(studio_page.picture).result.segments
