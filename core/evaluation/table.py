"""A report as a text table for a terminal."""

from collections.abc import Sequence
from typing import Any

from core.messages import text

_COLUMNS = ("pq", "sq", "rq", "iou")
_WIDTH = 7


def render_table(report: dict[str, Any], language: str = "en") -> str:
    """A report's JSON as averages, then one row a class; percent, with a dash where there was nothing to measure.

    The left half follows COCO's rules, the right half scores a class only where the data set's source labelled it.
    """
    blocks = (report, report["exhaustive"])
    names = [row["name"] for row in report["per_class"]]
    titles = [text(f"cli.report_{part}", language) for part in ("all", "things", "stuff", "pixel_accuracy")]
    first = max(map(len, [*names, *titles])) + 1
    rows = [
        _average_row(title, blocks, suffix, first)
        for title, suffix in zip(titles, ("", "_things", "_stuff"), strict=False)
    ]
    for index, name in enumerate(names):
        rows.append(_row(name, [block["per_class"][index][column] for block in blocks for column in _COLUMNS], first))
    rows.append(_row(titles[-1], [value for block in blocks for value in (*[""] * 3, block["pixel_accuracy"])], first))
    return "\n".join([text("cli.report_pictures", language, count=report["pictures"]), *_heads(first, language), *rows])


def _heads(first: int, language: str) -> list[str]:
    half = _WIDTH * len(_COLUMNS)
    titles = [text(f"cli.report_{block}", language).rjust(half) for block in ("coco", "exhaustive")]
    columns = "".join(("IoU" if name == "iou" else name.upper()).rjust(_WIDTH) for name in _COLUMNS)
    return [" " * first + "  ".join(titles), " " * first + f"{columns}  {columns}", "-" * (first + 2 * half + 2)]


def _average_row(title: str, blocks: Sequence[dict[str, Any]], suffix: str, first: int) -> str:
    values: list[float | str | None] = []
    for block in blocks:
        values += [block[f"{key}{suffix}"] for key in ("pq", "sq", "rq")]
        values.append("" if suffix else block["miou"])
    return _row(title, values, first)


def _row(title: str, values: Sequence[float | str | None], first: int) -> str:
    cells = [_cell(value).rjust(_WIDTH) for value in values]
    half = len(_COLUMNS)
    return f"{title.ljust(first)}{''.join(cells[:half])}  {''.join(cells[half:])}".rstrip()


def _cell(value: float | str | None) -> str:
    if value is None:
        return "\u2013"
    return value if isinstance(value, str) else f"{100 * value:.1f}"
