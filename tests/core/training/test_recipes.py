"""Each published recipe names its network and its settings, and takes steps on a folder of its layout."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from core.checkpoints import load_checkpoint
from core.checkpoints.published import published
from core.formats.dataset import PanopticDataset
from core.formats.layouts import open_dataset
from core.messages import StudioError
from core.model import SwinSpec, build_network
from core.training import RECIPES, Trainer
from core.training.framing import DetrResize, LargestCrop, ScaledCrop
from core.training.optimiser import build_optimiser, build_schedule
from core.training.published_recipes import PUBLISHED_RECIPES
from core.training.recipe import Recipe
from core.training.recipes import recipe_named
from core.training.samples import sample_loader
from tests.annotated import write_dataset
from tests.core.training.test_training import TINY, scene
from tests.layouts import write_cityscapes, write_semantic

NAMES = [recipe.name for recipe in PUBLISHED_RECIPES]
HEAVY = ("r101", "swin-small", "swin-base", "swin-large")  # as their smaller kin, but for depth and width
SMALL_CROP = ScaledCrop((64, 64), short_sides=(48, 64, 96), max_long_side=256)
SMALL_DETR = DetrResize(short_sides=(48, 64), max_long_side=96, first_sides=(64,), crop_sides=(32, 64))


def small(recipe: Recipe, steps: int) -> Recipe:
    """The recipe at sizes that a test can afford; all else stays."""
    framing = SMALL_DETR if isinstance(recipe.framing, DetrResize) else SMALL_CROP
    sizes = {"framing": framing, "batch_size": 2, "steps": steps, "short_sides": (64,), "loader_workers": 0}
    return replace(recipe, **sizes, held_back=3)


def folder_for(name: str, place: Path) -> Path:
    """A few drawn pictures in the layout of the recipe's data set."""
    maps = [np.where(scene(index)[0] == 70_001, 3, np.where(scene(index)[0] == 70_002, 7, 21)) for index in range(4)]
    if name.endswith("coco-panoptic"):
        return write_dataset(place, [scene(index) for index in range(4)], split="train2017")
    if name.endswith("cityscapes"):
        values = [np.array([0] * 3 + [23] + [0] * 3 + [7] + [0] * 13 + [26001])[labels] for labels in maps]
        return write_cityscapes(place, {f"ulm_{index}_0": labels for index, labels in enumerate(values)})
    names = [{"id": index, "name": f"class {index}"} for index in range(1, 22)]
    categories = None if name.endswith("ade20k") else names
    return write_semantic(place, {f"{index}": labels for index, labels in enumerate(maps)}, categories=categories)


def dataset_for(name: str, place: Path) -> PanopticDataset:
    return open_dataset(folder_for(name, place), "train")


@pytest.mark.parametrize("recipe", PUBLISHED_RECIPES, ids=NAMES)
def test_the_network_is_a_published_one(recipe: Recipe) -> None:
    assert any(recipe.config(row.classes) == row.config() for row in published())


def test_rates_follow_the_papers_schedules() -> None:
    model = torch.nn.ModuleDict({"backbone": torch.nn.Linear(2, 2), "class_head": torch.nn.Linear(2, 2)})

    def rates(name: str, *steps: int) -> list[float]:
        recipe = RECIPES[name]
        optimiser = build_optimiser(model, recipe)
        (factor, *_) = build_schedule(optimiser, recipe).lr_lambdas
        return [recipe.learning_rate * factor(step) for step in steps]

    half = 1e-4 * 0.5**0.9
    assert rates("maskformer-r50-ade20k", 0, 80_000, 160_000) == pytest.approx([1e-4, half, 0])
    assert rates("maskformer-swin-tiny-ade20k", 0, 1499) == pytest.approx([4e-8, 6e-5 * (1 - 1499 / 160_000) ** 0.9])
    panoptic = rates("maskformer-r50-coco-panoptic", 369_599, 369_600, 554_399)
    assert panoptic == pytest.approx([1e-4, 1e-5, 1e-5])


SWINS = [name for name in NAMES if "-swin-" in name]


@pytest.mark.parametrize("name", SWINS)
def test_swin_trains_with_the_published_stochastic_depth(name: str) -> None:
    """From 0 in the first block to 0.3 in the last, on both branches of a block."""
    with torch.device("meta"):
        backbone = build_network(RECIPES[name].config(5)).backbone
    rates = [block.drop_path.rate for stage in backbone.stages for block in stage.blocks]
    assert rates == pytest.approx([0.3 * index / (len(rates) - 1) for index in range(len(rates))], abs=1e-6)


