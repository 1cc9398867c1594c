"""The matching of a labelled picture: costs, assignment and loss are training's, scores are evaluation's."""

import itertools
from dataclasses import replace

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from core.evaluation.overlaps import SegmentedPicture, overlaps
from core.evaluation.panoptic_quality import match
from core.explain.matching import MatchedPicture, match_picture
from core.explain.truth import grid_shares, truth_of
from core.inference import Geometry, Prediction, fit, own_masks, panoptic, query_mask
from core.messages import StudioError
from core.model import LayerPrediction, MaskFormerOutput
from core.training.losses import Criterion
from core.training.matcher import Matcher, Truths
from core.training.samples import cell_shares
from core.types import SegmentInfo
from tests.annotated import CAR, PERSON, ROAD, SKY, segments
from tests.core.explain.networks import CONFIG, IMAGE, predictor_of
from tests.core.explain.per_pixel import per_pixel_of

HEIGHT, WIDTH = IMAGE.shape[:2]


def labelled() -> tuple[NDArray[np.int32], tuple[SegmentInfo, ...]]:
    """Sky over road, two cars and a person, void at the left edge."""
    label_map = np.full((HEIGHT, WIDTH), 2, dtype=np.int32)
    label_map[25:] = 9
    label_map[20:40, 10:30], label_map[22:41, 50:77], label_map[30:45, 35:39] = 4, 5, 7
    label_map[:, :3] = 0
    return label_map, segments(label_map, {2: SKY, 9: ROAD, 4: CAR, 5: CAR, 7: PERSON})


@pytest.fixture(scope="module")
def prediction() -> Prediction:
    return predictor_of(CONFIG).predict(IMAGE)


@pytest.fixture(scope="module")
def found(prediction: Prediction) -> MatchedPicture:
    return matched(prediction, *labelled())


def matched(
    prediction: Prediction, label_map: NDArray[np.int32], rows: tuple[SegmentInfo, ...], score: float = 0.1
) -> MatchedPicture:
    own = own_masks(prediction, range(len(prediction)))
    result = panoptic(prediction, score, 0.1)
    return match_picture(prediction, truth_of(label_map, rows, prediction), own, result)


def output_of(prediction: Prediction) -> MaskFormerOutput:
    """The prediction as the network's last layer alone."""
    layer = LayerPrediction(prediction.class_logits[None], prediction.mask_embeddings[None])
    return MaskFormerOutput(prediction.pixel_embeddings[None], (layer,))


def test_the_assignment_is_scipys_and_the_cheapest(found: MatchedPicture) -> None:
    queries, targets = linear_sum_assignment(found.total.numpy())
    assert (found.queries.tolist(), found.targets.tolist()) == (queries.tolist(), targets.tolist())
    costs = found.total.numpy()
    cheapest = min(sum(costs[q, t] for t, q in enumerate(each)) for each in itertools.permutations(range(7), 5))
    assert costs[found.queries, found.targets].sum() == pytest.approx(cheapest)


def test_it_is_the_matching_of_training(prediction: Prediction, found: MatchedPicture) -> None:
    (matching,) = Matcher()(output_of(prediction), [found.truth.target])
    assert matching.queries[0].tolist() == found.queries.tolist()
    assert matching.targets[0].tolist() == found.targets.tolist()


def test_the_parts_add_up_to_the_costs_of_training(prediction: Prediction, found: MatchedPicture) -> None:
    pixels = prediction.pixel_embeddings.flatten(1)[None]
    truths = Truths.of([found.truth.target])
    probs, embeddings = prediction.class_probs[None], prediction.mask_embeddings[None]
    torch.testing.assert_close(found.total, Matcher().costs(probs, embeddings, pixels, truths)[0], atol=1e-5, rtol=1e-5)
    for weights, part in (((1, 0, 0), "classes"), ((0, 1, 0), "focal"), ((0, 0, 1), "dice")):
        alone = Matcher(*weights).costs(probs, embeddings, pixels, truths)[0]
        torch.testing.assert_close(getattr(found.costs, part), alone, atol=1e-5, rtol=1e-5)


