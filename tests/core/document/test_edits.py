"""Each edit on a picture small enough to read."""

from dataclasses import asdict
from typing import get_args

import pytest

from core.document import (
    Delete,
    Document,
    Edit,
    Fill,
    History,
    Promote,
    Relabel,
    SetThresholds,
    Settings,
    Switch,
    apply,
    describe,
    fates,
)
from core.messages import StudioError, text
from core.types import Fate, Origin
from tests.core.document.any_edit import KINDS, any_edit
from tests.core.document.pictures import contents, drawn, opened

CAR, PERSON, ROAD, SKY, NOTHING = range(5)


@pytest.fixture
def street():
    """Two cars side by side on a road that also claims their pixels weakly; a person nobody noticed."""
    return drawn([CAR, CAR, ROAD, NOTHING], ["##....", "..##..", "--++##", "#....#"])


@pytest.fixture
def document(street):
    return opened(street, Settings(0.5, 0.5))


def after(document, prediction, *edits):
    for edit in edits:
        document, _ = apply(document, edit, prediction)
    return document


def labels(document: Document):
    return document.label_map.tolist()[0]


def test_the_picture_before_any_edit(document, street):
    assert labels(document) == [1, 1, 2, 2, 3, 3]
    assert [row.fate for row in fates(document, street)] == [Fate.SEGMENT, Fate.SEGMENT, Fate.SEGMENT, Fate.NO_OBJECT]


def test_relabel_takes_the_probability_that_the_query_gave(document, street):
    person = street.taxonomy[PERSON].category_id
    relabelled = after(document, street, Relabel(1, person))
    segment = relabelled.segments[1]
    assert (segment.category_id, segment.touched, segment.area) == (person, True, 2)
    assert segment.score == pytest.approx(float(street.class_probs[0, PERSON]))


def test_deleted_pixels_go_to_the_next_claim(document, street):
    deleted = after(document, street, Delete(2, Fill.NEXT))
    assert labels(deleted) == [1, 1, 3, 3, 3, 3]
    assert deleted.off == {1}
    assert deleted.segments[3].area == 4


def test_deleted_to_void_stays_void(document, street):
    deleted = after(document, street, Delete(2, Fill.VOID), SetThresholds(0.0, 0.0), SetThresholds(0.9, 0.1))
    assert labels(deleted) == [1, 1, 0, 0, 3, 3]
    assert fates(deleted, street)[1].fate is Fate.OFF


def test_switching_on_gives_voided_pixels_back(document, street):
    back = after(document, street, Delete(2, Fill.VOID), Switch(1, on=True))
    assert labels(back) == [1, 1, 2, 2, 3, 3]
    assert not back.voided.any()


def test_promoted_query_takes_its_mask_but_no_touched_pixel(document, street):
    touched = Relabel(1, street.taxonomy[PERSON].category_id)
    promoted = after(document, street, touched, Promote(3))
    assert labels(promoted) == [1, 1, 2, 2, 3, 4]
    segment = promoted.segments[4]
    assert (segment.origin, segment.touched, segment.queries, segment.area) == (Origin.PROMOTED, True, (3,), 1)
    row = fates(promoted, street)[3]
    assert (row.fate, row.segment_id, row.mask_area, row.won_area) == (Fate.SEGMENT, 4, 2, 1)


def test_deleting_a_promoted_segment_brings_back_what_was_there(document, street):
    promoted = after(document, street, Promote(3))
    assert labels(promoted) == [4, 1, 2, 2, 3, 4]
    assert labels(after(promoted, street, Delete(4, Fill.NEXT))) == [1, 1, 2, 2, 3, 3]


def test_query_whose_pixels_are_all_taken_is_overlapped():
    prediction = drawn([CAR, NOTHING], ["#.", "##"])
    promoted = after(opened(prediction, Settings(0.5, 0.5)), prediction, Promote(1))
    assert labels(promoted) == [2, 2]
    assert [row.fate for row in fates(promoted, prediction)] == [Fate.OVERLAPPED, Fate.SEGMENT]


def test_switching_off_a_promoted_query_takes_its_segment(document, street):
    assert labels(after(document, street, Promote(3), Switch(3, on=False))) == [1, 1, 2, 2, 3, 3]


def test_switch_off_and_on_is_the_same_picture(document, street):
    off = after(document, street, Switch(0, on=False))
    assert 1 not in off.segments
    assert labels(after(off, street, Switch(0, on=True)))[2:] == [2, 2, 3, 3]


def test_fused_stuff_keeps_one_row_a_query():
    prediction = drawn([ROAD, CAR, ROAD], ["#..", ".#.", "..#"])
    document = opened(prediction, Settings(0.5, 0.5))
    relabelled = after(document, prediction, Relabel(1, prediction.taxonomy[SKY].category_id))
    assert labels(relabelled) == [1, 2, 1]
    assert [row.fate for row in fates(relabelled, prediction)] == [Fate.SEGMENT, Fate.SEGMENT, Fate.FUSED]
    deleted = after(relabelled, prediction, Delete(1, Fill.VOID))
    assert labels(deleted) == [0, 2, 0]
    assert deleted.off == {0, 2}


def test_ids_outlive_the_thresholds(document, street):
    assert labels(after(document, street, Delete(1), SetThresholds(0.1, 0.1)))[2:] == [2, 2, 3, 3]


@pytest.mark.parametrize(
    ("edit", "key"),
    [
        (Relabel(9, 7), "error.no_segment"),
        (Relabel(1, 999), "error.unknown_category"),
        (Delete(9), "error.no_segment"),
        (Promote(-1), "error.no_query"),
        (Promote(4), "error.no_query"),
        (Promote(0), "error.query_used"),
        (Switch(4, on=True), "error.no_query"),
        (SetThresholds(1.5, 0.5), "error.threshold_range"),
        (SetThresholds(0.5, float("nan")), "error.threshold_range"),
    ],
)
def test_impossible_edits_are_refused_with_nothing_changed(document, street, edit, key):
    history = History(document)
    with pytest.raises(StudioError) as refusal:
        history.apply(edit, street)
    assert refusal.value.key == key
    assert contents(history.document) == contents(document)
    assert history.undoable is None


def test_promoting_an_empty_mask_is_refused():
    prediction = drawn([CAR, NOTHING], ["##", ".."])
    with pytest.raises(StudioError) as refusal:
        apply(opened(prediction, Settings(0.5, 0.5)), Promote(1), prediction)
    assert refusal.value.key == "error.query_empty"


def test_document_refuses_to_be_written_to(document):
    with pytest.raises(ValueError, match="read-only"):
        document.label_map[0, 0] = 5
    with pytest.raises(TypeError):
        document.segments[1] = None
    assert contents(document)


@pytest.mark.parametrize("kind", range(len(KINDS)))
@pytest.mark.parametrize("second", range(4))
def test_every_edit_has_its_words(document, street, kind, second):
    edit = any_edit((kind, second, second), document, street)
    name = describe(edit)
    for key in (name, name.replace("app.edit.", "app.done.")):
        assert text(key, **asdict(edit), category="a class of the page's own")


def test_every_kind_of_edit_is_among_them(document, street):
    kinds = {type(any_edit((kind, 1, 1), document, street)) for kind in range(len(KINDS))}
    assert kinds == set(get_args(Edit))
