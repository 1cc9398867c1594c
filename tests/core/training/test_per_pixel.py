"""Per-pixel training: the loss against a pixel-by-pixel restatement, and a whole run of a baseline."""

import itertools
import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor
from torch.nn.functional import cross_entropy, interpolate

from core.checkpoints import load_checkpoint
from core.formats.panoptic_dataset import read_panoptic_dataset
from core.inference import Predictor, semantic
from core.messages import StudioError
from core.model import PerPixelOutput
from core.training import RECIPES, Trainer
from core.training.framing import LargestCrop
from core.training.per_pixel import PixelCriterion
from core.training.targets import Place, Target
from tests.annotated import CAR, ROAD, SKY, write_dataset
from tests.core.training.test_matching_and_losses import LEFT, RIGHT, target
from tests.core.training.test_training import TINY, formulated


def output_of(*layers: Tensor) -> PerPixelOutput:
    return PerPixelOutput(torch.zeros(len(layers[0]), 1, *layers[0].shape[2:]), layers)


def loss_of(class_logits: Tensor, *targets: Target) -> Tensor:
    return PixelCriterion()(output_of(class_logits), list(targets)).total


@pytest.fixture
def class_logits():
    return torch.randn(2, 4, 3, 4, generator=torch.Generator().manual_seed(5))


def test_it_is_torchs_cross_entropy_over_the_labelled_pixels_at_every_layer(class_logits):
    targets = [target(LEFT, RIGHT, classes=[2, 0]), target(RIGHT, classes=[3])]
    labels = torch.full((2, 3, 4), -1)
    for index, truth in enumerate(targets):
        for k, mask in zip(truth.class_indices, truth.masks, strict=True):
            labels[index, mask.bool()] = k
    layers = class_logits, class_logits * 2 + 1
    expected = sum(cross_entropy(layer, labels, ignore_index=-1) for layer in layers)

    losses = PixelCriterion(class_weight=3.0)(output_of(*layers), targets)
    assert losses.parts["classes"].item() == pytest.approx(expected.item(), rel=1e-5)
    assert losses.total.item() == pytest.approx(3 * expected.item(), rel=1e-5)


def test_exempt_classes_are_left_out_unless_they_are_labelled(class_logits):
    """A pixel of class c counts -log p(c | c or any class that is not exempt)."""
    truth = target(LEFT, RIGHT, classes=[2, 0], exempt=[0, 3])
    label = np.where(LEFT, 2, np.where(RIGHT, 0, -1))
    expected = []
    for y, x in itertools.product(range(3), range(4)):
        if (c := int(label[y, x])) >= 0:
            rivals = {1, 2, c}
            weights = {k: math.exp(class_logits[0, k, y, x]) for k in rivals}
            expected.append(-math.log(weights[c] / sum(weights.values())))
    assert loss_of(class_logits[:1], truth).item() == pytest.approx(np.mean(expected), rel=1e-5)


def test_no_pixel_speaks_against_an_exempt_class(class_logits):
    logits = class_logits[:1].clone().requires_grad_()
    loss_of(logits, target(LEFT, classes=[2], exempt=[3])).backward()
    assert (logits.grad[0, 3] == 0).all()
    assert (logits.grad[0, 1][torch.from_numpy(LEFT)] > 0).all()
    assert (logits.grad[0, 2][torch.from_numpy(LEFT)] < 0).all()


def test_where_every_class_is_exempt_nothing_is_learned(class_logits):
    logits = class_logits[:1].clone().requires_grad_()
    loss = loss_of(logits, target(LEFT, classes=[2], exempt=[0, 1, 2, 3]))
    loss.backward()
    assert loss.item() == 0
    assert (logits.grad == 0).all()


