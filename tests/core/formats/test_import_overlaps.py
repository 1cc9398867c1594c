"""Overlapping masks against the same questions asked pixel by pixel."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from core import masks
from core.formats import import_overlaps
from core.formats.import_overlaps import Overlap, OverlapRule, Pile, order_from_below
from core.messages import StudioError
from tests.drawing import picture

Masks = NDArray[np.bool_]  # (M, H, W)


@st.composite
def piles(draw: st.DrawFn) -> Masks:
    height, width, count = draw(st.integers(1, 7)), draw(st.integers(1, 7)), draw(st.integers(0, 6))
    bits = draw(st.lists(st.booleans(), min_size=count * height * width, max_size=count * height * width))
    return np.array(bits, dtype=bool).reshape(count, height, width)


def pile_of(drawn: Masks) -> Pile:
    return Pile.of([masks.encode(mask) for mask in drawn], drawn.shape[1:])


@given(piles())
def test_overlaps_equal_the_pairs_counted_pixel_by_pixel(drawn: Masks) -> None:
    pile = pile_of(drawn)
    counted = {(a, b): int((drawn[a] & drawn[b]).sum()) for a in range(len(drawn)) for b in range(a + 1, len(drawn))}
    assert {(o.first, o.second): o.pixels for o in pile.overlaps()} == {k: n for k, n in counted.items() if n}
    assert pile.contested == int((drawn.sum(axis=0) > 1).sum())
    assert pile.areas == tuple(drawn.sum(axis=(1, 2)).tolist())


@given(piles(), st.randoms(use_true_random=False), st.booleans())
def test_the_last_from_below_owns_the_pixel(drawn: Masks, random: "object", whole: bool) -> None:
    order = list(range(len(drawn)))
    random.shuffle(order)  # type: ignore[attr-defined]
    order = order if whole else order[: len(order) // 2]
    labels = [10 + index for index in range(len(drawn))]
    expected = np.zeros(drawn.shape[1:], dtype=np.int32)
    for index in order:
        expected[drawn[index]] = labels[index]
    assert np.array_equal(pile_of(drawn).label_map(labels, order), expected)


LARGE, SMALL, CROWD = picture("####", "####"), picture(".##.", "...."), picture("...#", "..##")


def test_rules_put_crowds_below_and_later_equals_above() -> None:
    areas, scores, crowds = [8, 2, 2, 3], [0.5, 0.9, 0.9, 1.0], [False, False, False, True]
    expected = {
        OverlapRule.FIRST: [3, 2, 1, 0],
        OverlapRule.LAST: [3, 0, 1, 2],
        OverlapRule.SMALLER: [3, 0, 1, 2],
        OverlapRule.SCORE: [3, 0, 1, 2],
    }
    assert {rule: order_from_below(rule, areas, scores, crowds) for rule in OverlapRule} == expected


def test_the_largest_overlap_comes_first() -> None:
    pile = pile_of(np.stack([CROWD, LARGE, SMALL]))
    assert pile.overlaps() == [Overlap(0, 1, 3), Overlap(1, 2, 2)]


def test_masks_stacked_beyond_reason_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    stripes = np.zeros((30, 1, 60), dtype=bool)
    for index in range(30):
        stripes[index, :, index : 60 - index] = True
    monkeypatch.setattr(import_overlaps, "MOST_MEETINGS", 1000)
    with pytest.raises(StudioError, match="lie on each other"):
        pile_of(stripes).overlaps()
    monkeypatch.setattr(import_overlaps, "MOST_COVERS", 100)
    with pytest.raises(StudioError, match="lie on each other"):
        pile_of(stripes)


def test_no_masks_leave_all_void() -> None:
    pile = Pile.of([], (2, 3))
    assert pile.overlaps() == []
    assert pile.label_map([], []).tolist() == [[0, 0, 0], [0, 0, 0]]
