"""What can be known of the workbench without a browser."""

import re

import pytest

from app.workbench import BROWSER, SCRIPTS, STYLES, Workbench, read_meta, script, style

SOURCES = sorted(BROWSER.rglob("*.js"))


def test_every_script_and_style_of_the_workbench_is_listed() -> None:
    assert {path.relative_to(BROWSER).as_posix() for path in SOURCES} == set(SCRIPTS)
    assert {path.name for path in BROWSER.glob("*.css")} == {*STYLES, "page.css"}


def test_no_script_writes_markup() -> None:
    source = script([], "en")
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(", source)


def test_words_enter_nodes_where_they_follow_the_language() -> None:
    """Through ``make``, ``write`` and ``setWords``: an assignment would keep the language of its moment."""
    fixed = re.compile(
        r"\.(textContent|title|placeholder|alt) = [^;]*\b(say|sayOf|sayOr|sayAs|joined|chordWords|titled)\("
        r"|setAttribute\(\"(aria-label|aria-valuetext|title|placeholder|alt)\""
    )
    assert {path.name: found[0] for path in SOURCES if (found := fixed.search(path.read_text("utf-8")))} == {}


def test_styles_survive_being_read_as_a_template() -> None:
    assert not re.search(r"[`\\]|\$\{|\{\{|@keyframes", style())


def test_constants_are_json() -> None:
    assert '"credit": "</script>${x}"' in script([{"name": "a", "credit": "</script>${x}", "thumbnail": ""}], "en")


@pytest.mark.parametrize("field", [None, 3, "", "[1]", "{", '{"name": 3}', "{}"])
def test_a_malformed_request_is_refused(field: object) -> None:
    assert read_meta(field) is None


def test_the_queued_event_exists() -> None:
    async def work(meta: dict) -> dict:
        return {}

    assert callable(Workbench(answer=lambda meta, file, session: {}, work=work).picture)