def test_stochastic_depth_is_drawn_in_training_alone() -> None:
    spec = SwinSpec(width=16, depths=(1, 2, 2, 1), heads=(1, 2, 2, 4), window=4)
    model = dict(TINY.model, backbone=spec, dropout=0.0)
    torch.manual_seed(0)
    network, images = build_network(replace(TINY, model=model).config(3)), torch.randn(2, 3, 64, 64)

    def twice() -> list[torch.Tensor]:
        return [network(images).mask_logits.detach() for _ in range(2)]

    network.train()
    trained = twice()
    torch.manual_seed(5)
    repeated = network(images).mask_logits
    torch.manual_seed(5)
    assert torch.equal(repeated, network(images).mask_logits)
    assert not torch.equal(*trained)
    network.eval()
    assert torch.equal(*twice())


def test_an_unknown_recipe_is_refused_with_the_known_names() -> None:
    with pytest.raises(StudioError, match="maskformer-r50-ade20k"):
        recipe_named("maskformer-r50-ade")


def test_street_is_trained_as_its_card_says() -> None:
    street, fine, finish, last = (RECIPES[f"street{stage}"] for stage in ("", "-fine", "-finish", "-last"))
    assert street.framing == LargestCrop((224, 288), (0.45, 1.0))
    assert (street.steps, street.batch_size, street.learning_rate, street.ema_decay) == (3400, 8, 3e-4, 0.998)
    assert fine.framing == LargestCrop((288, 384), (0.5, 1.0))
    assert (fine.steps, fine.loss_stride, fine.learning_rate, fine.seed) == (1500, 2, 1.5e-4, 1)
    assert finish.framing == LargestCrop((320, 416), (0.5, 1.0))
    assert (finish.steps, finish.loss_stride, finish.learning_rate, finish.seed) == (700, 2, 1.5e-4, 3)
    assert last.framing == LargestCrop((352, 464), (0.5, 1.0))
    assert (last.steps, last.loss_stride, last.learning_rate, last.seed) == (450, 2, 1.5e-4, 4)
    seeds = RECIPES["street-seeds"]
    assert seeds.framing == LargestCrop((352, 464), (0.4, 0.9))
    assert (seeds.steps, seeds.loss_stride, seeds.learning_rate, seeds.seed) == (5500, 2, 3e-4, 5)
    assert (seeds.grown, seeds.frozen_statistics, seeds.model["seeds"]) == (True, True, 60)


@pytest.mark.parametrize("framing", [SMALL_CROP, SMALL_DETR])
def test_batches_have_one_size_and_empty_places_are_void(tmp_path: Path, framing) -> None:
    dataset = dataset_for("coco-panoptic", tmp_path)
    recipe = replace(TINY, framing=framing, batch_size=4, steps=4, loss_stride=1)
    for batch in sample_loader(dataset, recipe, 0):
        assert {target.valid.shape for target in batch.targets} == {batch.images.shape[2:]}
        assert all(side % 32 == 0 for side in batch.images.shape[2:])
        for image, target in zip(batch.images, batch.targets, strict=True):
            assert (image[:, target.valid == 0] == 128).all() or (target.valid == 1).all()
            assert target.valid.any()


def test_another_taxonomy_keeps_the_classes_it_shares(tmp_path: Path) -> None:
    dataset = dataset_for("coco-panoptic", tmp_path)
    street = load_checkpoint("street")
    trainer = Trainer(RECIPES["street-fine"], dataset, tmp_path / "run", device=torch.device("cpu"), start=street)
    old, new = street.model.class_head, trainer.model.class_head
    ours, theirs = ([c.name for c in t.categories] for t in (dataset.taxonomy, street.taxonomy))
    assert trainer.beginning.known == tuple(name for name in ours if name in theirs) != ()
    for row, name in enumerate(ours):
        if name in theirs:
            assert torch.equal(new.weight[row], old.weight[theirs.index(name)])
    assert torch.equal(new.weight[-1], old.weight[-1])
    assert torch.equal(new.bias[-1], old.bias[-1])
    others = {name: value for name, value in street.model.state_dict().items() if not name.startswith("class_head")}
    assert all(torch.equal(value, trainer.model.state_dict()[name]) for name, value in others.items())


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in NAMES if not any(f"-{heavy}" in name for heavy in HEAVY)])
def test_a_recipe_takes_twenty_steps_on_its_layout(tmp_path: Path, name: str) -> None:
    recipe = small(RECIPES[name], steps=20)
    dataset = dataset_for(name, tmp_path / "data")
    trainer = Trainer(recipe, dataset, tmp_path / "run", device=torch.device("cpu"), pretrained=False)
    totals = [report.total for report in trainer.run()]
    assert len(totals) == 20
    assert np.isfinite(totals).all()
    assert load_checkpoint(tmp_path / "run").config == recipe.config(len(dataset.taxonomy))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["maskformer-r101-cityscapes", "maskformer-swin-base-ade20k"])
def test_a_heavy_recipe_takes_a_step(tmp_path: Path, name: str) -> None:
    recipe = small(RECIPES[name], steps=1)
    dataset = dataset_for(name, tmp_path / "data")
    trainer = Trainer(recipe, dataset, tmp_path / "run", device=torch.device("cpu"), pretrained=False)
    assert [np.isfinite(report.total) for report in trainer.run()] == [True]
