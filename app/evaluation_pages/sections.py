"""The figures on the page as HTML, which follows light and dark: tiles, bars, tables and the confusion matrix."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from app.evaluation_pages.markup import Content, Markup, join, tag
from app.evaluation_pages.views import css_color
from core.evaluation.pictures import PictureRow
from core.evaluation.table import percent
from core.messages import text
from core.types import Taxonomy

Block: TypeAlias = Mapping[str, Any]

_TILES = ("pq", "sq", "rq", "boundary_pq", "miou", "pixel_accuracy", "ap", "ap50")
_CLASS_COLUMNS = ("sq", "rq", "boundary_pq", "iou", "ap", "ap50")
_CLASS_COUNTS = ("tp", "fp", "fn")
_BINS = 20
_MOST_CLASSES = 24  # in the confusion matrix
_CONFUSIONS = 8  # told in words


def tiles(block: Block) -> Markup:
    """The headline figures, those of things and stuff below."""
    shown = [_tile(block, key) for key in _TILES if block[key] is not None]
    return tag("dl", shown, class_="tiles")


def _tile(block: Block, key: str) -> Markup:
    parts = [
        tag("span", text(f"cli.report.{part}"), " ", tag("b", percent(block[f"{key}_{part}"])))
        for part in ("things", "stuff")
        if block.get(f"{key}_{part}") is not None
    ]
    return tag(
        "div",
        tag("dt", text(f"cli.report.{key}")),
        tag("dd", percent(block[key])),
        tag("dd", parts, class_="parts") if parts else None,
        title=text(f"pages.about.{key}"),
    )


def histogram(rows: Sequence[PictureRow]) -> Markup:
    """How many pictures reach which PQ."""
    values = [row.pq for row in rows if row.pq is not None]
    counts, edges = np.histogram(values, bins=_BINS, range=(0, 1))
    bars = [
        tag("i", style=f"--share:{count / max(1, counts.max()):.3f}", title=_bin_title(low, high, count))
        for count, low, high in zip(counts.tolist(), edges[:-1], edges[1:], strict=True)
    ]
    axis = tag("div", [tag("span", str(value)) for value in (0, 25, 50, 75, 100)], class_="axis")
    median = text("pages.histogram.median", value=percent(float(np.median(values)) if values else None))
    return card("histogram", tag("div", bars, class_="bars", role="img", aria_label=median), axis, note(median))


def _bin_title(low: float, high: float, count: int) -> str:
    return text("pages.histogram.bin", low=round(100 * low), high=round(100 * high), count=count)


def sizes(block: Block) -> Markup | None:
    """PQ by the size of the segments, with what the queries could reach."""
    rows = [
        (text(f"cli.report.{row['size']}"), row["pq"], text("pages.sizes.segments", count=row["tp"] + row["fn"]))
        for row in block["by_size"]
        if row["tp"] + row["fn"]
    ]
    return card("sizes", bars(rows), note(text("pages.sizes.note"))) if rows else None


def oracle(block: Block) -> Markup | None:
    """What a person could reach who always picked the right query; nothing for a model without queries."""
    best = block["oracle"]
    if best["pq"] is None:
        return None
    rows = [
        (text("pages.oracle.model"), block["pq"], ""),
        (text("pages.oracle.person"), best["pq"], ""),
        (text("pages.oracle.recall_50"), best["recall_50"], ""),
        (text("pages.oracle.recall_75"), best["recall_75"], ""),
    ]
    return card("oracle", bars(rows), note(text("pages.oracle.note", count=best["segments"])))


def bars(rows: Iterable[tuple[str, float | None, str]]) -> Markup:
    """Named shares of one."""
    lines = [
        tag("li", tag("span", name), _bar(value), tag("b", percent(value)), tag("small", remark) if remark else None)
        for name, value, remark in rows
    ]
    return tag("ul", lines, class_="named-bars")


def classes(block: Block, taxonomy: Taxonomy) -> Markup:
    """One row a class."""
    measured = [key for key in _CLASS_COLUMNS if any(row[key] is not None for row in block["per_class"])]
    heads = [
        tag("th", text("pages.class"), scope="col"),
        tag("th", text("cli.report.short.pq"), scope="col", class_="pq"),
        [tag("th", text(f"cli.report.short.{key}"), scope="col") for key in measured],
        [tag("th", text(f"pages.{key}"), scope="col") for key in _CLASS_COUNTS],
    ]
    rows = [_class_row(row, measured, taxonomy) for row in block["per_class"]]
    table = tag("table", tag("thead", tag("tr", heads)), tag("tbody", rows), class_="classes")
    return tag("div", table, class_="scroll", tabindex=0, role="region", aria_label=text("pages.classes"))


def _class_row(row: Block, measured: Sequence[str], taxonomy: Taxonomy) -> Markup:
    kind = text(f"cli.report.{'things' if row['isthing'] else 'stuff'}")
    color = css_color(taxonomy.category(row["category_id"]).color)
    return tag(
        "tr",
        tag("th", dot(color), row["name"], " ", tag("small", kind), scope="row"),
        tag("td", _bar(row["pq"]), tag("b", percent(row["pq"])), class_="pq"),
        [tag("td", percent(row[key])) for key in measured],
        [tag("td", f"{row[key]:,}", class_="count") for key in _CLASS_COUNTS],
    )


def confusion(counts: NDArray[np.int64], taxonomy: Taxonomy) -> Markup:
    """Shares of each true class's pixels by predicted class: (K, 1 + K) counts, the first column void."""
    chosen = _confused_most(counts)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    columns = [index + 1 for index in chosen] + ([0] if counts[:, 0].any() else [])
    names = ["", *(category.name for category in taxonomy.categories)]
    names[0] = text("pages.confusion.void")
    heads = [tag("th", tag("span", names[column]), scope="col") for column in columns]
    rows = [
        tag(
            "tr",
            tag("th", names[index + 1], scope="row"),
            [_confusion_cell(float(shares[index, column]), column == index + 1) for column in columns],
        )
        for index in chosen
    ]
    table = tag("table", tag("thead", tag("tr", tag("td"), heads)), tag("tbody", rows), class_="confusion")
    described = text(f"pages.confusion.{'some' if len(chosen) == _MOST_CLASSES else 'all'}", count=len(chosen))
    region = tag("div", table, class_="scroll", tabindex=0, role="region", aria_label=text("pages.confusion"))
    return join(note(described), tag("div", region, _confusions(shares, names), class_="confused"))


