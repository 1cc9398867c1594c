"""Shapes that follow from a segment's own, against definitions spelled out pixel by pixel."""

import numpy as np
import pytest

from core.document import FillHoles, Grow, RemoveIslands, Smooth, SplitComponents, SplitLine
from core.document.morphology import cut, dilated, eroded, holes, majority
from tests.core.document.rasters import after, labelled, lines, mask_of, noise, refusal, region, regions

SEEDS = range(5)


def any_mask(seed, share=0.6, size_hw=(14, 19)):
    return np.random.default_rng(seed).random(size_hw) < share


def distances(size_hw, pixels):
    """(H, W) squared distance to the nearest of (N, 2) pixels."""
    grid = np.stack(np.meshgrid(*(np.arange(side) for side in size_hw), indexing="ij"), axis=-1)
    return ((grid[:, :, None] - np.asarray(pixels).reshape(-1, 2)) ** 2).sum(-1).min(axis=2, initial=10**9)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("radius", [1, 2, 5])
def test_growing_and_shrinking_by_a_distance(seed, radius):
    mask = any_mask(seed, share=0.08)
    np.testing.assert_array_equal(dilated(mask, radius), distances(mask.shape, np.argwhere(mask)) <= radius**2)
    np.testing.assert_array_equal(eroded(~mask, radius), distances(mask.shape, np.argwhere(mask)) > radius**2)


def test_a_full_map_neither_grows_nor_shrinks():
    full = np.ones((4, 5), dtype=bool)
    assert dilated(full, 3).all()
    assert eroded(full, 3).all()


@pytest.mark.parametrize("seed", SEEDS)
def test_holes_have_no_way_out(seed):
    mask = any_mask(seed)
    ground = np.pad(~mask, 1, constant_values=True)
    outside = mask_of(region(ground, (0, 0), diagonal=False), ground.shape)[1:-1, 1:-1]
    np.testing.assert_array_equal(holes(mask), ~mask & ~outside)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("radius", [1, 3, 12])
def test_the_majority_of_a_disc(seed, radius):
    mask = any_mask(seed, share=0.5)
    padded = np.pad(mask, radius, mode="edge")
    expected = np.zeros_like(mask)
    for y, x in np.ndindex(mask.shape):
        votes = [
            padded[y + radius + dy, x + radius + dx]
            for dy in range(-radius, radius + 1)
            for dx in range(-radius, radius + 1)
            if dy * dy + dx * dx <= radius * radius
        ]
        expected[y, x] = 2 * sum(votes) > len(votes)
    np.testing.assert_array_equal(majority(mask, radius), expected)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_straight_cut_has_two_sides(seed):
    """Along a row of pixels each side is its own; the row itself goes to the nearest beside it."""
    row = 2 + seed
    mask = np.ones((12, 9), dtype=bool)
    pieces = cut(mask, [(-3.0, row + 0.5), (20.0, row + 0.5)])
    above, below = pieces[:row], pieces[row + 1 :]
    assert len(np.unique(above)) == len(np.unique(below)) == 1
    assert above[0, 0] != below[0, 0]
    assert above[0, 0] == (1 if row > 11 - row else 2)  # the larger side is the first piece
    assert set(np.unique(pieces[row])) <= {1, 2}


@pytest.mark.parametrize("seed", range(12))
def test_any_cut_is_a_partition_that_the_line_makes(seed):
    random = np.random.default_rng(seed)
    mask = noise(seed).label_map == 1
    points = [(float(x), float(y)) for x, y in random.uniform(-2, 24, (3, 2))]
    pieces = cut(mask, points)
    assert (pieces[~mask] == 0).all()
    assert (pieces[mask] > 0).all() or not (pieces > 0).any()
    for number in range(2, int(pieces.max()) + 1):
        assert len(regions(pieces == number, diagonal=True)) == 1


def test_a_cut_leaves_far_parts_where_they_are():
    document = labelled("11111.1", "11111.1", "11111.1")
    split = after(document, SplitLine(1, ((3.2, -1.0), (3.2, 5.0))))
    assert [line[:3] + line[4:] for line in lines(split)] == ["1112.1"] * 3
    assert split.segments[2].category_id == document.segments[1].category_id


