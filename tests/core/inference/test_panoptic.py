import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import core.inference.cells as cells
from core.inference import Geometry, Prediction, fit, panoptic
from core.types import Fate
from tests.core.inference.oracle import check_panoptic, random_prediction, taxonomy

geometries = st.builds(
    fit,
    st.tuples(st.integers(1, 70), st.integers(1, 70)),
    short_side=st.integers(8, 64),
    max_long_side=st.integers(64, 120),
)


def drawn(class_logits: list[list[float]], masks: list[str], things: int = 1, stuff: int = 1) -> Prediction:
    """One grid sample to a pixel; ``#`` is a sure pixel, ``+`` a weak one (p 0.73), ``.`` none."""
    logits = {"#": 8.0, "+": 1.0, ".": -8.0}
    rows = [[[logits[c] for c in line] for line in mask.split()] for mask in masks]
    mask_logits = torch.tensor(rows)
    height, width = mask_logits.shape[1:]
    return Prediction(
        class_logits=torch.tensor(class_logits),
        mask_logits=mask_logits,
        mask_embeddings=torch.zeros(len(masks), 2),
        pixel_embeddings=torch.zeros(2, height, width),
        geometry=Geometry((height, width), (height, width), (height, width), stride=1),
        taxonomy=taxonomy(things, stuff),
    )


THING, STUFF, NOTHING = [9.0, 0.0, 0.0], [0.0, 9.0, 0.0], [0.0, 0.0, 9.0]


def test_stuff_is_fused_and_ids_stay_fresh():
    prediction = drawn([STUFF, THING, STUFF, THING], ["#...", ".#..", "..#.", "...#"])
    result = panoptic(prediction)
    assert result.panoptic_map.tolist() == [[1, 2, 1, 3]]
    assert [f.fate for f in result.fates] == [Fate.SEGMENT, Fate.SEGMENT, Fate.FUSED, Fate.SEGMENT]
    assert [s.queries for s in result.segments] == [(0, 2), (1,), (3,)]


def test_weak_lone_mask_stands_because_the_ratio_is_unweighted():
    """transformers 5.23 weighs the mask by the score first and drops this query."""
    result = panoptic(drawn([[1.0, 0.0, -9.0]], ["++.."]), score_threshold=0.5)
    assert result.fates[0].fate is Fate.SEGMENT
    assert result.fates[0].mask_area == 2


def test_there_is_no_further_cut_at_one_half():
    result = panoptic(drawn([THING], ["##.."]))
    assert result.panoptic_map.tolist() == [[1, 1, 1, 1]]
    assert (result.fates[0].won_area, result.fates[0].mask_area) == (4, 2)


def test_query_that_wins_too_little_leaves_void():
    strong, weak = [9.0, 0.0, 0.0], [4.0, 0.0, 0.0]
    result = panoptic(drawn([strong, weak], ["###.", "####"]), 0.5, 0.8)
    assert result.panoptic_map.tolist() == [[1, 1, 1, 0]]
    assert result.fates[1].fate is Fate.OVERLAPPED
    assert (result.fates[1].won_area, result.fates[1].mask_area) == (1, 4)


def test_query_that_wins_nothing_is_overlapped():
    result = panoptic(drawn([THING, [4.0, 0.0, 0.0]], ["####", "####"]), 0.5, 0.0)
    assert (result.fates[1].fate, result.fates[1].won_area) == (Fate.OVERLAPPED, 0)


def test_equal_claims_go_to_the_lower_query():
    result = panoptic(drawn([THING, THING], ["####", "####"]), 0.5, 0.0)
    assert [fate.won_area for fate in result.fates] == [4, 0]


def test_each_reason_is_told():
    prediction = drawn([THING, NOTHING, [0.4, 0.0, 0.0], THING], ["#...", ".#..", "..#.", "...#"])
    result = panoptic(prediction, off=frozenset({3}))
    assert [f.fate for f in result.fates] == [Fate.SEGMENT, Fate.NO_OBJECT, Fate.BELOW_THRESHOLD, Fate.OFF]
    assert [f.segment_id for f in result.fates] == [1, None, None, None]


def test_nothing_kept_is_all_void():
    result = panoptic(drawn([NOTHING], ["##"]))
    assert result.panoptic_map.tolist() == [[0, 0]]
    assert result.segments == ()


def test_threshold_is_exclusive():
    prediction = drawn([THING], ["##"])
    assert panoptic(prediction, score_threshold=float(prediction.scores[0])).segments == ()


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**31), geometries, st.sampled_from([0.0, 0.4, 0.7]), st.sampled_from([0.0, 0.5, 0.8]), st.data())
def test_rules_hold(seed, geometry, score, overlap, data):
    prediction = random_prediction(seed, geometry, smooth=data.draw(st.sampled_from([1, 4])))
    off = frozenset(data.draw(st.sets(st.integers(0, len(prediction) - 1), max_size=4)))
    check_panoptic(panoptic(prediction, score, overlap, off), prediction, score, overlap, off)


def test_pieces_equal_the_whole(monkeypatch):
    prediction = random_prediction(3, fit((61, 83), short_side=48, max_long_side=120), smooth=1)
    whole = panoptic(prediction, 0.0, 0.0)
    monkeypatch.setattr(cells, "BLOCK_PIXELS", 40)
    pieces = panoptic(prediction, 0.0, 0.0)
    assert (whole.panoptic_map == pieces.panoptic_map).all()
    assert whole.fates == pieces.fates
