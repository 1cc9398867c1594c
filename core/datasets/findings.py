"""What can be wrong with a data set, as a table of kinds."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from core.files import shown_name
from core.messages import StudioError, text


class Severity(StrEnum):
    """Errors stop a training or make it learn what is wrong; warnings are worth a look."""

    ERROR = "error"
    WARNING = "warning"


# Every kind, in the order in which a report tells them; its title is ``check.{kind}`` of the catalogue.
SEVERITIES = {
    "unreadable_json": Severity.ERROR,
    "bad_row": Severity.ERROR,
    "no_pictures": Severity.ERROR,
    "duplicate_category": Severity.ERROR,
    "other_categories": Severity.ERROR,
    "duplicate_image_id": Severity.ERROR,
    "duplicate_file": Severity.ERROR,
    "unknown_picture": Severity.ERROR,
    "no_annotation": Severity.ERROR,
    "bad_path": Severity.ERROR,
    "missing_picture": Severity.ERROR,
    "missing_labels": Severity.ERROR,
    "unreadable_picture": Severity.ERROR,
    "unreadable_labels": Severity.ERROR,
    "picture_size": Severity.ERROR,
    "labels_size": Severity.ERROR,
    "unknown_category": Severity.ERROR,
    "unknown_value": Severity.ERROR,
    "ignore_id": Severity.ERROR,
    "id_not_in_json": Severity.ERROR,
    "id_not_in_png": Severity.ERROR,
    "duplicate_id": Severity.ERROR,
    "empty_segment": Severity.ERROR,
    "bad_mask": Severity.ERROR,
    "wrong_area": Severity.ERROR,
    "wrong_box": Severity.ERROR,
    "in_two_splits": Severity.ERROR,
    "same_picture": Severity.WARNING,
    "same_object": Severity.WARNING,
    "overlap": Severity.WARNING,
    "hidden_segment": Severity.WARNING,
    "box_only": Severity.WARNING,
    "far_area": Severity.WARNING,
    "far_box": Severity.WARNING,
    "divided_stuff": Severity.WARNING,
    "ignore_value": Severity.WARNING,
    "shifted_values": Severity.WARNING,
    "mostly_void": Severity.WARNING,
    "unused_file": Severity.WARNING,
    "empty_category": Severity.WARNING,
    "rare_category": Severity.WARNING,
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong.

    Attributes:
        where: the picture, file or category it is about, as it may be shown.
        detail: numbers and names that tell it apart from others of its kind.
        segment_ids: the segments of a picture that it is about.
    """

    kind: str
    split: str
    where: str
    detail: str = ""
    segment_ids: tuple[int, ...] = ()

    @property
    def severity(self) -> Severity:
        """How bad it is."""
        return SEVERITIES[self.kind]

    @property
    def title(self) -> str:
        """What is wrong, without saying where."""
        return text(f"check.{self.kind}")

    def to_json(self) -> dict[str, Any]:
        """All of it, with the title for people."""
        return {
            "kind": self.kind,
            "severity": self.severity.value,
            "title": self.title,
            "split": self.split,
            "where": self.where,
            "detail": self.detail,
            "segment_ids": list(self.segment_ids),
        }


@dataclass(slots=True)
class Notes:
    """Findings as they come up in one split, or in one picture of it."""

    split: str
    found: list[Finding] = field(default_factory=list)

    def add(self, kind: str, where: str, detail: object = "", segment_ids: Iterable[int] = ()) -> None:
        """Notes a finding; names and details may be anything, and a StudioError speaks for itself."""
        said = str(detail) if isinstance(detail, StudioError) else shown_name(str(detail))
        self.found.append(Finding(kind, self.split, shown_name(where), said, tuple(segment_ids)))


def differs(found: object, stated: object) -> str:
    """The detail of two values that should be one."""
    return text("check.detail.differs", found=found, stated=stated)


def listed(ids: Iterable[int]) -> str:
    """The detail of segment ids, the lowest few of them."""
    ordered = sorted(ids)
    shown = ", ".join(map(str, ordered[:_LISTED]))
    return shown if len(ordered) <= _LISTED else text("check.detail.more", shown=shown, count=len(ordered) - _LISTED)


_LISTED = 6
