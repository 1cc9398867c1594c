"""A check's report as text for a terminal: what is wrong, most serious first, then how much of everything there is."""

from collections.abc import Iterator, Sequence

from core.datasets.findings import SEVERITIES, Finding, Severity
from core.datasets.report import CategoryCount, CheckReport, SplitReport
from core.files import shown_name
from core.messages import text
from core.types import Category

EXAMPLES = 3  # of each kind
_WIDTH = 11


def render_check(report: CheckReport) -> str:
    """The whole report."""
    lines = [text("check.head", folder=report.folder)]
    for part in report.splits:
        lines.append(text("check.split", split=part.split, layout=part.layout, count=len(part.claims)))
    for severity in Severity:
        lines += _findings(report, severity)
    lines += ["", *_categories(report.splits), "", _verdict(report)]
    return "\n".join(lines)


def _findings(report: CheckReport, severity: Severity) -> Iterator[str]:
    by_kind: dict[str, list[Finding]] = {kind: [] for kind, of_kind in SEVERITIES.items() if of_kind is severity}
    for finding in report.findings:
        if finding.severity is severity:
            by_kind[finding.kind].append(finding)
    if any(by_kind.values()):
        yield from ("", text(f"check.{severity}s"))
    for found in filter(None, by_kind.values()):
        yield f"{len(found):>7}  {found[0].title}"
        yield from (f"{'':>9}{_example(finding)}" for finding in found[:EXAMPLES])
        if len(found) > EXAMPLES:
            yield f"{'':>9}\u2026"


def _example(finding: Finding) -> str:
    where = finding.where if finding.where == finding.split else f"{finding.split}/{finding.where}"
    return f"{where}: {finding.detail}" if finding.detail else where


def _categories(splits: Sequence[SplitReport]) -> Iterator[str]:
    categories = list(dict.fromkeys(category for part in splits for category in part.taxonomy.categories))
    first = max([len(shown_name(category.name)) for category in categories], default=0) + 2
    yield " " * (first + 6) + "".join(part.split.rjust(2 * _WIDTH) for part in splits)
    columns = text("check.pictures").rjust(_WIDTH) + text("check.segments").rjust(_WIDTH)
    yield " " * (first + 6) + columns * len(splits)
    for category in categories:
        yield _category_row(category, splits, first)


def _category_row(category: Category, splits: Sequence[SplitReport], first: int) -> str:
    counts = [part.counts.get(category.category_id, CategoryCount()) for part in splits]
    kind = text("check.thing" if category.is_thing else "check.stuff")
    cells = "".join(f"{count.pictures:>{_WIDTH}}{count.segments:>{_WIDTH}}" for count in counts)
    return f"{shown_name(category.name).ljust(first)}{kind.ljust(6)}{cells}"


def _verdict(report: CheckReport) -> str:
    errors, warnings = report.count(Severity.ERROR), report.count(Severity.WARNING)
    return text("check.verdict" if errors or warnings else "check.clean", errors=errors, warnings=warnings)
