"""Explain: each panel's answer is the core's numbers, its files hold them, and nobody sees another's picture."""

import base64
import csv
import io
import json
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image

from app.panels import PANELS
from app.panels.panel import Numbers
from core.explain.pixel import pixel_claims
from core.messages import catalogue
from tests.app.pictures import HEIGHT, TAXONOMY, WIDTH
from tests.app.visitors import Page, toy_pictures

ASKED: dict[str, dict[str, Any]] = {"pixel": {"x": 12, "y": 26}}  # what a page asks each panel


@pytest.fixture
def page() -> Page:
    return Page(toy_pictures(), "session", "o" * 32)


def exported(page: Page, panel: str, kind: str, **fields: Any) -> bytes:
    reply = page.ask("explain_export", panel=panel, kind=kind, **(ASKED[panel] | fields))
    assert reply["ok"], reply
    assert reply["file_name"] == f"toy_{panel}.{kind}"
    return base64.b64decode(reply["file"])


def test_every_panel_is_tried_here_and_has_its_words() -> None:
    assert set(ASKED) == set(PANELS)
    words = catalogue()
    assert {f"app.explain.{panel}.{part}" for panel in PANELS for part in ("tab", "title", "about")} <= words.keys()


@pytest.mark.parametrize("panel", ASKED)
def test_a_panel_answers_in_json(page: Page, panel: str) -> None:
    reply = page.ask("explain", panel=panel, **ASKED[panel])
    assert reply["ok"], reply
    json.dumps(reply, allow_nan=False)


@pytest.mark.parametrize("panel", ASKED)
def test_a_panel_is_saved_as_a_picture(page: Page, panel: str) -> None:
    picture = Image.open(io.BytesIO(exported(page, panel, "png")))
    assert min(picture.size) > 500
    assert len(np.unique(np.asarray(picture.convert("L")))) > 50
    root = ElementTree.fromstring(exported(page, panel, "svg"))
    words = " ".join(node.text or "" for node in root.iter("{http://www.w3.org/2000/svg}text"))
    assert "toy.png" in words


@pytest.mark.parametrize("panel", ASKED)
def test_a_panel_is_saved_as_numbers(page: Page, panel: str) -> None:
    facts = json.loads(exported(page, panel, "json"))
    assert (facts["picture"], facts["model"]) == ("toy.png", "toy")
    assert list(csv.DictReader(io.StringIO(exported(page, panel, "csv").decode())))


@pytest.mark.parametrize("panel", ASKED)
def test_another_owner_gets_nothing(page: Page, panel: str) -> None:
    stranger = Page(toy_pictures(), "session", "p" * 32)
    stranger.document = page.document
    for name in ("explain", "explain_export"):
        reply = stranger.ask(name, panel=panel, kind="json", **ASKED[panel])
        assert (reply["ok"], reply.get("gone")) == (False, True)


@pytest.mark.parametrize(
    "fields",
    [
        {"panel": "nothing"},
        {"panel": None},
        {"panel": "pixel", "x": WIDTH, "y": 0},
        {"panel": "pixel", "x": 0, "y": HEIGHT},
        {"panel": "pixel", "x": 0.5, "y": 0},
        {"panel": "pixel"},
    ],
)
def test_nonsense_is_refused_in_a_sentence(page: Page, fields: dict[str, Any]) -> None:
    for name in ("explain", "explain_export"):
        reply = page.ask(name, kind="csv", **fields)
        assert (reply["ok"], reply["error"].endswith(".")) == (False, True)
    assert not page.ask("explain_export", panel="pixel", kind="exe", x=0, y=0)["ok"]


def test_numbers_are_safe_for_a_spreadsheet_and_for_json() -> None:
    numbers = Numbers({"share": float("nan"), "all": [float("inf"), 1.5]}, [{"name": "=cmd()", "score": -0.5}])
    assert json.loads(numbers.json_bytes()) == {"share": None, "all": [None, 1.5]}
    [row] = csv.DictReader(io.StringIO(numbers.csv_bytes().decode()))
    assert row == {"name": "'=cmd()", "score": "-0.5"}


def test_the_pixel_inspector_tells_the_claims(page: Page) -> None:
    x, y = ASKED["pixel"].values()
    reply, found = page.ask("explain", panel="pixel", x=x, y=y), pixel_claims(page.picture.prediction, x, y)
    assert [row["query"] for row in reply["queries"]] == found.order[:8]
    assert reply["winner"] == found.winner == 2
    assert reply["segment_id"] == int(page.picture.document.label_map[y, x])
    for row in reply["classes"]:
        index = TAXONOMY.class_index(row["category_id"])
        assert row["score"] == pytest.approx(float(found.class_scores[index]))
        assert sum(part["value"] for part in row["parts"]) + row["rest"] == pytest.approx(row["score"], abs=1e-5)


def test_the_pixel_inspector_follows_the_threshold_and_what_is_off(page: Page) -> None:
    x, y = ASKED["pixel"].values()
    page.edit(kind="switch", query=2, on=False)
    assert page.ask("explain", panel="pixel", x=x, y=y)["winner"] != 2
    page.edit(gesture="t", kind="thresholds", score=1.0, overlap=0.5)
    assert page.ask("explain", panel="pixel", x=x, y=y)["winner"] is None


def test_the_pixels_sheet_holds_every_contribution(page: Page) -> None:
    x, y = ASKED["pixel"].values()
    rows = list(csv.DictReader(io.StringIO(exported(page, "pixel", "csv").decode())))
    found = pixel_claims(page.picture.prediction, x, y)
    table = np.array([[float(row[f"adds to {category.name}"]) for category in TAXONOMY.categories] for row in rows])
    order = [int(row["query"]) for row in rows]
    np.testing.assert_allclose(table, found.contributions[order], rtol=1e-6)
    np.testing.assert_allclose(table.sum(axis=0), found.class_scores, atol=1e-5)
