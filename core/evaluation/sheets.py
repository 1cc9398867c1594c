"""A report as CSV sheets, for a spreadsheet or a script: classes, pictures, and which class is taken for which."""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from io import StringIO
from typing import Any

from core.evaluation.report import Report

_NESTED = ("by_size", "oracle")


def sheets(report: Report) -> dict[str, str]:
    """CSV text by file name; figures are fractions, empty where there was nothing to measure.

    The confusion matrix counts pixels, a row for each true class and a column for each predicted one, each class where
    it is labelled: where it is not, what was taken for it counts as void.
    """
    return {
        "classes.csv": _table(_class_rows(report)),
        "pictures.csv": _table(asdict(row) for row in report.pictures),
        "confusion.csv": _table(_confusion_rows(report)),
    }


def _class_rows(report: Report) -> Iterable[dict[str, Any]]:
    for rule, block in (("coco", report.coco), ("exhaustive", report.exhaustive)):
        for row in block.to_json(report.taxonomy)["per_class"]:
            plain = {key: value for key, value in row.items() if key not in _NESTED}
            sizes = {f"{key}_{size['size']}": size[key] for size in row["by_size"] for key in ("pq", "sq", "rq")}
            oracle = {f"oracle_{key}": value for key, value in row["oracle"].items()}
            yield {"rule": rule} | plain | sizes | oracle


def _confusion_rows(report: Report) -> Iterable[dict[str, Any]]:
    names = [category.name for category in report.taxonomy.categories]
    for name, counts in zip(names, report.exhaustive.figures.semantic.confusion.tolist(), strict=True):
        yield {"true": name} | dict(zip(("(void)", *names), counts, strict=True))


def _table(rows: Iterable[dict[str, Any]]) -> str:
    listed: Sequence[dict[str, Any]] = list(rows)
    stream = StringIO()
    writer = csv.DictWriter(stream, fieldnames=list(listed[0]) if listed else [], lineterminator="\n")
    writer.writeheader()
    writer.writerows(listed)
    return stream.getvalue()
