"""The loop on a tiny drawn data set: it learns, and a run that was cut and resumed is the run that was not."""

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from core.checkpoints import load_checkpoint
from core.formats.panoptic_dataset import PanopticDataset, read_panoptic_dataset
from core.messages import StudioError
from core.training import RECIPES, Trainer
from core.training.augmentation import View, cut_image, cut_labels, random_view
from core.training.framing import LargestCrop
from core.training.samples import TrainingSamples, cell_shares, picture_shares, split_held_back
from core.types import Taxonomy
from tests.annotated import CAR, PERSON, ROAD, SKY, write_dataset
from tests.drawing import label_map

ROOT = Path(__file__).resolve().parents[3]
FORMULATIONS = ("mask", "per_pixel_plus")
TINY = replace(
    RECIPES["street"],
    name="street",
    model={
        "num_queries": 6,
        "width": 32,
        "mask_channels": 16,
        "pixel_decoder_width": 32,
        "decoder_layers": 2,
        "attention_heads": 4,
        "feedforward_width": 32,
    },
    framing=LargestCrop((64, 64), share=(0.45, 1.0)),
    steps=6,
    batch_size=2,
    warmup_steps=2,
    held_back=3,
    held_back_block=1,
    save_every=3,
    loader_workers=0,
    min_target_area=4,
    short_sides=(64, 96),
)


def scene(seed: int) -> tuple[np.ndarray, dict[int, int]]:
    """Sky over road with a box on it; ids beyond 16 bits, to be kept apart by exact resizing."""
    rng = np.random.default_rng(seed)
    ids = np.zeros((72, 96), np.int32)
    ids[:30], ids[30:] = 70_001, 70_002
    top, left = rng.integers(25, 40), rng.integers(5, 50)
    ids[top : top + 25, left : left + 30] = 16_777_215
    return ids, {70_001: SKY, 70_002: ROAD, 16_777_215: CAR}


@pytest.fixture
def dataset(tmp_path) -> PanopticDataset:
    folder = write_dataset(tmp_path / "data", [scene(i) for i in range(9)], split="train", not_exhaustive=[[PERSON]])
    return read_panoptic_dataset(folder, "train")


def trainer_of(dataset: PanopticDataset, output: Path, **changes: object) -> Trainer:
    return Trainer(replace(TINY, **changes), dataset, output, device=torch.device("cpu"), pretrained=False)


def formulated(formulation: str) -> dict[str, object]:
    """The change that makes the tiny recipe one of another network."""
    return {"model": {**TINY.model, "formulation": formulation}}


def weights_of(trainer: Trainer) -> dict[str, torch.Tensor]:
    return {**trainer.model.state_dict(), **{f"average.{k}": v for k, v in trainer.average.state_dict().items()}}


@pytest.mark.parametrize("formulation", FORMULATIONS)
def test_a_resumed_run_equals_an_uncut_one_bit_by_bit(dataset, tmp_path, formulation):
    network = formulated(formulation)
    whole = trainer_of(dataset, tmp_path / "whole", **network)
    losses = [report.total for report in whole.run()]

    cut = trainer_of(dataset, tmp_path / "cut", **network)
    run = cut.run()
    first = [next(run).total for _ in range(4)]  # saved after step 3: step 4 is lost
    run.close()
    resumed = trainer_of(dataset, tmp_path / "cut", **network)
    assert resumed.resume()
    assert resumed.step == 3
    second = [report.total for report in resumed.run()]

    assert first[:3] + second == losses
    expected = weights_of(whole)
    assert all(torch.equal(value, expected[name]) for name, value in weights_of(resumed).items())
    steps = [line for line in (tmp_path / "cut" / "log.jsonl").read_text().splitlines() if '"kind": "step"' in line]
    assert len(steps) == 6


def test_the_output_is_a_checkpoint_with_chosen_thresholds(dataset, tmp_path):
    trainer = trainer_of(dataset, tmp_path / "run", threshold_grid=(0.05, 0.9), short_sides=(32, 64))
    for _ in trainer.run():
        pass
    trainer.finish()
    report = trainer.validate()
    loaded = load_checkpoint(tmp_path / "run")

    assert loaded.taxonomy == dataset.taxonomy
    assert loaded.preprocessing.score_threshold in (0.05, 0.9)
    assert loaded.preprocessing.short_side in (32, 64)
    assert len(report.pictures) == len(trainer.held_back) == 3
    averaged = trainer.average.module.state_dict()["class_head.weight"]
    torch.testing.assert_close(loaded.model.class_head.weight, averaged, rtol=1e-3, atol=1e-3)


