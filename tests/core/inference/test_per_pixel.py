"""Per-pixel networks: every view of a prediction against the plain argmax of interpolated class logits."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor
from torch.nn.functional import interpolate

from core.checkpoints import Card, Checkpoint, Preprocessing
from core.document import Delete, Document, Fill, History, Promote, Switch
from core.evaluation.model import evaluate_checkpoint
from core.formats.panoptic_dataset import read_panoptic_dataset
from core.inference import (
    Geometry,
    Prediction,
    Predictor,
    fit,
    instances,
    mask_area,
    mask_probability,
    nearest_queries,
    panoptic,
    query_mask,
    semantic,
)
from core.inference.readout import read_out
from core.masks import decode
from core.model import MaskFormerConfig, PerPixelOutput, build_network
from core.types import Fate
from tests.annotated import CAR, ROAD, SKY, TAXONOMY, write_dataset
from tests.core.inference.oracle import taxonomy, upsampled
from tests.core.inference.test_panoptic import geometries

CLASSES = taxonomy(3, 4)
FULL = Geometry((75, 104), (96, 128), (96, 128))  # no padding, so that torch's own interpolation is the same


def of_logits(class_logits: Tensor, geometry: Geometry) -> Prediction:
    """The prediction of a network that says these class logits (K, h, w)."""
    pixel_embeddings = torch.zeros(1, 2, *class_logits.shape[1:])
    tensors = read_out(PerPixelOutput(pixel_embeddings, (class_logits[None],)))
    return Prediction(*tensors, geometry=geometry, taxonomy=CLASSES, is_per_pixel=True)


def random_logits(seed: int, geometry: Geometry, scale: float = 4) -> Tensor:
    """Smooth random class logits; with a large ``scale`` neighbours are sure of different classes."""
    random = torch.Generator().manual_seed(seed)
    height, width = geometry.grid_hw
    noise = torch.randn(1, len(CLASSES), height // 2 + 1, width // 2 + 1, generator=random) * scale
    return interpolate(noise, size=(height, width), mode="bilinear", align_corners=False)[0].contiguous()


@pytest.fixture(scope="module")
def prediction():
    return of_logits(random_logits(0, FULL), FULL)


@pytest.mark.parametrize("scale", [0.1, 4, 400])
def test_the_class_is_the_argmax_of_torchs_interpolated_logits(scale):
    logits = random_logits(1, FULL, scale)
    expected = interpolate(logits[None].double(), size=FULL.picture_hw, mode="bilinear", align_corners=False)[0]
    class_map = semantic(of_logits(logits, FULL)).class_map
    first, second = expected.topk(2, dim=0).values
    is_clear = (first - second > 1e-5 * scale).numpy()
    assert is_clear.mean() > 0.999
    assert class_map.dtype == np.int32
    assert (class_map == expected.argmax(dim=0).numpy())[is_clear].all()


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**31), geometries, st.sampled_from([1, 50]))
def test_the_chosen_logit_is_the_largest_at_any_geometry(seed, geometry, scale):
    prediction = of_logits(random_logits(seed, geometry, scale), geometry)
    class_map = semantic(prediction).class_map
    logits = upsampled(prediction)
    chosen = np.take_along_axis(logits, class_map[None].astype(np.int64), axis=0)[0]
    assert class_map.shape == geometry.picture_hw
    np.testing.assert_allclose(chosen, logits.max(axis=0), atol=1e-5 * scale)


@pytest.mark.parametrize("thresholds", [(0.0, 0.0), (0.8, 0.8), (1.0, 1.0)])
def test_each_class_is_one_segment_with_exactly_its_pixels(prediction, thresholds):
    class_map = semantic(prediction).class_map
    result = panoptic(prediction, *thresholds)
    assert (result.panoptic_map > 0).all()
    assert [s.category_id for s in result.segments] == [CLASSES[k].category_id for k in np.unique(class_map)]
    for segment in result.segments:
        (query,) = segment.queries
        assert ((result.panoptic_map == segment.segment_id) == (class_map == query)).all()
        assert (segment.score, segment.area) == (1.0, (class_map == query).sum())


def test_a_class_that_is_switched_off_leaves_its_pixels_to_the_next_best(prediction):
    off = frozenset({0, 3})
    left = [query for query in range(len(prediction)) if query not in off]
    result = panoptic(prediction, off=off)
    query_of = {segment.segment_id: segment.queries[0] for segment in result.segments}
    expected = np.array(left)[upsampled(prediction)[left].argmax(axis=0)]
    assert (np.vectorize(query_of.get)(result.panoptic_map) == expected).mean() > 0.9999
    assert {fate.query for fate in result.fates if fate.fate is Fate.OFF} == off


def test_masks_are_what_the_classes_win(prediction):
    class_map = semantic(prediction).class_map
    for query in range(len(prediction)):
        assert (query_mask(prediction, query) == (class_map == query)).all()
        assert mask_area(prediction, query) == (class_map == query).sum()


def test_each_thing_is_one_instance_scored_by_its_mean_probability(prediction):
    class_map = semantic(prediction).class_map
    probs = np.exp(upsampled(prediction))
    expected = sorted(((probs[k][class_map == k].mean(), k) for k in range(3) if (class_map == k).any()), reverse=True)
    found = instances(prediction).instances
    assert [instance.query for instance in found] == [k for _, k in expected]
    for instance, (score, k) in zip(found, expected, strict=True):
        assert instance.score == pytest.approx(score, abs=1e-5)
        assert instance.category_id == CLASSES[k].category_id
        assert (decode(instance.mask) == (class_map == k)).all()


def test_maps_are_the_classes_probabilities_and_queries_have_no_neighbours(prediction):
    logits = random_logits(0, FULL)
    maps = np.stack([mask_probability(prediction, query) for query in range(len(prediction))])
    np.testing.assert_allclose(maps, logits.softmax(dim=0).numpy(), atol=1e-6)
    assert prediction.class_probs[:, :-1].equal(torch.eye(7))
    assert nearest_queries(prediction, 2) == []


def test_a_person_can_edit_what_the_classes_made(prediction):
    class_map = semantic(prediction).class_map
    history = History(Document.from_result(panoptic(prediction), prediction))
    segment_id = history.document.label_map[0, 0].item()
    k = class_map[0, 0].item()
    history.apply(Delete(segment_id, Fill.VOID), prediction)
    assert ((history.document.label_map == 0) == (class_map == k)).all()
    history.apply(Promote(k), prediction)
    assert (history.document.label_map > 0).all()
    history.undo()
    history.undo()
    history.apply(Switch(k, on=False), prediction)
    assert segment_id not in history.document.segments
    assert (history.document.label_map > 0).all()


def test_it_has_one_query_a_class(prediction):
    with pytest.raises(ValueError, match="must have 4 queries, got 7"):
        Prediction(
            prediction.class_logits[:, :5],
            prediction.mask_logits,
            prediction.mask_embeddings,
            prediction.pixel_embeddings,
            geometry=FULL,
            taxonomy=taxonomy(2, 2),
            is_per_pixel=True,
        )


@pytest.fixture(scope="module", params=["per_pixel", "per_pixel_plus"])
def predictor(request):
    torch.manual_seed(0)
    config = MaskFormerConfig(
        num_classes=4,
        num_queries=4,
        width=32,
        mask_channels=16,
        pixel_decoder_width=32,
        decoder_layers=2,
        attention_heads=4,
        feedforward_width=32,
        formulation=request.param,
    )
    network = build_network(config).eval()
    preprocessing = Preprocessing(short_side=64, max_long_side=160)
    return Predictor(Checkpoint(network, config, TAXONOMY, preprocessing, Card("random")), device="cpu")


def test_the_predictor_runs_both_baselines(predictor):
    image = np.random.default_rng(0).integers(0, 256, (48, 64, 3), dtype=np.uint8)
    prediction = predictor.predict(image)
    assert prediction.is_per_pixel
    assert prediction.geometry == fit((48, 64), 64, 160)
    assert prediction.mask_logits.shape == (4, *prediction.geometry.grid_hw)
    torch.testing.assert_close(prediction.mask_logits.exp().sum(0), torch.ones(prediction.geometry.grid_hw))
    assert semantic(prediction).class_map.shape == panoptic(prediction).panoptic_map.shape == (48, 64)


def test_figures_are_those_of_the_argmax(predictor, tmp_path):
    ids = np.zeros((40, 60), np.int32)
    ids[:15], ids[15:], ids[20:30, 10:40] = 1, 2, 3
    folder = write_dataset(tmp_path, [(ids, {1: SKY, 2: ROAD, 3: CAR})])
    dataset = read_panoptic_dataset(folder, "val")
    figures = evaluate_checkpoint(predictor, dataset).to_json()

    guess = semantic(predictor.predict(dataset.image(dataset.pictures[0]))).class_map
    truth = np.array([-1, 3, 1, 0])[ids]
    overlap = [((guess == k) & (truth == k)).sum() / max(1, ((guess == k) | (truth == k)).sum()) for k in (0, 1, 3)]
    assert figures["pixel_accuracy"] == pytest.approx((guess == truth).mean())
    for k, iou in zip((0, 1, 3), overlap, strict=True):
        assert figures["per_class"][k]["iou"] == pytest.approx(iou)
        assert figures["per_class"][k]["tp"] == int(iou > 0.5)
