"""The page itself: figures, then the worst and the best pictures, in one HTML file with its style inside."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from app.evaluation_pages import sections
from app.evaluation_pages.markup import Content, Markup, tag
from app.evaluation_pages.views import MISSED, RIGHT, WRONG, css_color
from core.evaluation.report import Report
from core.messages import text

STYLE = Path(__file__).resolve().parents[2] / "assets" / "evaluation" / "page.css"


@dataclass(frozen=True, slots=True)
class PageTitle:
    """What was evaluated on what."""

    model: str
    data: str
    split: str

    def __str__(self) -> str:
        return text("pages.title", model=self.model, data=self.data, split=self.split)


def page_html(report: Report, cards: Mapping[str, Sequence[Markup]], title: PageTitle, files: Sequence[str]) -> str:
    """The whole document: ``cards`` are the pictures of each group, ``files`` lie beside the page."""
    parts = _parts(report, cards)
    links = [tag("a", text(f"pages.{name}"), href=f"#{name}") for name in parts]
    body = [
        tag("header", tag("p", text("app.name"), class_="brand"), tag("h1", str(title)), _facts(report), class_="top"),
        tag("nav", links, aria_label=text("pages.parts")),
        tag("main", [_section(name, *content) for name, content in parts.items()]),
        tag("footer", text("pages.files"), [tag("a", name, href=name) for name in files]),
    ]
    head = [
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("title", str(title)),
        tag("style", _style()),
    ]
    return f"<!doctype html>\n{tag('html', tag('head', head), tag('body', body), lang='en')}\n"


def _parts(report: Report, cards: Mapping[str, Sequence[Markup]]) -> dict[str, list[Content]]:
    """The sections in order; a group without pictures is none."""
    block, taxonomy = report.exhaustive.to_json(report.taxonomy), report.taxonomy
    summary = [sections.histogram(report.pictures), sections.sizes(block), sections.oracle(block)]
    pictures: dict[str, list[Content]] = {name: [_key(), shown] for name, shown in cards.items() if shown}
    return {
        "summary": [sections.tiles(block), tag("div", summary, class_="cards")],
        **pictures,
        "classes": [sections.classes(block, taxonomy)],
        "confusion": [sections.confusion(report.exhaustive.figures.semantic.confusion, taxonomy)],
    }


def _facts(report: Report) -> Markup:
    facts = [text("cli.report.pictures", count=len(report.pictures)) + "."]
    if report.measures.detections:
        facts.append(text("cli.report.detections", count=report.measures.detections))
    if report.exhaustive is not report.coco:
        facts.append(text("pages.exhaustive"))
    return tag("p", " ".join(facts), class_="facts")


def _section(name: str, *content: Content) -> Markup:
    return tag("section", tag("h2", text(f"pages.{name}")), *content, id=name)


def _key() -> Markup:
    """What the marks of the errors mean."""
    names = ("right", "missed", "wrong", "partly", "unlabelled")
    swatches = [tag("li", tag("i", class_=f"swatch {name}"), text(f"pages.legend.{name}")) for name in names]
    return tag("div", tag("ul", swatches), tag("p", text("pages.hover"), class_="note"), class_="key")


def _style() -> Markup:
    colors = {"right": RIGHT, "wrong": WRONG, "missed": MISSED}
    variables = "".join(f"--{name}:{css_color(color)};" for name, color in colors.items())
    return Markup(f":root{{{variables}}}\n{STYLE.read_text(encoding='utf-8')}")
