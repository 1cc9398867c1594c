"""Cutting drawn label maps into overlapping tiles and stitching them, without a network."""

import weakref
from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from core.checkpoints import Preprocessing
from core.inference import LEAST_SIDE, Tiling, natural_side, stitch, stitch_semantic
from core.inference.tiles import OVERLAP_PARTS, Tile
from core.masks import components, label_areas
from core.messages import StudioError
from core.types import PanopticResult, SegmentInfo, SemanticResult

SIDE = LEAST_SIDE
CELL, WALL = 9, 5  # classes: things, stuff
FUSED = frozenset({WALL})
LabelMap = NDArray[np.int32]
Kinds = dict[int, int]  # category of each label


def seen_by(tile: Tile, label_map: LabelMap, kinds: Kinds, random: np.random.Generator) -> PanopticResult:
    """What a flawless model says about a tile: ids start afresh, in any order."""
    seen = label_map[tile.seen]
    areas = {label: pixels for label, pixels in label_areas(seen).items() if label}
    ids = dict(zip(areas, (random.permutation(len(areas)) + 1).tolist(), strict=True))
    numbers = np.zeros(max(areas, default=0) + 1, dtype=np.int32)
    numbers[list(ids)] = list(ids.values())
    segments = [SegmentInfo(ids[label], kinds[label], random.random(), areas[label]) for label in areas]
    return PanopticResult(numbers[seen], tuple(segments), ())


def stitched(label_map: LabelMap, kinds: Kinds, side: int = SIDE, seed: int = 0) -> PanopticResult:
    tiling, random = Tiling.of(label_map.shape, side), np.random.default_rng(seed)
    return stitch(tiling, (seen_by(tile, label_map, kinds, random) for tile in tiling), FUSED)


def assert_valid(result: PanopticResult) -> None:
    areas = label_areas(result.panoptic_map)
    areas.pop(0, None)
    assert {s.segment_id: s.area for s in result.segments} == areas
    assert [s.segment_id for s in result.segments] == list(range(1, len(areas) + 1))
    assert result.panoptic_map.dtype == np.int32


def assert_same_partition(result: PanopticResult, label_map: LabelMap, kinds: Kinds) -> None:
    assert_valid(result)
    pairs = set(zip(result.panoptic_map.ravel().tolist(), label_map.ravel().tolist(), strict=True))
    assert len(pairs) == len({a for a, _ in pairs}) == len({b for _, b in pairs}), "one label for one label"
    categories = {s.segment_id: s.category_id for s in result.segments} | {0: 0}
    assert all(categories[found] == ({0: 0} | kinds)[drawn] for found, drawn in pairs)


