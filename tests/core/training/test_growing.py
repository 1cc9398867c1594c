"""A run that makes another network of a checkpoint's, and mixed precision on a CPU."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from core.checkpoints import Checkpoint, load_checkpoint
from core.formats.panoptic_dataset import PanopticDataset
from core.messages import StudioError
from core.model.convolution import ConvNorm
from core.model.waves import WAVE_CHANNELS
from core.training import Trainer
from core.training.recipe import Recipe
from core.training.samples import sample_loader
from tests.core.training.test_training import TINY, dataset, trainer_of

__all__ = ["dataset"]
CPU = torch.device("cpu")
SINGLE = {f"{part} torch.float32" for part in ("dense", "depthwise", "decoder")}
GROWN = replace(
    TINY, model={**TINY.model, "num_queries": 7, "seeds": 3, "mask_channels": 16 + WAVE_CHANNELS}, grown=True
)


@pytest.fixture
def start(dataset: PanopticDataset, tmp_path: Path) -> Checkpoint:
    trainer = trainer_of(dataset, tmp_path / "start")
    trainer.export()
    return load_checkpoint(tmp_path / "start")


def test_a_grown_network_is_the_recipes_and_keeps_what_fits(
    dataset: PanopticDataset, tmp_path: Path, start: Checkpoint
) -> None:
    trainer = Trainer(GROWN, dataset, tmp_path / "run", device=CPU, start=start)
    assert trainer.config == GROWN.config(len(dataset.taxonomy))
    old, new = start.model.state_dict(), trainer.model.state_dict()
    positions, shapes = "transformer_decoder.query_positions.weight", "mask_head.4.weight"
    assert torch.equal(new[positions], old[positions][:4]), "of six learned queries there is room for four"
    assert torch.equal(new[shapes][:16], old[shapes])
    assert new[shapes].shape == (16 + WAVE_CHANNELS, 32)
    same = {name for name in old if name not in (positions, shapes, "mask_head.4.bias")}
    assert all(torch.equal(new[name], old[name]) for name in same)
    assert {name.split(".")[0] for name in set(new) - set(old)} == {"seeds", "free_content", "place_projection"}
    assert trainer.beginning.known == tuple(category.name for category in dataset.taxonomy.categories)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"formulation": "per_pixel"}, "formulation = per_pixel"),
        ({"width": 64}, "width = 64"),
        ({"backbone": "efficientnet_lite1"}, "backbone = efficientnet_lite1"),
        ({"attention_heads": 8}, "attention_heads = 8"),
        ({"mask_channels": 24}, "mask_channels = 24"),
        ({"seeds": 2, "mask_channels": 16 + WAVE_CHANNELS}, "seeds = 2"),
    ],
    ids=str,
)
def test_it_grows_from_nothing_else(dataset: PanopticDataset, tmp_path: Path, change: dict, named: str) -> None:
    trainer_of(dataset, tmp_path / "other", model={**TINY.model, **change}).export()
    other = load_checkpoint(tmp_path / "other")
    with pytest.raises(StudioError, match=named):
        Trainer(GROWN, dataset, tmp_path / "run", device=CPU, start=other)


def test_without_that_the_network_stays_the_checkpoints(
    dataset: PanopticDataset, tmp_path: Path, start: Checkpoint
) -> None:
    trainer = Trainer(replace(GROWN, grown=False), dataset, tmp_path / "run", device=CPU, start=start)
    assert trainer.config == start.config


def test_a_grown_run_is_resumed(dataset: PanopticDataset, tmp_path: Path, start: Checkpoint) -> None:
    whole, cut = (Trainer(GROWN, dataset, tmp_path / name, device=CPU, start=start) for name in ("whole", "cut"))
    list(whole.run())
    for _ in zip(range(GROWN.save_every), cut.run(), strict=False):
        pass
    again = Trainer(GROWN, dataset, tmp_path / "cut", device=CPU, start=load_checkpoint(tmp_path / "cut"))
    assert again.resume()
    list(again.run())
    ours, theirs = again.model.state_dict(), whole.model.state_dict()
    assert all(torch.equal(ours[name], theirs[name]) for name in theirs)


def losses_of(dataset: PanopticDataset, output: Path, recipe: Recipe, *, bfloat16: bool) -> tuple[float, set[str]]:
    """The first loss, and in what precisions its parts were computed."""
    trainer = Trainer(recipe, dataset, output, device=CPU, pretrained=False, bfloat16=bfloat16)
    seen: set[str] = set()
    for module in trainer.model.modules():
        if isinstance(module, ConvNorm):
            kind = "depthwise" if module[0].groups > 1 else "dense"
            module.register_forward_hook(lambda _, __, found, kind=kind: seen.add(f"{kind} {found.dtype}"))
    decoder = trainer.model.transformer_decoder
    decoder.norm.register_forward_hook(lambda _, __, found: seen.add(f"decoder {found.dtype}"))
    losses = trainer.losses(next(sample_loader(trainer.training, recipe, 0)))
    return losses.total.item(), seen


@pytest.mark.parametrize("recipe", [TINY, GROWN], ids=["plain", "seeds"])
def test_mixed_precision_on_a_cpu_is_near_and_spares_what_is_slow_in_it(
    dataset: PanopticDataset, tmp_path: Path, recipe: Recipe
) -> None:
    single, only_single = losses_of(dataset, tmp_path, recipe, bfloat16=False)
    mixed, both = losses_of(dataset, tmp_path, recipe, bfloat16=True)
    assert only_single == SINGLE
    assert both == SINGLE - {"dense torch.float32"} | {"dense torch.bfloat16"}
    assert mixed == pytest.approx(single, rel=0.05)  # other queries may be matched
    assert mixed != single


def test_a_run_goes_on_in_its_precision(dataset: PanopticDataset, tmp_path: Path) -> None:
    mixed = Trainer(TINY, dataset, tmp_path, device=CPU, pretrained=False, bfloat16=True)
    mixed.save()
    again = trainer_of(dataset, tmp_path)
    assert not again.is_mixed
    assert again.resume()
    assert again.is_mixed


def test_a_recipe_without_mixed_precision_stays_single(dataset: PanopticDataset, tmp_path: Path) -> None:
    _, found = losses_of(dataset, tmp_path, replace(TINY, mixed_precision=False), bfloat16=True)
    assert found == SINGLE