def test_the_losses_are_those_of_training(prediction: Prediction, found: MatchedPicture) -> None:
    output, target = output_of(prediction), found.truth.target
    losses = Criterion()(output, [target], Matcher()(output, [target]))
    assert found.losses.total == pytest.approx(float(losses.total), rel=1e-5)
    for name, part in losses.parts.items():
        assert found.losses.parts[name] == pytest.approx(float(part), rel=1e-5)
    for pair, (query, truth) in enumerate(zip(found.queries, found.targets, strict=True)):
        p = prediction.class_probs[query, found.truth.target.class_indices[truth]]
        assert float(found.losses.classes[pair]) == pytest.approx(-float(p.log()), rel=1e-5)


def test_segments_are_scored_by_panoptic_quality(prediction: Prediction, found: MatchedPicture) -> None:
    label_map, rows = labelled()
    result = panoptic(prediction, 0.1, 0.1)
    falling = tuple(sorted(rows, key=lambda row: -row.area))
    guess = SegmentedPicture(result.panoptic_map, result.segments)
    expected = match(overlaps(SegmentedPicture(label_map, falling), guess), prediction.taxonomy)
    assert np.array_equal(found.scored.pairs, expected.pairs)
    assert np.array_equal(found.scored.missed, expected.missed)
    assert np.array_equal(found.scored.wrong, expected.wrong)
    assert found.scored.missed.any() or len(found.scored.pairs)


def test_iou_is_that_of_own_masks_without_void(prediction: Prediction, found: MatchedPicture) -> None:
    label_map, _ = labelled()
    for query in range(len(prediction)):
        mask = query_mask(prediction, query) & (label_map != 0)
        for place, segment in enumerate(found.truth.segments):
            true = label_map == segment.segment_id
            union = (mask | true).sum()
            assert found.iou[query, place] == pytest.approx((mask & true).sum() / union)
    assert np.array_equal(found.best_queries, found.iou.argmax(axis=0))


def test_a_class_that_the_model_lacks_is_left_out(prediction: Prediction) -> None:
    label_map, rows = labelled()
    strange = tuple(replace(row, category_id=99) if row.segment_id == 4 else row for row in rows)
    truth = truth_of(label_map, strange, prediction)
    assert (truth.left_out, len(truth.segments)) == (frozenset({99}), 4)
    assert not (truth.picture.label_map == 4).any()
    assert float(truth.target.valid.sum()) < float(truth_of(label_map, rows, prediction).target.valid.sum())


def test_more_segments_than_queries_leaves_some_without(prediction: Prediction) -> None:
    label_map = np.repeat(np.arange(1, 10, dtype=np.int32), 10)[None].repeat(HEIGHT, axis=0)
    found = matched(prediction, label_map, segments(label_map, dict.fromkeys(range(1, 10), CAR)))
    assert (len(found.queries), len(found.truth.segments)) == (7, 9)
    assert len(set(found.queries.tolist())) == 7


@pytest.mark.parametrize(
    "geometry",
    [
        Geometry((30, 47), (30, 47), (32, 64)),
        fit((50, 90), 64, 128),
        Geometry((50, 90), (25, 45), (32, 64)),
        Geometry((3, 200), (8, 128), (32, 128)),
    ],
)
def test_a_cells_share_is_counted_on_the_resized_picture(geometry: Geometry) -> None:
    height, width = geometry.picture_hw
    label_map = np.random.default_rng(2).integers(0, 4, (height, width)).astype(np.int32)
    y, x = (
        ((np.arange(r) + 0.5) * p / r).astype(int)
        for r, p in zip(geometry.resized_hw, geometry.picture_hw, strict=True)
    )
    padded = np.full(geometry.padded_hw, -1)
    padded[: len(y), : len(x)] = label_map[y][:, x]
    expected = cell_shares(padded == np.array([3, 1])[:, None, None], geometry.stride)
    torch.testing.assert_close(grid_shares(label_map, [3, 1], geometry), expected)


def test_without_truth_or_queries_there_is_a_sentence(prediction: Prediction) -> None:
    empty = np.zeros((HEIGHT, WIDTH), dtype=np.int32)
    with pytest.raises(StudioError, match="nothing to match"):
        matched(prediction, empty, ())
    with pytest.raises(StudioError, match="no queries"):
        matched(per_pixel_of(prediction), *labelled())
