"""Shapes that clicks led to, against pictures drawn by hand."""

import numpy as np
import pytest

from core.document import (
    Adopt,
    Lock,
    Paint,
    Refine,
    Review,
    SetThresholds,
    Switch,
    apply,
    describe,
    pack_labels,
    pack_mask,
)
from core.messages import StudioError
from core.types import Click, Origin
from tests.core.document.pictures import drawn, opened
from tests.core.document.rasters import OTHER, THING, after, labelled, lines, refusal

FIELD = "11122", "1..22", "1..33"
WHOLE = (0, 0, 5, 3)


def bits(*rows: str) -> bytes:
    return pack_mask(np.array([[c == "#" for c in row] for row in rows]))


def labels(*rows: str) -> bytes:
    return pack_labels(np.array([[int(c.replace(".", "0")) for c in row] for row in rows]))


GROWN = bits("####.", "###..", "##...")
SHRUNK = bits("##...", "#....", "#....")


@pytest.mark.parametrize(
    ("edit", "expected"),
    [
        (Refine(WHOLE, GROWN, 1), ["11112", "11122", "11.33"]),
        (Refine(WHOLE, SHRUNK, 1), ["11.22", "1..22", "1..33"]),
        (Refine(WHOLE, SHRUNK, 1, heirs=labels("..3..", ".....", ".....")), ["11322", "1..22", "1..33"]),
        (Refine(WHOLE, SHRUNK, 1, heirs=labels("22222", "22222", "22222")), ["11222", "1..22", "1..33"]),
        (Refine((3, 0, 5, 1), bits("#."), 2), ["1112.", "1..22", "1..33"]),
        (Refine(WHOLE, GROWN, None, OTHER), ["44442", "44422", "44.33"]),
    ],
)
def test_the_pixels_that_a_click_moves(edit, expected):
    assert lines(after(labelled(*FIELD), edit)) == expected


def test_what_a_click_shaped_says_so():
    document = after(labelled(*FIELD), Refine(WHOLE, GROWN, 1, clicks=(Click(2, 1),)))
    assert (document.segments[1].origin, document.segments[1].touched) == (Origin.CLICK, True)
    made = after(labelled(*FIELD), Refine(WHOLE, SHRUNK, None, THING)).segments[4]
    assert (made.category_id, made.origin, made.touched, made.score) == (THING, Origin.CLICK, True, 1.0)


def test_who_inherits_is_touched_and_no_other():
    prediction = drawn([0, 1, 1], ["##....", "..##..", "....##"])
    edit = Refine((0, 0, 2, 1), bits("#."), 1, heirs=labels("22"))
    document, _ = apply(opened(prediction), edit, prediction)
    assert lines(document) == ["122233"]
    assert {key: row.touched for key, row in document.segments.items()} == {1: True, 2: True, 3: False}


def test_locked_segments_neither_lose_nor_gain():
    locked = after(labelled(*FIELD), Lock(2, True))
    assert lines(after(locked, Refine(WHOLE, GROWN, 1))) == ["11122", "11122", "11.33"]
    shrunk = after(locked, Refine(WHOLE, SHRUNK, 1, heirs=labels("22222", "22222", "22222")))
    assert lines(shrunk) == ["11.22", "1..22", "1..33"]
    assert refusal(locked, Refine(WHOLE, GROWN, 2)) == "error.segment_locked"


def test_a_lost_pixel_that_nobody_takes_stays_void():
    document = after(labelled(*FIELD), Refine(WHOLE, SHRUNK, 1))
    assert document.voided[0, 2]
    assert document.voided.sum() == 1


@pytest.mark.parametrize(
    "edit",
    [
        Refine(WHOLE, GROWN, 9),
        Refine(WHOLE, GROWN, 0),
        Refine(WHOLE, GROWN),
        Refine((0, 0, 6, 3), GROWN, 1),
        Refine((0, 0, 2, 2), GROWN, 1),
        Refine(WHOLE, bits(".....", ".....", "....."), None, OTHER),
        Refine(WHOLE, SHRUNK, 1, heirs=labels("99999", "99999", "99999")),
        Refine(WHOLE, SHRUNK, 1, heirs=labels("22")),
        Refine(WHOLE, GROWN, None, OTHER, query=99),
    ],
)
def test_what_is_not_there_is_refused(edit):
    assert refusal(labelled(*FIELD), edit)


def test_the_query_it_began_with_stands_behind_a_new_segment_alone():
    prediction = drawn([0, 1, 4], ["##..", "....", "--##"])
    document = opened(prediction)
    category_id = prediction.taxonomy[0].category_id
    edit = Refine((2, 0, 4, 1), bits("##"), None, category_id, query=2)
    made, _ = apply(document, edit, prediction)
    assert made.segments[2].queries == (2,)
    assert made.segments[2].score == pytest.approx(float(prediction.class_probs[2, 0]))
    again, _ = apply(made, Refine((3, 0, 4, 1), bits("#"), None, category_id, query=2), prediction)
    assert again.segments[3].queries == ()
    off, _ = apply(document, Switch(2, False), prediction)
    without, _ = apply(off, edit, prediction)
    assert without.segments[2].queries == ()


def test_a_proposal_moves_only_what_nobody_decided_about():
    prediction = drawn([0, 1, 1, 0], ["##......", "..##....", "....##..", "......##"])
    document = opened(prediction)
    for edit in (Lock(1, True), Paint((3, 0, 4, 1), bits("#"), 0)):
        document, _ = apply(document, edit, prediction)
    assert lines(document) == ["112.3344"]
    adopted, back = apply(document, Adopt((0, 0, 8, 1), labels("22334431")), prediction)
    assert lines(adopted) == ["113.4434"]
    assert {key: row.touched for key, row in adopted.segments.items()} == {1: True, 3: True, 4: True}
    assert lines(back.apply(adopted)) == lines(document)


def test_a_proposal_gives_to_what_was_corrected_and_not_to_what_was_reviewed():
    prediction = drawn([0, 1, 1], ["##....", "..##..", "....##"])
    document, _ = apply(opened(prediction), Paint((2, 0, 3, 1), bits("#"), 1), prediction)
    adopted, back = apply(document, Adopt((3, 0, 5, 1), labels("11")), prediction)
    assert lines(adopted) == ["111113"]
    assert [row.touched for row in adopted.segments.values()] == [True, False]
    assert lines(back.apply(adopted)) == lines(document)
    again, _ = apply(adopted, SetThresholds(0.3, 0.5), prediction)
    assert lines(again) == ["111113"]
    reviewed, _ = apply(document, Review(1, True), prediction)
    assert lines(apply(reviewed, Adopt((3, 0, 5, 1), labels("11")), prediction)[0]) == lines(document)


def test_a_proposal_of_unknown_labels_is_refused():
    prediction = drawn([0], ["##.."])
    with pytest.raises(StudioError):
        apply(opened(prediction), Adopt((0, 0, 4, 1), labels("1119")), prediction)


def test_found_alike_is_told_from_clicked():
    assert describe(Refine(WHOLE, GROWN, None, THING)) != describe(
        Refine(WHOLE, GROWN, None, THING, clicks=(Click(0, 0),))
    )
