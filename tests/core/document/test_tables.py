"""Rows of segments and categories, and annotations from elsewhere."""

import numpy as np
import pytest

from core.document import (
    Delete,
    Fill,
    Import,
    Lock,
    Relabel,
    RemoveCategory,
    Review,
    SetCategory,
    SetThresholds,
    Settings,
    apply,
)
from core.document.checks import free_ids
from core.document.composition import compose
from core.document.decisions import Decisions
from core.messages import StudioError
from core.types import Category, Origin, SegmentInfo
from tests.core.document.pictures import contents, drawn, opened
from tests.core.document.rasters import OTHER, THING, after, labelled, lines, refusal

RED = (255, 0, 0)
BOAT = Category(38, "boat", True, RED)


@pytest.fixture
def document():
    return labelled("11.22", locked=[2])


def imported(*rows: str, categories=(), **fields) -> Import:
    label_map = labelled(*rows).label_map
    keys = np.unique(label_map[label_map > 0]).tolist()
    segments = [SegmentInfo(key, **{"category_id": THING, "score": 0.5, "area": 0, **fields}) for key in keys]
    return Import.of(label_map, segments, categories)


def test_locking_and_reviewing_make_a_segment_a_persons():
    prediction = drawn([0, 1], ["##..", "..##"])
    document = opened(prediction, Settings(0.5, 0.5))
    for edit in (Lock(1, True), Review(1, True)):
        kept, _ = apply(document, edit, prediction)
        kept, _ = apply(kept, SetThresholds(1.0, 1.0), prediction)
        assert kept.segments.keys() == {1}
        assert kept.segments[1].touched


def test_a_locked_segment_can_be_named_reviewed_and_unlocked(document):
    row = after(document, Relabel(2, OTHER), Review(2, True), Lock(2, False)).segments[2]
    assert (row.category_id, row.reviewed, row.locked) == (OTHER, True, False)


def test_what_changes_nothing_has_an_empty_patch(document):
    for edit in (Lock(2, True), Lock(1, False), Review(1, False), SetCategory(7, "class 0", True, (0, 0, 0))):
        _, inverse = apply(document, edit, drawn([0], ["#"]))
        assert inverse.is_empty


def test_a_persons_own_category(document):
    changed = after(document, SetCategory(None, " boat ", True, RED), Relabel(1, 38))
    assert changed.taxonomy.category(38) == BOAT
    assert changed.segments[1].score == 1.0
    assert refusal(changed, RemoveCategory(38)) == "error.category_used"
    freed = after(changed, Delete(1, Fill.VOID), RemoveCategory(38))
    assert freed.taxonomy == document.taxonomy


def test_a_renamed_category_keeps_its_place(document):
    renamed = after(document, SetCategory(OTHER, "ship", False, RED))
    assert renamed.taxonomy[1] == Category(OTHER, "ship", False, RED)
    assert len(renamed.taxonomy) == len(document.taxonomy)


def test_the_models_categories_come_back_with_its_segments():
    """Renaming does not reach the prediction: what the model fills in later has the person's name for it."""
    prediction = drawn([0, 1], ["##..", "..##"])
    document, _ = apply(opened(prediction, Settings(0.5, 0.5)), SetCategory(THING, "boat", True, RED), prediction)
    document, _ = apply(document, SetThresholds(0.1, 0.1), prediction)
    assert document.taxonomy.category(document.segments[1].category_id).name == "boat"


@pytest.mark.parametrize(
    ("edit", "key"),
    [
        (Lock(9, True), "error.no_segment"),
        (Review(9, True), "error.no_segment"),
        (SetCategory(None, "  ", True, RED), "error.category_name"),
        (SetCategory(None, "class 1", True, RED), "error.duplicate_category"),
        (SetCategory(7, "class 1", True, RED), "error.duplicate_category"),
        (SetCategory(8, "boat", True, RED), "error.unknown_category"),
        (RemoveCategory(8), "error.unknown_category"),
        (RemoveCategory(7), "error.category_used"),
        (RemoveCategory(17), "error.category_of_model"),
        (imported("11.2"), "error.annotation_size"),
        (imported("11.21", category_id=38), "error.unknown_category"),
        (imported("11.21", categories=[Category(7, "boat", True, RED)]), "error.duplicate_category"),
        (Import.of(np.ones((1, 5), dtype=int), []), "error.import_labels"),
        (Import.of(np.ones((1, 5), dtype=int), [SegmentInfo(k, 7, 1.0, 0) for k in (1, 2)]), "error.import_labels"),
        (Import((1, 5), b"", ()), "error.packed_pixels"),
    ],
)
def test_what_is_refused(document, edit, key):
    assert refusal(document, edit) == key


def test_an_import_replaces_all_and_can_be_taken_back(document):
    edit = imported("3.11.", categories=[BOAT], category_id=38, source="labels.json", reviewed=True)
    replaced, inverse = apply(document, edit, drawn([0], ["#"]))
    assert lines(replaced) == ["3.11."]
    assert replaced.voided.tolist() == [[False, True, False, False, True]]
    row = SegmentInfo(3, 38, 0.5, 1, (), Origin.IMPORT, touched=True, reviewed=True, source="labels.json")
    assert replaced.segments[3] == row
    assert replaced.taxonomy.category(38) == BOAT
    assert contents(inverse.apply(replaced)) == contents(document)


def test_the_model_adds_nothing_to_an_import():
    prediction = drawn([0, 1], ["##..", "..##"])
    document, _ = apply(opened(prediction, Settings(0.5, 0.5)), imported(".11."), prediction)
    assert lines(compose(Decisions.of(document), prediction, document)) == [".11."]
    freed, _ = apply(document, Delete(1), prediction)
    assert [c == "." for c in lines(freed)[0]] == [True, False, False, True]


def test_labels_run_out():
    label_map = np.arange(65536, dtype=np.int32).reshape(256, 256)
    full = Import.of(label_map, [SegmentInfo(k, THING, 1.0, 0) for k in range(1, 65536)])
    document, _ = apply(labelled(*["." * 256] * 256), full, drawn([0], ["#"]))
    with pytest.raises(StudioError) as error:
        free_ids(1, set(document.segments))
    assert error.value.key == "error.many_segments"
