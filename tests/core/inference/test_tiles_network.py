"""Large pictures through a real network, tile by tile."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from core.checkpoints import Card, Checkpoint, Preprocessing
from core.evaluation.model import evaluate_checkpoint
from core.evaluation.report import Measures
from core.formats.panoptic_dataset import read_panoptic_dataset
from core.inference import Predictor, TiledPicture, Tiling, panoptic, semantic, thing_instances
from core.masks import decode, label_areas
from core.model import MaskFormerConfig, build_network
from tests.annotated import CAR, ROAD, TAXONOMY, write_dataset
from tests.test_segment_command import drawn_disc, set_queries_apart

SIDE = 64
SMALL = MaskFormerConfig(
    num_classes=len(TAXONOMY),
    num_queries=12,
    width=32,
    mask_channels=16,
    pixel_decoder_width=32,
    decoder_layers=1,
    attention_heads=4,
    feedforward_width=32,
)


@pytest.fixture(scope="module", params=["mask", "per_pixel"])
def predictor(request: pytest.FixtureRequest) -> Predictor:
    """A random network, of queries that disagree or of pixels."""
    torch.manual_seed(10)
    config = replace(SMALL, formulation=request.param)
    network = build_network(config).eval()
    if request.param == "mask":
        set_queries_apart(network)
    preprocessing = Preprocessing(short_side=SIDE, max_long_side=128, score_threshold=0.0, overlap_threshold=0.2)
    return Predictor(Checkpoint(network, config, TAXONOMY, preprocessing, Card("random")), device="cpu")


@pytest.fixture(scope="module")
def image() -> NDArray[np.uint8]:
    return np.tile(drawn_disc((200, 30, 20)), (3, 3, 1))[:100, :150]


def test_a_single_tile_is_the_picture_predicted_whole(predictor: Predictor, image: NDArray[np.uint8]) -> None:
    whole = predictor.predict(image)
    result, classes = TiledPicture(predictor, image, Tiling.of((100, 150), 150)).panoptic_and_semantic()
    expected = panoptic(whole)
    assert expected.segments
    assert (result.panoptic_map == expected.panoptic_map).all()
    assert result.segments == tuple(replace(segment, queries=()) for segment in expected.segments)
    assert (classes.class_map == semantic(whole).class_map).all()


def test_tiles_give_valid_results_from_one_run_or_from_two(predictor: Predictor, image: NDArray[np.uint8]) -> None:
    told: list[tuple[int, int]] = []
    picture = TiledPicture(predictor, image, Tiling.of((100, 150), SIDE), lambda *done: told.append(done))
    result, classes = picture.panoptic_and_semantic()
    assert told == [(done, 6) for done in range(1, 7)]
    areas = label_areas(result.panoptic_map)
    areas.pop(0, None)
    assert {s.segment_id: s.area for s in result.segments} == areas
    assert len(areas) > 1
    assert (picture.panoptic().panoptic_map == result.panoptic_map).all()
    assert (picture.semantic().class_map == classes.class_map).all()
    fused = [s.category_id for s in result.segments if predictor.checkpoint.is_per_pixel or s.category_id == ROAD]
    assert len(fused) == len(set(fused))


def test_instances_are_the_things_of_the_panoptic_result(predictor: Predictor, image: NDArray[np.uint8]) -> None:
    result = TiledPicture(predictor, image, Tiling.of((100, 150), SIDE)).panoptic()
    found = thing_instances(result, TAXONOMY).instances
    things = {s.segment_id: s for s in result.segments if TAXONOMY.category(s.category_id).is_thing}
    assert found
    assert [i.score for i in found] == sorted((s.score for s in things.values()), reverse=True)
    for instance in found:
        segment = things.pop(instance.query)
        assert (decode(instance.mask) == (result.panoptic_map == segment.segment_id)).all()
        assert (instance.category_id, instance.area) == (segment.category_id, segment.area)
    assert not things


def test_per_pixel_segments_are_the_semantic_map(predictor: Predictor, image: NDArray[np.uint8]) -> None:
    if not predictor.checkpoint.is_per_pixel:
        pytest.skip("of queries")
    result, classes = TiledPicture(predictor, image, Tiling.of((100, 150), SIDE)).panoptic_and_semantic()
    assert len(result.segments) == len(np.unique(classes.class_map)) > 1
    for segment in result.segments:
        is_class = classes.class_map == TAXONOMY.class_index(segment.category_id)
        assert ((result.panoptic_map == segment.segment_id) == is_class).all()


def test_a_model_is_scored_in_tiles(predictor: Predictor, tmp_path: Path) -> None:
    """The larger picture is cut, the smaller one is not; nobody's best query is told."""
    large, small = np.ones((90, 130), dtype=np.int32), np.ones((40, 60), dtype=np.int32)
    large[:30], small[:30] = 2, 2
    drawn = [(large, {1: ROAD, 2: CAR}), (small, {1: ROAD, 2: CAR})]
    dataset = read_panoptic_dataset(write_dataset(tmp_path, drawn), "val")
    report = evaluate_checkpoint(predictor, dataset, measures=Measures(detections=100, oracle=True), tile_side=SIDE)
    assert len(report.pictures) == 2
    assert not report.measures.oracle
    whole = evaluate_checkpoint(predictor, dataset, tile_side=130)
    assert whole.pictures == evaluate_checkpoint(predictor, dataset).pictures