def _confused_most(counts: NDArray[np.int64]) -> list[int]:
    """The classes that are true somewhere, at most ``_MOST_CLASSES``: those with the most wrong pixels, in order."""
    wrong = counts.sum(axis=1) - np.diagonal(counts, offset=1)
    wrong += counts[:, 1:].sum(axis=0) - np.diagonal(counts, offset=1)
    present = np.flatnonzero(counts.sum(axis=1))
    most = present[np.argsort(-wrong[present], kind="stable")[:_MOST_CLASSES]]
    return sorted(most.tolist())


def _confusion_cell(share: float, is_right: bool) -> Markup:
    shown = f"{100 * share:.0f}" if share >= 0.005 else ""
    return tag("td", shown, class_="right" if is_right else None, style=f"--share:{share:.3f}")


def _confusions(shares: NDArray[np.float64], names: Sequence[str]) -> Markup | None:
    """The largest mistakes in words."""
    wrong = shares.copy()
    np.fill_diagonal(wrong[:, 1:], 0)
    order = np.argsort(-wrong, axis=None, kind="stable")[:_CONFUSIONS]
    lines = [
        tag("li", tag("b", percent(float(wrong[row, column]))), " ", f"{names[row + 1]} → {names[column]}")
        for row, column in zip(*np.unravel_index(order, wrong.shape), strict=True)
        if wrong[row, column] >= 0.005
    ]
    return card("confusions", tag("ol", lines)) if lines else None


def card(name: str, *content: Content) -> Markup:
    """A titled box."""
    return tag("section", tag("h3", text(f"pages.{name}")), *content, class_=f"card {name}")


def note(sentence: str) -> Markup:
    """A quiet remark."""
    return tag("p", sentence, class_="note")


def dot(color: str) -> Markup:
    """A class's colour."""
    return tag("i", class_="dot", style=f"--color:{color}")


def _bar(value: float | None) -> Markup:
    return tag("span", class_="bar", style=f"--share:{value or 0:.3f}")
