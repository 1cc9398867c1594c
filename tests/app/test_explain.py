"""Explain: each panel answers and is saved, nonsense is refused, and nobody sees another's picture."""

import csv
import io
import json
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image

from app.answers.fields import Fields
from app.explaining import PREPARED
from app.panels import PANELS
from app.panels.panel import Numbers
from app.plots import sheet
from core.document.store import PictureGoneError
from core.messages import catalogue, text
from tests.app.explaining import ASKED, ModelPage, exported
from tests.app.pictures import HEIGHT, WIDTH
from tests.app.visitors import Page, toy_pictures


@pytest.fixture(scope="module")
def model_page(tmp_path_factory: pytest.TempPathFactory) -> ModelPage:
    return ModelPage(tmp_path_factory.mktemp("models"))


@pytest.fixture
def page() -> Page:
    return Page(toy_pictures(), "session", "o" * 32)


def test_every_panel_is_tried_here_and_has_its_words() -> None:
    assert set(ASKED) == set(PANELS)
    words = catalogue()
    assert {f"app.explain.{panel}.{part}" for panel in PANELS for part in ("tab", "title", "about")} <= words.keys()


@pytest.mark.parametrize("panel", ASKED)
def test_a_panel_answers_in_json(model_page: ModelPage, panel: str) -> None:
    reply = model_page.ask("explain", panel=panel, **ASKED[panel])
    assert reply["ok"], reply
    json.dumps(reply, allow_nan=False)


@pytest.mark.parametrize("panel", ASKED)
def test_a_panel_is_saved_as_a_picture(model_page: ModelPage, panel: str) -> None:
    picture = Image.open(io.BytesIO(exported(model_page, panel, "png")))
    assert min(picture.size) > 500
    assert len(np.unique(np.asarray(picture.convert("L")))) > 50
    root = ElementTree.fromstring(exported(model_page, panel, "svg"))
    words = " ".join(node.text or "" for node in root.iter("{http://www.w3.org/2000/svg}text"))
    assert "toy.png" in words


@pytest.mark.parametrize("panel", ASKED)
def test_a_panel_is_saved_as_numbers(model_page: ModelPage, panel: str) -> None:
    facts = json.loads(exported(model_page, panel, "json"))
    assert (facts["picture"], facts["model"]) == ("toy.png", "small")
    assert list(csv.DictReader(io.StringIO(exported(model_page, panel, "csv").decode())))


@pytest.mark.parametrize("panel", ASKED)
def test_another_owner_gets_nothing(model_page: ModelPage, panel: str) -> None:
    for name in ("explain", "explain_export"):
        reply = model_page.ask_once(name, "user:mallory", panel=panel, kind="json", **ASKED[panel])
        assert (reply["ok"], reply.get("gone")) == (False, True)


@pytest.mark.parametrize("panel", PREPARED)
def test_nothing_is_prepared_for_another_owner(model_page: ModelPage, panel: str) -> None:
    asked = Fields({"document": model_page.document, "panel": panel} | ASKED[panel])
    with pytest.raises(PictureGoneError):
        model_page.explaining.prepare("user:mallory", asked)


def test_only_what_needs_a_network_is_prepared(page: Page) -> None:
    assert PREPARED.keys() <= PANELS.keys()
    assert page.ask("explain", panel="compare", model="street")["unprepared"] is True
    assert page.ask("explain", panel="layers", query=2)["unprepared"] is True
    assert "unprepared" not in page.ask("explain", panel="layers", query=6)


@pytest.mark.parametrize(
    "fields",
    [
        {"panel": "nothing"},
        {"panel": None},
        {"panel": "pixel", "x": WIDTH, "y": 0},
        {"panel": "pixel", "x": 0, "y": HEIGHT},
        {"panel": "pixel", "x": 0.5, "y": 0},
        {"panel": "pixel"},
        {"panel": "layers", "query": 6},
        {"panel": "layers", "query": None},
        {"panel": "compare"},
        {"panel": "compare", "model": 3},
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


@pytest.mark.parametrize("fonts", [set(), {"Noto Sans CJK SC"}])
def test_a_picture_without_the_fonts_of_a_language_is_in_english(
    model_page: ModelPage, monkeypatch: pytest.MonkeyPatch, fonts: set[str]
) -> None:
    monkeypatch.setattr(sheet, "_fonts", lambda: ["DejaVu Sans", *fonts])
    assert sheet.drawn_language("zh", "png") == ("zh" if fonts else "en")
    assert (sheet.drawn_language("zh", "svg"), sheet.drawn_language("en", "png")) == ("zh", "en")
    drawing = exported(model_page, "doubt", "svg", language="zh").decode()
    assert text("app.explain.doubt.title", "zh") in drawing
    assert exported(model_page, "doubt", "png", language="zh")


def test_the_panel_of_another_language_has_the_same_numbers(model_page: ModelPage) -> None:
    asked = {"panel": "assembly", **ASKED["assembly"]}
    assert model_page.ask("explain", **asked, language="zh") == model_page.ask("explain", **asked)
