"""What a check found, as data."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.datasets.claims import Claim
from core.datasets.findings import Finding, Severity
from core.types import Taxonomy


@dataclass(frozen=True, slots=True)
class CategoryCount:
    """How much of a category some pictures hold."""

    pictures: int = 0
    segments: int = 0
    pixels: int = 0

    def __add__(self, other: "CategoryCount") -> "CategoryCount":
        return CategoryCount(self.pictures + other.pictures, self.segments + other.segments, self.pixels + other.pixels)


@dataclass(frozen=True, slots=True)
class SplitReport:
    """A split, its pictures and how much of every category they hold; ``layout`` is the layout's title."""

    split: str
    layout: str
    taxonomy: Taxonomy
    claims: tuple[Claim, ...]
    counts: Mapping[int, CategoryCount]

    def to_json(self) -> dict[str, Any]:
        """The split without its pictures."""
        return {
            "split": self.split,
            "layout": self.layout,
            "pictures": len(self.claims),
            "categories": [
                {
                    "id": category.category_id,
                    "name": category.name,
                    "isthing": int(category.is_thing),
                    "pictures": count.pictures,
                    "segments": count.segments,
                    "pixels": count.pixels,
                }
                for category in self.taxonomy.categories
                for count in [self.counts.get(category.category_id, CategoryCount())]
            ],
        }


@dataclass(frozen=True, slots=True)
class Suspect:
    """A picture, and what is wrong with it."""

    claim: Claim
    taxonomy: Taxonomy
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class CheckReport:
    """What was examined, and everything that is wrong with it."""

    folder: Path
    splits: tuple[SplitReport, ...]
    findings: tuple[Finding, ...]

    def count(self, severity: Severity) -> int:
        """How many findings are that bad."""
        return sum(finding.severity is severity for finding in self.findings)

    def worst(self, count: int) -> list[Suspect]:
        """The pictures with most errors, then most warnings; at most ``count``."""
        found: dict[tuple[str, str], list[Finding]] = defaultdict(list)
        for finding in self.findings:
            found[finding.split, finding.where].append(finding)
        suspects = [
            Suspect(claim, part.taxonomy, tuple(found[part.split, claim.name]))
            for part in self.splits
            for claim in part.claims
            if (part.split, claim.name) in found
        ]
        return sorted(suspects, key=_badness, reverse=True)[:count]

    def to_json(self) -> dict[str, Any]:
        """Counts, splits and every finding."""
        return {
            "folder": self.folder.name,
            "errors": self.count(Severity.ERROR),
            "warnings": self.count(Severity.WARNING),
            "splits": [split.to_json() for split in self.splits],
            "findings": [finding.to_json() for finding in self.findings],
        }


def _badness(suspect: Suspect) -> tuple[int, int]:
    errors = sum(finding.severity is Severity.ERROR for finding in suspect.findings)
    return errors, len(suspect.findings) - errors