def test_void_counts_for_nothing(class_logits):
    truth = target(LEFT, classes=[1])
    changed = class_logits[:1] + torch.randn(1, 4, 3, 4) * 9 * ~torch.from_numpy(LEFT)
    assert loss_of(changed, truth).item() == pytest.approx(loss_of(class_logits[:1], truth).item(), rel=1e-6)
    void = Target(
        torch.zeros(0, dtype=torch.int64),
        torch.zeros(0).bool(),
        torch.zeros(0, 3, 4),
        torch.zeros(3, 4),
        torch.zeros(4).bool(),
    )
    assert loss_of(class_logits[:1], void).item() == 0


def test_shared_cells_count_by_their_shares_and_two_of_a_class_add_up(class_logits):
    masks = torch.rand(3, 3, 4, generator=torch.Generator().manual_seed(1)) / 3
    truth = Target(torch.tensor([1, 3, 1]), torch.ones(3).bool(), masks, masks.sum(0), torch.zeros(4).bool())
    log_probs = class_logits[0].log_softmax(0)
    expected = -(masks[0] * log_probs[1] + masks[1] * log_probs[3] + masks[2] * log_probs[1]).sum()
    assert loss_of(class_logits[:1], truth).item() == pytest.approx(
        expected.item() / max(1.0, truth.valid.sum().item()), rel=1e-5
    )


def test_a_finer_truth_is_met_on_its_own_grid(class_logits):
    fine = target(LEFT.repeat(2, 0).repeat(2, 1), classes=[2])
    enlarged = interpolate(class_logits[:1], size=(6, 8), mode="bilinear", align_corners=False)
    assert loss_of(class_logits[:1], fine).item() == pytest.approx(loss_of(enlarged, fine).item(), rel=1e-6)


def test_a_loss_that_is_not_finite_stops_with_the_step(class_logits):
    truths = [target(LEFT, classes=[0]), target(LEFT, classes=[0])]
    broken = class_logits * torch.tensor([1, float("nan")])[:, None, None, None]
    with pytest.raises(StudioError, match=r"step 41.*b\.png"):
        PixelCriterion()(output_of(broken), truths, Place(41, ("a.png", "b.png")))


def test_the_streets_baseline_is_street_but_for_the_network():
    street, baseline = RECIPES["street"], RECIPES["street-per-pixel"]
    assert replace(baseline, name="street", model=street.model) == street
    assert baseline.config(19) == replace(street.config(19), formulation="per_pixel_plus", num_queries=19)


@pytest.mark.slow
@pytest.mark.parametrize("formulation", ["per_pixel", "per_pixel_plus"])
def test_a_run_learns_a_picture_by_heart_and_leaves_a_checkpoint(tmp_path, formulation):
    ids = np.zeros((72, 96), np.int32)
    ids[:30], ids[30:], ids[40:65, 20:60] = 1, 2, 3
    folder = write_dataset(tmp_path / "data", [(ids, {1: SKY, 2: ROAD, 3: CAR})] * 3, split="train")
    image = np.array([[0, 0, 0], [90, 130, 200], [90, 90, 90], [200, 40, 40]], np.uint8)[ids]
    for name in ("0.png", "1.png", "2.png"):
        Image.fromarray(image).save(folder / "train" / name)
    dataset = read_panoptic_dataset(folder, "train")
    budget = {
        "steps": 120,
        "learning_rate": 4e-3,
        "clip_norm": 1.0,
        "ema_decay": 0.8,
        "framing": LargestCrop((64, 64), (0.8, 1.0)),
    }
    recipe = replace(TINY, **formulated(formulation), **budget, frozen_stages=2, short_sides=(64,))
    trainer = Trainer(recipe, dataset, tmp_path / "run", device=torch.device("cpu"))
    for _ in trainer.run():
        pass
    trainer.finish()

    checkpoint = load_checkpoint(tmp_path / "run")
    assert checkpoint.is_per_pixel
    assert checkpoint.preprocessing.score_threshold == recipe.preprocessing.score_threshold
    classes = semantic(Predictor(checkpoint, device="cpu").predict(image)).class_map
    assert (classes == np.array([-1, 3, 1, 0])[ids]).mean() > 0.9
