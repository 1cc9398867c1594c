"""Examining a data set: every file is opened, every picture and label decoded, and what disagrees is noted."""

import hashlib
import itertools
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from core import images
from core.datasets.claims import Areas, Claim, ClaimedSplit, shown_size
from core.datasets.findings import Finding, Notes, differs
from core.datasets.instances_claims import instances_claims
from core.datasets.paired_claims import cityscapes_claims, semantic_claims
from core.datasets.panoptic_claims import panoptic_claims
from core.datasets.report import CategoryCount, CheckReport, SplitReport
from core.files import shown_name
from core.formats.dataset_files import is_file
from core.formats.layouts import Layout, found_splits, names_of
from core.messages import StudioError

RARE = 5  # pictures: a category in fewer is hardly learned

CLAIMS: Mapping[str, Callable[..., ClaimedSplit]] = {
    "coco_panoptic": panoptic_claims,
    "export": panoptic_claims,
    "coco_instances": instances_claims,
    "semantic": semantic_claims,
    "cityscapes": cityscapes_claims,
}


def check_dataset(
    folder: Path, split: str | None = None, progress: Callable[[int, int], None] | None = None
) -> CheckReport:
    """Examines one split of a data set, or all; ``progress`` is told (done, all) after each picture.

    Raises:
        StudioError: the folder is missing, in no layout that is read, or has no such split.
    """
    chosen = _chosen(folder, split)
    splits = [CLAIMS[layout.kind](folder, name, layout.files) for layout, name in chosen]
    advance = _counting(progress, sum(len(claimed.claims) for claimed in splits))
    findings, reports, seen = _compare_categories(splits), [], dict[bytes, Claim]()
    for (layout, _), claimed in zip(chosen, splits, strict=True):
        notes = Notes(claimed.split, list(claimed.findings))
        counts: dict[int, CategoryCount] = {}
        for claim in claimed.claims:
            _add(counts, examine(claim, notes, seen))
            advance()
        _note_categories(claimed, counts, notes)
        findings += notes.found
        reports.append(SplitReport(claimed.split, layout.title, claimed.taxonomy, claimed.claims, counts))
    return CheckReport(folder, tuple(reports), tuple(findings))


def examine(claim: Claim, notes: Notes, seen: dict[bytes, Claim]) -> Areas:
    """Notes what is wrong with one picture and its labels; ``seen`` knows the contents of those before."""
    _examine_picture(claim, notes, seen)
    return claim.labels.examine(claim, notes)


def _chosen(folder: Path, split: str | None) -> list[tuple[Layout, str]]:
    """The splits to examine, each in the layout in which it would be read."""
    layouts: dict[str, Layout] = {}
    for layout, name in found_splits(folder):
        layouts.setdefault(name, layout)
    chosen = [(layout, name) for name, layout in layouts.items() if split is None or name in names_of(split)]
    if not chosen:
        raise StudioError("error.dataset_split", folder=folder, split=split, known=", ".join(layouts))
    return chosen


def _counting(progress: Callable[[int, int], None] | None, total: int) -> Callable[[], None]:
    """Tells ``progress`` of one picture more at every call."""
    done = itertools.count(1)
    return lambda: progress(next(done), total) if progress is not None else None


def _add(counts: dict[int, CategoryCount], areas: Areas) -> None:
    """Counts one picture more."""
    for category_id, sizes in areas.items():
        counts[category_id] = counts.get(category_id, CategoryCount()) + CategoryCount(1, len(sizes), sum(sizes))


def _examine_picture(claim: Claim, notes: Notes, seen: dict[bytes, Claim]) -> None:
    if not is_file(claim.image_path):
        notes.add("missing_picture", claim.name)
        return
    try:
        got_hw = images.read(claim.image_path).shape[:2]
    except StudioError as error:
        notes.add("unreadable_picture", claim.name, error)
        return
    if claim.size_hw is not None and got_hw != claim.size_hw:
        notes.add("picture_size", claim.name, differs(shown_size(got_hw), shown_size(claim.size_hw)))
    with claim.image_path.open("rb") as stream:
        first = seen.setdefault(hashlib.file_digest(stream, "blake2b").digest(), claim)
    if first is not claim:
        kind = "same_picture" if first.split == claim.split else "in_two_splits"
        notes.add(kind, claim.name, f"{first.split}/{first.name}")


def _note_categories(claimed: ClaimedSplit, counts: Mapping[int, CategoryCount], notes: Notes) -> None:
    if not claimed.claims:
        notes.add("no_pictures", claimed.split)
        return
    for category in claimed.taxonomy.categories:
        pictures = counts.get(category.category_id, CategoryCount()).pictures
        if pictures < RARE:
            notes.add("rare_category" if pictures else "empty_category", category.name, pictures or "")


def _compare_categories(splits: Sequence[ClaimedSplit]) -> list[Finding]:
    """Notes splits that speak of other categories than the first."""
    found = []
    rows = [[(c.category_id, c.name, c.is_thing) for c in claimed.taxonomy.categories] for claimed in splits]
    for claimed, got in zip(splits, rows, strict=True):
        if got != rows[0]:
            names = sorted({name for _, name, _ in set(got) ^ set(rows[0])})
            found.append(Finding("other_categories", claimed.split, claimed.split, shown_name(", ".join(names))))
    return found