def test_a_line_may_overshoot_a_flat_picture_as_a_hand_does():
    assert lines(after(labelled("11111"), SplitLine(1, ((3, -900), (3, 1200))))) in (["11122"], ["11112"])


def test_parts_are_eight_connected_and_the_largest_keeps_the_id():
    document = labelled("1..22", ".1.2.", "...2.", "11.22")
    assert lines(after(document, SplitComponents(1))) == ["1..22", ".1.2.", "...2.", "33.22"]
    assert refusal(document, SplitComponents(2)) == "error.one_component"


@pytest.mark.parametrize("seed", SEEDS)
def test_parts_become_segments_of_their_own(seed):
    document = noise(seed)
    parts = regions(document.label_map == 1, diagonal=True)
    split = after(document, SplitComponents(1))
    found = [
        set(map(tuple, np.argwhere(split.label_map == key).tolist())) for key in split.segments if key not in (2, 3, 4)
    ]
    assert sorted(map(sorted, found)) == sorted(map(sorted, parts))
    assert split.segments[1].area == max(map(len, parts))


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("least", [2, 5, 1000])
def test_islands_go_to_void(seed, least):
    document = noise(seed)
    expected = document.label_map.copy()
    for part in regions(document.label_map == 2, diagonal=True):
        if len(part) < least:
            expected[mask_of(part, expected.shape)] = 0
    cleaned = after(document, RemoveIslands(2, least))
    np.testing.assert_array_equal(cleaned.label_map, expected)
    assert (2 in cleaned.segments) == (expected == 2).any()


def test_holes_take_void_and_crumbs_but_no_segment_that_lives_there():
    document = labelled("11111222", "1.121322", "1133122.", "11111222", locked=[])
    assert lines(after(document, FillHoles(1))) == ["11111222", "11111322", "1133122.", "11111222"]


def test_a_locked_crumb_stays_in_its_hole():
    document = labelled("1111", "1.21", "1111", "2222", locked=[2])
    assert lines(after(document, FillHoles(1))) == ["1111", "1121", "1111", "2222"]


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("edit", [Grow(1, 2), Grow(1, -1), Smooth(1, 2)])
def test_reshaped_segments_in_the_picture(seed, edit):
    """The window around the segment makes no difference; neighbours give way, what is lost is void."""
    document = noise(seed)
    mask = document.label_map == 1
    if isinstance(edit, Smooth):
        wanted = majority(mask, edit.radius)
    else:
        wanted = dilated(mask, edit.pixels) if edit.pixels > 0 else eroded(mask, -edit.pixels)
    expected = np.where(wanted, 1, np.where(mask, 0, document.label_map))
    np.testing.assert_array_equal(after(document, edit).label_map, expected)


@pytest.mark.parametrize(
    ("edit", "key"),
    [
        (SplitLine(1, ((0, 7), (5, 7))), "error.cut_nothing"),
        (SplitLine(1, ((1, 1),)), "error.cut_nothing"),
        (SplitLine(1, ()), "error.cut_nothing"),
        (SplitLine(1, ((float("nan"), 1), (2, 2))), "error.point_outside"),
        (SplitLine(1, ((1e30, 1), (-1e30, 1.5))), "error.point_outside"),
        (Grow(1, 501), "error.edit_size"),
        (Grow(1, -501), "error.edit_size"),
        (Smooth(1, 0), "error.edit_size"),
        (FillHoles(7), "error.no_segment"),
        (Grow(2, 1), "error.segment_locked"),
        (Smooth(2, 1), "error.segment_locked"),
        (FillHoles(2), "error.segment_locked"),
        (RemoveIslands(2, 9), "error.segment_locked"),
        (SplitComponents(2), "error.segment_locked"),
        (SplitLine(2, ((0, 0), (5, 5))), "error.segment_locked"),
    ],
)
def test_what_is_refused(edit, key):
    assert refusal(labelled("111.", "111.", "111.", "2222", locked=[2]), edit) == key
