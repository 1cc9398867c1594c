"""Edits that give pixels to the model's queries, by the model's own numbers."""

import numpy as np
import pytest

from core.document import (
    FillVoid,
    Lock,
    Promote,
    SetThresholds,
    Settings,
    Subtract,
    Switch,
    apply,
    fates,
    pack_mask,
)
from core.messages import StudioError
from core.types import Fate
from tests.core.document.pictures import blobs, check, contents, drawn, opened
from tests.core.inference.oracle import sigmoid, upsampled

CAR, PERSON, ROAD, SKY, NOTHING = range(5)


@pytest.fixture
def street():
    """Two cars on a road; a person whom nobody noticed stands before the first car and the road."""
    return drawn([CAR, CAR, ROAD, NOTHING], ["##....", "..##..", "--++##", ".#..#."])


def after(document, prediction, *edits):
    for edit in edits:
        document, _ = apply(document, edit, prediction)
        check(document, prediction)
    return document


def labels(document):
    return document.label_map.tolist()[0]


def stroke(*columns):
    mask = np.isin(np.arange(6), columns)[None]
    return (0, 0, 6, 1), pack_mask(mask)


def test_promoting_over_takes_no_locked_pixels(street):
    document = after(opened(street, Settings(0.5, 0.5)), street, Lock(3, True), Promote(3, over=True))
    assert labels(document) == [1, 4, 2, 2, 3, 3]


def test_over_makes_the_difference(street):
    touched = after(opened(street, Settings(0.5, 0.5)), street, Subtract(1, *stroke(0)))
    assert labels(touched) == [0, 1, 2, 2, 3, 3]
    assert labels(after(touched, street, Promote(3))) == [0, 1, 2, 2, 4, 3]
    assert labels(after(touched, street, Promote(3, over=True))) == [0, 4, 2, 2, 4, 3]


def test_the_query_of_a_covered_touched_segment_stays_silent(street):
    touched = after(opened(street, Settings(0.5, 0.5)), street, Subtract(1, *stroke(0)))
    covered = after(touched, street, Promote(3, over=True))
    assert 1 not in covered.segments
    assert 0 in covered.silent
    assert fates(covered, street)[0].fate is Fate.OFF
    assert labels(after(covered, street, SetThresholds(0.0, 0.0)))[:2] == [0, 4]


def test_a_query_that_was_off_is_promoted_with_a_new_assembly(street):
    off = after(opened(street, Settings(0.5, 0.5)), street, Switch(1, on=False))
    assert labels(off) == [1, 1, 3, 3, 3, 3]
    promoted = after(off, street, Promote(1))
    assert labels(promoted)[2:4] == [2, 2]
    assert 1 not in promoted.off


def test_switching_on_frees_only_what_its_deletion_voided(street):
    document = after(opened(street, Settings(0.5, 0.5)), street, Switch(1, on=False), Subtract(3, *stroke(2)))
    assert labels(document) == [1, 1, 0, 3, 3, 3]
    assert labels(after(document, street, Switch(1, on=True)))[2] == 0


def test_a_locked_segment_does_not_go_with_its_query(street):
    document = after(opened(street, Settings(0.5, 0.5)), street, Lock(1, True))
    with pytest.raises(StudioError, match="protected"):
        apply(document, Switch(0, on=False), street)
    assert labels(after(document, street, SetThresholds(1.0, 1.0))) == [1, 1, 0, 0, 0, 0]


@pytest.mark.parametrize("seed", range(6))
def test_void_goes_to_the_strongest_claim(seed):
    prediction = blobs(seed)
    document = after(opened(prediction, Settings(0.4, 0.9)), prediction)
    first = min(document.segments, default=None)
    document = document if first is None else after(document, prediction, Lock(first, True))
    filled = after(document, prediction, FillVoid())
    expected = document.label_map.copy()
    label_of = {q: s.segment_id for s in document.segments.values() if not s.locked for q in s.queries}
    queries = sorted(label_of)
    probabilities = sigmoid(upsampled(prediction))[queries]
    claims = prediction.scores[queries].double().numpy()[:, None, None] * probabilities
    for y, x in np.argwhere(expected == 0) if queries else ():
        place = int(claims[:, y, x].argmax())
        if probabilities[place, y, x] >= 0.5:
            expected[y, x] = label_of[queries[place]]
    np.testing.assert_array_equal(filled.label_map, expected)
    assert contents(after(filled, prediction, FillVoid()))[0] == contents(filled)[0]