def test_a_foreign_run_is_not_continued(dataset, tmp_path):
    run = trainer_of(dataset, tmp_path / "run", steps=1)
    list(run.run())
    with pytest.raises(StudioError, match="street"):
        trainer_of(dataset, tmp_path / "run", name="other").resume()
    assert not trainer_of(dataset, tmp_path / "empty").resume()


def test_a_run_on_other_categories_is_not_continued(dataset, tmp_path):
    list(trainer_of(dataset, tmp_path / "run", steps=1).run())
    turned = replace(dataset, taxonomy=Taxonomy("drawn", dataset.taxonomy.categories[::-1]))
    with pytest.raises(StudioError, match="other categories"):
        trainer_of(turned, tmp_path / "run").resume()


def test_a_damaged_state_is_one_sentence(dataset, tmp_path):
    list(trainer_of(dataset, tmp_path / "run", steps=1).run())
    state = tmp_path / "run" / "state.pt"
    for content in (state.read_bytes()[:2000], b"", b"nonsense"):
        state.write_bytes(content)
        with pytest.raises(StudioError, match="cannot be read"):
            trainer_of(dataset, tmp_path / "run").resume()


def test_a_run_that_was_never_saved_leaves_nothing_in_the_next_one_s_log(dataset, tmp_path):
    run = trainer_of(dataset, tmp_path / "run").run()
    next(run)
    run.close()
    again = trainer_of(dataset, tmp_path / "run", steps=3)
    assert not again.resume()
    list(again.run())
    again.validate()
    rows = [json.loads(line) for line in (tmp_path / "run" / "log.jsonl").read_text().splitlines()]
    assert [row["step"] for row in rows] == [1, 2, 3, 3]
    for table, count in (("losses.csv", 3), ("validation.csv", 1)):
        head, *lines = (tmp_path / "run" / table).read_text().splitlines()
        assert "step" in head.split(",")
        assert len(lines) == count


def test_a_validation_that_a_kill_cut_is_made_up_for(dataset, tmp_path):
    from app.commands.train import _train

    changes = {"steps": 4, "save_every": 2, "validate_every": 2}
    run = trainer_of(dataset, tmp_path / "run", **changes).run()
    assert [next(run).step for _ in range(2)] == [1, 2]  # saved, and killed before it was validated
    run.close()
    again = trainer_of(dataset, tmp_path / "run", **changes)
    assert again.resume()
    _train(again)
    rows = [json.loads(line) for line in (tmp_path / "run" / "log.jsonl").read_text().splitlines()]
    assert [row["step"] for row in rows if row["kind"] == "validation"] == [2, 4, 4]


def test_a_damaged_picture_stops_the_run_with_one_sentence(dataset, tmp_path):
    for picture in dataset.pictures:
        picture.image_path.write_bytes(picture.image_path.read_bytes()[:60])
    with pytest.raises(StudioError, match=r"\.png"):
        next(trainer_of(dataset, tmp_path / "run", loader_workers=1).run())


def test_a_data_set_without_pictures_is_one_sentence(dataset, tmp_path):
    with pytest.raises(StudioError, match="holds no picture"):
        next(trainer_of(replace(dataset, pictures=()), tmp_path / "run").run())


