"""The figures of corrections as text, a row a method and a start."""

from collections.abc import Mapping
from typing import Any

from core.evaluation.clicks.report import LARGE_AREA, LEAST_AREA, ClickReport, figures
from core.messages import text

COLUMNS = ("segments", "noc85", "noc90", "failures20", "iou1", "iou3", "iou5", "iou10", "harmful", "milliseconds")


def table(reports: Mapping[str, ClickReport]) -> str:
    """Segments of ``LEAST_AREA`` pixels or more, then of ``LARGE_AREA``, from the model's masks and from nothing."""
    width = max(len(name) for name in reports)
    lines = []
    for least in (LEAST_AREA, LARGE_AREA):
        for start in ("own", "nothing"):
            for is_jittered in (False, True):
                blocks = {
                    name: figures(report.select(start, is_jittered=is_jittered, least=least))
                    for name, report in reports.items()
                }
                if not any(block["segments"] for block in blocks.values()):
                    continue
                said = "jittered" if is_jittered else "exact"
                lines += ["", text(f"cli.clicks.{start}.{said}", least=least)]
                lines.append(" " * width + "".join(f"{text(f'cli.clicks.{name}'):>10}" for name in COLUMNS))
                lines += [
                    f"{name:<{width}}" + "".join(f"{cell:>10}" for cell in _cells(b)) for name, b in blocks.items()
                ]
    return "\n".join(lines[1:])


def ceiling_table(ceiling: Mapping[str, Any]) -> str:
    """A line a kind of query, empty without them."""
    lines = [
        text(
            f"cli.clicks.ceiling.{name}", iou=_number(100 * row["mean_iou"], 1), share=_number(100 * row["reach85"], 1)
        )
        for name, row in ceiling.items()
    ]
    return "\n".join(["", *lines]) if lines else ""


def _cells(block: Mapping[str, Any]) -> list[str]:
    at, seconds = block["miou_at"], block["seconds_per_click"]
    percent = [block["failures20"], *(at[count] for count in ("1", "3", "5", "10")), block["harmful"]]
    shown = [_number(None if value is None else 100 * value, 1) for value in percent]
    return [
        str(block["segments"]),
        _number(block["noc85"], 2),
        _number(block["noc90"], 2),
        *shown,
        _number(None if seconds is None else 1000 * seconds, 0),
    ]


def _number(value: float | None, digits: int) -> str:
    return "\N{EN DASH}" if value is None else f"{value:.{digits}f}"
