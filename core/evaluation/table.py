"""A report as text for a terminal: percent, a dash where there was nothing to measure, no row that was not measured.

Where some classes are not labelled in some pictures, averages stand twice: by COCO's rules, and each class scored only
where it is labelled. The rows of classes are always of the latter; where every class is labelled, that is the same.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, TypeAlias

from core.evaluation.panoptic_quality import SIZES
from core.messages import text

GROUPS = ("", "_things", "_stuff")
_COLUMNS = ("all", "things", "stuff")
_WIDTH = 8
_CLASS_COLUMNS = ("pq", "sq", "rq", "boundary_pq", "iou", "ap", "ap50")

# Each row's name, and the key of its figure for all, for things and for stuff; "" where there is none.
_ROWS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("pq", tuple(f"pq{group}" for group in GROUPS)),
    ("sq", tuple(f"sq{group}" for group in GROUPS)),
    ("rq", tuple(f"rq{group}" for group in GROUPS)),
    ("boundary_pq", tuple(f"boundary_pq{group}" for group in GROUPS)),
    ("boundary_iou", ("boundary_iou", "", "")),
    ("miou", ("miou", "", "")),
    ("fwiou", ("fwiou", "", "")),
    ("pixel_accuracy", ("pixel_accuracy", "", "")),
    ("ap", ("", "ap", "")),
    ("ap50", ("", "ap50", "")),
    ("ap75", ("", "ap75", "")),
    ("ar", ("", "ar", "")),
    ("oracle_pq", tuple(f"oracle.pq{group}" for group in GROUPS)),
    ("oracle_recall_50", ("oracle.recall_50", "", "")),
    ("oracle_recall_75", ("oracle.recall_75", "", "")),
)

Value: TypeAlias = float | str | None
Row: TypeAlias = tuple[str, list[Value]]
Blocks: TypeAlias = Mapping[str, Mapping[str, Any]]
Said: TypeAlias = Callable[..., str]


def render_table(report: Mapping[str, Any], language: str = "en") -> str:
    """Averages, then figures by size, then one row a class, from a report's JSON."""
    said = partial(text, language=language)
    heading = [said("cli.report.pictures", count=report["pictures"])]
    if report["detections"]:
        heading.append(said("cli.report.detections", count=report["detections"]))
    blocks = _blocks(report)
    titles = [said(f"cli.report.{name}") for name in blocks] if len(blocks) > 1 else []
    parts = [
        heading,
        _grid([said(f"cli.report.{name}") for name in _COLUMNS], _averages(blocks, said), titles),
        _grid([said(f"cli.report.{name}") for name in SIZES], _sizes(blocks, said), titles),
        _grid(*_classes(report["exhaustive"], said), everything=True),
    ]
    return "\n\n".join("\n".join(part) for part in parts if part)


def figure(block: Mapping[str, Any], key: str) -> Value:
    """A block's value under a dotted key; no key, no text."""
    if not key:
        return ""
    found: Any = block
    for name in key.split("."):
        found = found[name]
    value: Value = found
    return value


def percent(value: Value) -> str:
    """One decimal, a dash for nothing, text as it is."""
    if value is None:
        return "\N{EN DASH}"
    return value if isinstance(value, str) else f"{100 * value:.1f}"


def _blocks(report: Mapping[str, Any]) -> Blocks:
    """The blocks worth telling apart, by title."""
    exhaustive = report["exhaustive"]
    if all(report[key] == value for key, value in exhaustive.items()):
        return {"": report}
    return {"coco": report, "exhaustive": exhaustive}


def _averages(blocks: Blocks, said: Said) -> list[Row]:
    return [
        (said(f"cli.report.{name}"), [figure(block, key) for block in blocks.values() for key in keys])
        for name, keys in _ROWS
    ]


def _sizes(blocks: Blocks, said: Said) -> list[Row]:
    rows: list[Row] = []
    for name in ("pq", "sq", "rq", "ap"):
        values = [row[name] for block in blocks.values() for row in block["by_size"]]
        rows.append((said(f"cli.report.{name}"), values))
    for name in ("recall_50", "recall_75"):
        values = [row[name] for block in blocks.values() for row in block["oracle"]["by_size"]]
        rows.append((said(f"cli.report.oracle_{name}"), values))
    return rows


def _classes(block: Mapping[str, Any], said: Said) -> tuple[list[str], list[Row]]:
    measured = [key for key in _CLASS_COLUMNS if any(row[key] is not None for row in block["per_class"])]
    heads = [said(f"cli.report.short.{key}") for key in measured]
    return heads, [(row["name"], [row[key] for key in measured]) for row in block["per_class"]]


def _grid(
    heads: Sequence[str], rows: Sequence[Row], titles: Sequence[str] = (), *, everything: bool = False
) -> list[str]:
    """Aligned lines: the blocks' titles where there are several, the heads of each, a rule, the rows.

    Rows without any figure are left out unless ``everything`` is to be shown; without heads there is no grid.
    """
    kept = [row for row in rows if everything or any(value not in (None, "") for value in row[1])]
    if not heads or not kept:
        return []
    first, half = max(len(title) for title, _ in kept) + 1, _WIDTH * len(heads)

    def line(title: str, values: Sequence[Value]) -> str:
        cells = [percent(value).rjust(_WIDTH) for value in values]
        blocks = ["".join(cells[start : start + len(heads)]) for start in range(0, len(cells), len(heads))]
        return (title.ljust(first) + "  ".join(blocks)).rstrip()

    top = [" " * first + "  ".join(title.rjust(half) for title in titles)] if titles else []
    head = line("", list(heads) * max(1, len(titles)))
    return [*top, head, "-" * len(head), *(line(*row) for row in kept)]
