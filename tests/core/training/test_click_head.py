"""The click head learns on drawn pictures, and a run that was stopped goes on."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
import torch

from core.checkpoints import Checkpoint, Preprocessing
from core.checkpoints.card import Card
from core.formats.panoptic_dataset import read_panoptic_dataset
from core.inference import Predictor
from core.messages import StudioError
from core.model import MaskFormer, MaskFormerConfig
from core.refinement.crop import Crop
from core.refinement.head import SHARE
from core.refinement.weights import load_head
from core.training.clicks import ClickRecipe, ClickTrainer
from core.training.clicks.episodes import Episode
from core.training.clicks.loop import HEAD_FILE
from core.training.clicks.scenes import scenes
from core.training.clicks.starts import boxed, damaged
from core.types import VOID, Click
from tests.annotated import CAR, ROAD, SKY, TAXONOMY, write_dataset

RECIPE = ClickRecipe(steps=60, episodes=4, learning_rate=2e-3, warmup_steps=5, ema_decay=0.9, save_every=30)


@cache
def predictor():
    torch.manual_seed(0)
    config = MaskFormerConfig(
        num_classes=len(TAXONOMY),
        num_queries=6,
        width=16,
        mask_channels=16,
        pixel_decoder_width=32,
        decoder_layers=1,
        attention_heads=4,
        feedforward_width=16,
    )
    preprocessing = Preprocessing(short_side=64, max_long_side=160, score_threshold=0.1, overlap_threshold=0.3)
    return Predictor(Checkpoint(MaskFormer(config).eval(), config, TAXONOMY, preprocessing, Card("random")))


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    """Two scenes of road, sky and a car."""
    ids = np.full((64, 80), 1, dtype=np.int32)
    ids[:26], ids[20:48, 30:60], ids[60:] = 2, 3, 0
    folder = write_dataset(tmp_path_factory.mktemp("drawn"), [(ids, {1: ROAD, 2: SKY, 3: CAR})] * 2)
    return list(scenes(predictor(), read_panoptic_dataset(folder, "val"), least_area=64))


def test_a_scene_tells_what_is_worth_correcting(drawn):
    assert len(drawn) == 2
    assert drawn[0].targets.tolist() == [1, 2, 3]
    assert drawn[0].features.values.dtype == np.float16
    assert drawn[0].found.shape == drawn[0].truth.shape == (64, 80)


def test_segments_without_enough_pixels_are_left_out(drawn, tmp_path):
    ids = np.zeros((40, 40), np.int32)
    ids[:3, :3] = 1
    folder = write_dataset(tmp_path, [(ids, {1: CAR})])
    assert not list(scenes(predictor(), read_panoptic_dataset(folder, "val"), least_area=64))


def test_an_episode_takes_clicks_into_its_errors_and_its_answers(drawn):
    random = np.random.default_rng(3)
    episode = Episode.begin(drawn, random)
    episode.mask, episode.is_boxed, episode.is_blank = np.zeros_like(episode.truth), False, False
    assert episode.click(random)
    click = episode.clicks[0]
    assert episode.truth[click.y, click.x]
    crop = episode.crop(RECIPE, random)
    inputs = episode.inputs(crop)
    assert np.isfinite(inputs).all()
    said = np.where(crop.shrink(episode.truth[crop.pixels]) >= 0.5, 9, -9).astype(np.float32)
    episode.answer(crop, said, inputs[SHARE])
    inside = np.zeros_like(episode.truth)
    inside[crop.pixels] = True
    assert (episode.mask == (episode.truth & inside))[inside].mean() > 0.97
    assert not episode.mask[~inside].any()


def test_far_from_the_click_an_accepted_segment_stays_as_it_was(drawn):
    random = np.random.default_rng(3)
    episode = Episode.begin(drawn, random)
    episode.truth = np.zeros_like(episode.truth)
    episode.truth[10:20, 10:20] = True
    episode.mask = np.zeros_like(episode.truth)
    episode.mask[40:50, 50:60] = True
    far = episode.mask.copy()
    episode.is_boxed = episode.is_blank = False
    assert episode.is_accepted
    episode.clicks, crop = [Click(15, 15)], Crop.around((0, 0, 80, 64), 1, 0, episode.scene.hw)
    said = np.where(crop.shrink(episode.truth[crop.pixels]) >= 0.5, 9, -9).astype(np.float32)
    episode.answer(crop, said, episode.inputs(crop)[SHARE])
    assert episode.mask[15, 15]
    assert (episode.mask & far).sum() == far.sum()


def test_the_models_own_segments_are_not_guessed_again_unless_the_picture_is_empty(drawn):
    scene = drawn[0]
    places = [(x, y) for y in range(0, 64, 7) for x in range(0, 80, 7)]
    alone = {at: scene.first_guess(*at, is_alone=True) for at in places}
    taken = 0
    for (x, y), guess in alone.items():
        among = scene.first_guess(x, y, is_alone=False)
        there = (scene.found == scene.found[y, x]) & (scene.found[y, x] != VOID)
        is_there = (guess & there).sum() >= 0.5 * max(1, (guess | there).sum())
        taken += is_there
        assert np.array_equal(among, np.zeros_like(guess) if is_there else guess)
    assert any(guess.any() for guess in alone.values())
    assert taken


def test_unknown_pixels_are_no_error(drawn):
    random = np.random.default_rng(0)
    episode = Episode.begin(drawn, random)
    episode.is_boxed = False
    episode.mask = episode.truth | (episode.scene.truth == VOID)
    assert episode.iou == 1
    assert not episode.click(random)


@pytest.mark.parametrize("seed", range(20))
def test_damaged_truths_and_boxes_have_something_of_the_truth(drawn, seed):
    random, scene = np.random.default_rng(seed), drawn[0]
    truth = scene.truth == 3
    assert damaged(truth, scene.truth, random).shape == truth.shape
    box = boxed(truth, random)
    assert (box & truth).sum() > 0.5 * truth.sum()


@pytest.mark.slow
def test_it_learns(drawn, tmp_path):
    reports = list(ClickTrainer(replace(RECIPE, steps=120), drawn, tmp_path).run())
    first, last = (np.mean([r.loss for r in part]) for part in (reports[:20], reports[-20:]))
    assert last < 0.7 * first
    assert np.mean([r.iou_after - r.iou_before for r in reports[-20:]]) > 0


def test_a_run_that_stopped_goes_on_and_its_head_loads(drawn, tmp_path):
    trainer = ClickTrainer(replace(RECIPE, steps=4, save_every=2), drawn, tmp_path)
    for report in trainer.run():
        if report.step == 2:
            break
    again = ClickTrainer(replace(RECIPE, steps=4), drawn, tmp_path)
    again.resume()
    assert again.step == 2
    for name, tensor in trainer.head.state_dict().items():
        assert torch.equal(tensor, again.head.state_dict()[name])
    assert [report.step for report in again.run()] == [3, 4]
    head = load_head(tmp_path / HEAD_FILE)
    for name, tensor in again.average.module.state_dict().items():
        torch.testing.assert_close(tensor, head.state_dict()[name], atol=2e-3, rtol=2e-3)


def test_a_run_begins_with_the_head_that_it_is_given(drawn, tmp_path):
    bundled = load_head()
    before = {name: tensor.clone() for name, tensor in bundled.state_dict().items()}
    trainer = ClickTrainer(replace(RECIPE, steps=1), drawn, tmp_path, start=bundled)
    for network in (trainer.head, trainer.average.module):
        assert all(torch.equal(tensor, before[name]) for name, tensor in network.state_dict().items())
    list(trainer.run())
    assert not torch.equal(trainer.head.last.weight, before["last.weight"])
    assert all(torch.equal(tensor, before[name]) for name, tensor in bundled.state_dict().items())


def test_what_is_no_head_is_refused(tmp_path):
    with pytest.raises(StudioError, match="no click head"):
        load_head(tmp_path / "missing.safetensors")
    other = tmp_path / "other.safetensors"
    other.write_bytes(b"nonsense")
    with pytest.raises(StudioError, match="no click head"):
        load_head(other)