@st.composite
def drawn_maps(draw: st.DrawFn) -> tuple[LabelMap, Kinds]:
    """Noise enlarged to blobs of any shape: things are connected parts, stuff is one segment, the rest void."""
    height, width = draw(st.integers(1, 220)), draw(st.integers(1, 220))
    seed, coarse = draw(st.integers(0, 1 << 32)), draw(st.integers(3, 60))
    noise = np.random.default_rng(seed).integers(0, 3, (height // coarse + 1, width // coarse + 1))
    mark = noise.repeat(coarse, axis=0).repeat(coarse, axis=1)[:height, :width]
    parts, count = components(mark == 1)
    label_map = parts.astype(np.int32)
    label_map[mark == 2] = count + 1
    return label_map, dict.fromkeys(range(1, count + 1), CELL) | {count + 1: WALL}


@settings(deadline=None, max_examples=25)
@given(drawn=drawn_maps(), side=st.integers(SIDE, 120), seed=st.integers(0, 1000))
def test_cutting_and_stitching_gives_the_same_partition(drawn: tuple[LabelMap, Kinds], side: int, seed: int) -> None:
    label_map, kinds = drawn
    assert_same_partition(stitched(label_map, kinds, side, seed), label_map, kinds)


@settings(deadline=None, max_examples=25)
@given(drawn=drawn_maps(), side=st.integers(SIDE, 120), error=st.integers(1, 12), seed=st.integers(0, 1000))
def test_tiles_that_disagree_still_give_a_valid_map(
    drawn: tuple[LabelMap, Kinds], side: int, error: int, seed: int
) -> None:
    """Each tile sees the drawing shifted by its own error, and no tile's two things become one."""
    label_map, kinds = drawn
    tiling = Tiling.of(label_map.shape, side)
    random = np.random.default_rng(seed)
    results = []
    for tile in tiling:
        shifted = np.roll(label_map, tuple(random.integers(-error, error + 1, 2)), axis=(0, 1))
        results.append(seen_by(tile, shifted, kinds, random))
    result = stitch(tiling, results, FUSED)
    assert_valid(result)
    walls = [s for s in result.segments if s.category_id == WALL]
    assert len(walls) <= 1
    for tile, own in zip(tiling, results, strict=True):
        window = own.panoptic_map[tile.own_inside], result.panoptic_map[tile.own]
        pairs = set(zip(*(labels.ravel().tolist() for labels in window), strict=True))
        assert len(pairs) == len({a for a, _ in pairs}) == len({b for _, b in pairs}), "a tile's segments stay apart"


@settings(deadline=None, max_examples=25)
@given(pixels=st.tuples(st.integers(1, 900), st.integers(1, 900)), side=st.integers(SIDE, 300))
def test_every_pixel_is_decided_once_and_neighbours_share_a_quarter(pixels: tuple[int, int], side: int) -> None:
    tiling = Tiling.of(pixels, side)
    decided = np.zeros(pixels, dtype=np.int32)
    for tile in tiling:
        assert tile.size_hw == (min(side, pixels[0]), min(side, pixels[1]))
        inner = np.zeros(tile.size_hw, dtype=bool)
        inner[tile.own_inside] = True
        decided[tile.seen] += inner
        decided[tile.own] += 10
    assert tiling.picture_hw == pixels
    assert (decided == 11).all()
    for spans in (tiling.rows, tiling.columns):
        for before, after in pairwise(spans):
            low, high = before.shared(after)
            assert high - low >= side // OVERLAP_PARTS
            margin = (high - low) // 2
            assert after.own_start - low >= margin
            assert high - before.own_stop >= margin


def test_a_picture_no_larger_than_a_tile_is_one_tile() -> None:
    (tile,) = Tiling.of((SIDE, 10), SIDE)
    assert tile.seen == tile.own == (slice(0, SIDE), slice(0, 10))


def test_a_segment_across_nine_tiles_is_one() -> None:
    label_map = np.zeros((3 * SIDE // 2 + 40, 3 * SIDE // 2 + 40), dtype=np.int32)
    assert len(Tiling.of(label_map.shape, SIDE)) == 9
    label_map[3:-3, 3:-3] = 1
    result = stitched(label_map, {1: CELL})
    assert_same_partition(result, label_map, {1: CELL})
    assert len(result.segments) == 1


def test_neighbours_of_one_class_that_touch_on_the_cut_stay_two() -> None:
    """They touch exactly where one tile's pixels end and the other's begin, so only the overlap tells them apart."""
    tiling = Tiling.of((SIDE, 100), SIDE)
    edge = tiling.columns[0].own_stop
    label_map = np.ones((SIDE, 100), dtype=np.int32)
    label_map[:, edge:] = 2
    kinds = {1: CELL, 2: CELL}
    result = stitched(label_map, kinds)
    assert_same_partition(result, label_map, kinds)
    assert len(result.segments) == 2


def test_two_that_a_tile_tells_apart_are_not_joined_through_a_third() -> None:
    """The left tile sees one thing where the right one sees two: it joins the more alike of them, not both."""
    tiling = Tiling.of((SIDE, 100), SIDE)
    left, right = np.ones((SIDE, SIDE), dtype=np.int32), np.ones((SIDE, SIDE), dtype=np.int32)
    right[: SIDE // 3] = 2
    results = [whole(left, {1: CELL}), whole(right, {1: CELL, 2: CELL})]
    result = stitch(tiling, results, FUSED)
    assert_valid(result)
    assert len(result.segments) == 2
    assert result.panoptic_map[0, 99] != result.panoptic_map[0, 0] == result.panoptic_map[SIDE - 1, 99]


def test_things_of_two_classes_are_not_joined_and_stuff_is_wherever_it_lies() -> None:
    tiling = Tiling.of((SIDE, 100), SIDE)
    left, right = np.zeros((SIDE, SIDE), dtype=np.int32), np.zeros((SIDE, SIDE), dtype=np.int32)
    left[:, 2:5], right[:, -5:-2] = 2, 2
    left[20:40, -40:], right[20:40, :40] = 1, 1
    results = [whole(left, {1: CELL, 2: WALL}), whole(right, {1: CELL + 1, 2: WALL})]
    result = stitch(tiling, results, FUSED)
    assert_valid(result)
    assert [s.category_id for s in result.segments] == [CELL, WALL, CELL + 1]


def test_the_surest_part_gives_the_score_and_parts_that_decide_nothing_are_gone() -> None:
    tiling = Tiling.of((SIDE, 100), SIDE)
    left, right = np.zeros((SIDE, SIDE), dtype=np.int32), np.zeros((SIDE, SIDE), dtype=np.int32)
    left[10:20, 30:], right[10:20, :40] = 1, 1
    right[50:60, 0:4] = 2  # seen by the right tile at its rim only, where the left one decides
    results = [whole(left, {1: CELL}, 0.7), whole(right, {1: CELL, 2: CELL}, 0.9)]
    (segment,) = stitch(tiling, results, FUSED).segments
    assert (segment.segment_id, segment.score, segment.area) == (1, 0.9, 10 * (40 + 36 - 30))


def whole(label_map: LabelMap, kinds: Kinds, score: float = 1.0) -> PanopticResult:
    areas = label_areas(label_map)
    return PanopticResult(label_map, tuple(SegmentInfo(i, k, score, areas[i]) for i, k in kinds.items()), ())


def test_semantic_tiles_each_decide_their_middle() -> None:
    tiling = Tiling.of((150, 100), SIDE)
    results = [SemanticResult(np.full(tile.size_hw, n, dtype=np.int32)) for n, tile in enumerate(tiling)]
    class_map = stitch_semantic(tiling, results).class_map
    for number, tile in enumerate(tiling):
        assert (class_map[tile.own] == number).all()


def test_results_are_read_one_at_a_time() -> None:
    """So a tile's result may be made when it is asked for, and is forgotten when the next is there."""
    tiling = Tiling.of((400, 150), SIDE)
    made: list[weakref.ref[LabelMap]] = []

    def results() -> Iterator[PanopticResult]:
        for tile in tiling:
            assert sum(label_map() is not None for label_map in made) <= 2
            label_map = np.ones(tile.size_hw, dtype=np.int32)
            made.append(weakref.ref(label_map))
            yield whole(label_map, {1: CELL})
            del label_map

    assert len(stitch(tiling, results(), FUSED).segments) == 1


def test_sizes_and_numbers_that_do_not_go_together_are_refused() -> None:
    tiling = Tiling.of((SIDE, 100), SIDE)
    one = whole(np.ones((SIDE, SIDE), dtype=np.int32), {1: CELL})
    with pytest.raises(ValueError, match="shorter"):
        stitch(tiling, [one], FUSED)
    with pytest.raises(ValueError, match=r"a tile's map must be \(64, 64\), got \(3, 3\)"):
        stitch(tiling, [whole(np.ones((3, 3), dtype=np.int32), {1: CELL}), one], FUSED)


def test_a_tile_that_shows_nothing_is_refused_in_one_sentence() -> None:
    with pytest.raises(StudioError, match=f"A tile of 8 pixels shows too little: take {LEAST_SIDE} or more"):
        Tiling.of((100, 100), 8)


@pytest.mark.parametrize(
    ("preprocessing", "side"),
    [(Preprocessing(320, 1024), 320), (Preprocessing(0, 2048), 1024), (Preprocessing(0, 640), 640)],
)
def test_the_natural_side_is_what_the_network_sees_pixel_for_pixel(preprocessing: Preprocessing, side: int) -> None:
    assert natural_side(preprocessing) == side