@pytest.mark.slow
@pytest.mark.parametrize("formulation", FORMULATIONS)
def test_it_learns_the_drawn_scenes(dataset, tmp_path, formulation):
    budget = {"steps": 200, "learning_rate": 2e-3, "batch_size": 4, "frozen_stages": 0}
    trainer = trainer_of(dataset, tmp_path / "run", **budget, **formulated(formulation))
    losses = [report.total for report in trainer.run()]
    assert np.mean(losses[-10:]) < 0.6 * np.mean(losses[:10])


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="SIGKILL")
def test_a_killed_command_resumes(dataset, tmp_path):
    """The real command, killed with no chance to tidy up; the second run finishes what the first began."""
    output = tmp_path / "run"
    command = [sys.executable, "launch.py", "train", "--data", str(tmp_path / "data"), "--output", str(output)]
    first = subprocess.Popen([*command, "--steps", "400"], cwd=ROOT, stderr=subprocess.DEVNULL)
    log = output / "log.jsonl"
    deadline = time.monotonic() + 240
    while not (log.is_file() and (output / "state.pt").is_file()) and time.monotonic() < deadline:
        time.sleep(0.2)
    first.send_signal(signal.SIGKILL)
    first.wait()
    state = torch.load(output / "state.pt", weights_only=True)
    refused = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert refused.returncode == 2
    assert "--resume" in refused.stderr
    last = state["step"] + 2
    done = subprocess.run([*command, "--resume", "--steps", str(last)], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert torch.load(output / "state.pt", weights_only=True)["step"] == last
    assert (output / "curves.png").stat().st_size > 1000


def test_samples_depend_on_seed_and_index_alone(dataset):
    one, other = TrainingSamples(dataset, TINY), TrainingSamples(dataset, TINY)
    list(map(one.__getitem__, range(3)))
    (image, target, name), (same_image, same_target, same_name) = one[7], other[7]
    assert name == same_name
    assert torch.equal(image, same_image)
    assert torch.equal(target.masks, same_target.masks)
    assert not torch.equal(image, one[8][0]) or not torch.equal(target.valid, one[8][1].valid)


def test_targets_tell_classes_cells_and_exemptions(dataset):
    samples = TrainingSamples(dataset, TINY)
    for index in range(9):
        _image, target, name = samples[index]
        assert target.masks.shape[1:] == target.valid.shape == (16, 16)
        assert set(target.class_indices.tolist()) <= {0, 1, 3}
        torch.testing.assert_close(target.masks.sum(0), target.valid)
        assert target.exempt.tolist() == [False, False, name == "0.png", False]


def test_held_back_blocks_are_apart_from_training(dataset):
    kept, back = split_held_back(dataset, TINY.held_back, TINY.held_back_block)
    names = [picture.file_name for picture in back.pictures]
    assert names == ["2.png", "5.png", "8.png"]
    assert not set(names) & {picture.file_name for picture in kept.pictures}
    assert len(kept) + len(back) == 9


def test_pictures_of_rare_categories_are_drawn_more_often(tmp_path):
    common = (label_map("11", "11"), {1: SKY})
    rare = (label_map("11", "12"), {1: SKY, 2: PERSON})
    folder = write_dataset(tmp_path, [common] * 9 + [rare], split="train")
    dataset = read_panoptic_dataset(folder, "train")
    shares = picture_shares(dataset, rare=0.4)
    assert sum(shares) == pytest.approx(10)
    assert shares[9] / shares[0] == pytest.approx((0.4 / 0.1) ** 0.5)
    assert picture_shares(dataset, rare=0.0) == (1.0,) * 10


def test_label_crops_keep_ids_exact():
    ids, _ = scene(0)
    view = View(top=10, left=3, height=50, width=80, mirrored=True)
    cut = cut_labels(ids, view, (50, 80))
    assert np.array_equal(cut, ids[10:60, 3:83][:, ::-1])
    assert set(np.unique(cut_labels(ids, view, (33, 47)))) <= set(np.unique(ids))


def test_image_and_labels_stay_aligned():
    ids, _ = scene(1)
    image = np.repeat((ids == 16_777_215)[..., None] * np.uint8(255), 3, axis=2)
    rng = np.random.default_rng(0)
    for _ in range(20):
        view = random_view(ids.shape, (64, 64), (0.4, 1.0), rng)
        inside = cut_labels(ids, view, (64, 64)) == 16_777_215
        bright = cut_image(image, view, (64, 64))[..., 0] > 127
        assert (inside != bright).mean() < 0.06


def test_cell_shares_are_means_of_cells():
    mask = np.zeros((1, 4, 8), bool)
    mask[0, :2, :3] = True
    assert cell_shares(mask, 4).tolist() == [[[6 / 16, 0.0]]]


@pytest.mark.parametrize("stride", [1, 2, 4, 8, 32])
def test_cell_shares_are_exact_at_every_stride(stride):
    masks = np.random.default_rng(stride).random((3, 64, 96)) < 0.7
    cells = masks.reshape(3, 64 // stride, stride, 96 // stride, stride)
    assert np.array_equal(cell_shares(masks, stride).numpy(), cells.mean((2, 4), dtype=np.float32))


def test_cells_that_are_not_whole_are_refused():
    with pytest.raises(ValueError, match="whole cells of 4"):
        cell_shares(np.zeros((1, 6, 6), bool), 4)
