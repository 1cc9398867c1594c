"""The catalogues of all languages hold the same sentences, and all that the program and the page ask for."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.messages import FIRST_LANGUAGE, catalogue, languages

ROOT = Path(__file__).resolve().parents[1]
SOURCES = [*sorted(ROOT.glob("app/**/*.py")), *sorted(ROOT.glob("core/**/*.py")), ROOT / "launch.py"]
SCRIPTS = sorted((ROOT / "assets/browser").rglob("*.js"))
FAMILIES = "app|check|cli|error|hub|layout|pages"
OTHERS = [language for language in languages() if language != FIRST_LANGUAGE]

# What Chinese says with the same signs: names, units, keys of the keyboard, figures, and frames of nothing but values.
SAME_SIGNS = {
    "app.name",
    "app.language.tag",
    "app.model.megabytes",
    "app.model.amount",
    "app.stage.one_to_one",
    "app.hover.place",
    "app.hover.class",
    "app.grid.count_of",
    "app.per_pixel.hover.query",
    "app.per_pixel.grid.tile",
    "app.key.Delete",
    "app.key.Escape",
    "app.key.plus",
    *(f"app.keys.{row}.keys" for row in ("modifiers", "arrows", "enter", "digits", "category", "delete_next")),
    *(f"app.keys.{row}.keys" for row in ("delete_void", "undo", "redo", "select", "outlines", "names", "zoom")),
    *(f"app.keys.{row}.keys" for row in ("model", "escape", "help")),
    "layout.cityscapes",
    "check.head",
    *(f"cli.report.{figure}" for figure in ("pq", "sq", "rq", "miou", "fwiou", "ap", "ap50", "ap75", "ar")),
    *(f"cli.report.short.{figure}" for figure in ("pq", "sq", "rq", "boundary_pq", "iou", "ap", "ap50")),
}


def placeholders(sentence: str) -> set[str]:
    return set(re.findall(r"\{\w+\}", sentence))


def latin_words(sentence: str) -> set[str]:
    return set(re.findall(r"[A-Za-z][A-Za-z0-9]+", re.sub(r"\{\w+\}", " ", sentence)))


def is_plural(key: str) -> bool:
    return key.endswith(".one")


def asked(ending: str) -> Iterator[tuple[str, str]]:
    """Every key that stands in the program and in the page's scripts, up to ``ending``, and where."""
    for path in (*SOURCES, *SCRIPTS):
        quote = '["`]' if path.suffix == ".js" else '"'
        for key in re.findall(rf"{quote}((?:{FAMILIES})(?:\.\w+)+{ending})", path.read_text(encoding="utf-8")):
            yield key, path.name


def asked_keys() -> Iterator[tuple[str, str]]:
    """Whole keys: what is quoted, but for the names of modules and styles."""
    for key, name in asked(r'(?=["`])'):
        if not (ROOT / f"{key.replace('.', '/')}.py").exists() and not key.endswith(".css"):
            yield key, name


def asked_beginnings() -> Iterator[tuple[str, str]]:
    """The fixed beginnings of keys that are put together: ``app.tab.`` of ``say(`app.tab.${tab}`)``."""
    for key, name in asked(r"\.(?=\$?\{)"):
        if not (ROOT / key.replace(".", "/")).is_dir():
            yield key, name


def test_there_is_chinese() -> None:
    assert "zh" in OTHERS


@pytest.mark.parametrize("language", OTHERS)
def test_every_language_has_the_same_keys(language: str) -> None:
    """But for forms of one thing, which a language need not have."""
    ours, first = catalogue(language), catalogue()
    assert {key for key in first if not is_plural(key)} - ours.keys() == set(), f"missing in {language}.json"
    assert ours.keys() - first.keys() == set(), f"only in {language}.json"


@pytest.mark.parametrize("language", OTHERS)
def test_every_sentence_takes_the_same_values(language: str) -> None:
    first = catalogue()
    assert [key for key, words in catalogue(language).items() if placeholders(words) != placeholders(first[key])] == []


@pytest.mark.parametrize("language", languages())
def test_a_form_of_one_thing_has_a_form_of_many(language: str) -> None:
    known = catalogue(language)
    stems = {key.removesuffix(".one") for key in known if is_plural(key)}
    assert {stem for stem in stems if stem not in known and f"{stem}.other" not in known} == set()


def test_no_chinese_sentence_is_english() -> None:
    plain = {key for key, words in catalogue("zh").items() if not re.search(r"[\u4e00-\u9fff]", words)}
    assert plain == SAME_SIGNS


def test_chinese_sentences_hold_no_other_english_than_names() -> None:
    """A word in Latin letters stands in the English sentence as it is, and no three plain ones follow each other."""
    first = {key: words.lower() for key, words in catalogue().items()}
    strange = {
        key: words
        for key, words in catalogue("zh").items()
        if any(word.lower() not in first[key] for word in latin_words(words) - {"MaskFormer", "zh", "Hans"})
        or re.search(r"\b[a-z]{2,} [a-z]{2,} [a-z]{2,}\b", re.sub(r"'[^']*'", "", words))  # but for commands
    }
    assert strange == {}


@pytest.mark.parametrize("language", languages())
def test_every_key_that_is_asked_for_is_there(language: str) -> None:
    known = catalogue(language)
    keys = list(asked_keys())
    assert len(keys) > 400, "the sources are no longer read as they are written"
    assert {(key, name) for key, name in keys if key not in known and f"{key}.other" not in known} == set()


@pytest.mark.parametrize("language", languages())
def test_every_beginning_of_a_key_is_the_beginning_of_some(language: str) -> None:
    starts = list(asked_beginnings())
    assert len(starts) > 30, "the sources are no longer read as they are written"
    assert {
        (start, name) for start, name in starts if not any(key.startswith(start) for key in catalogue(language))
    } == set()
