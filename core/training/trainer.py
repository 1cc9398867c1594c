"""The training loop: step, average, save, validate; killed at any moment it resumes to the same weights."""

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, cast

import torch
from torch import Tensor
from torch.nn.utils import clip_grad_norm_
from torch.optim.swa_utils import AveragedModel

from core.checkpoints import Card, Checkpoint, save_checkpoint
from core.checkpoints.imagenet import load_imagenet
from core.evaluation.model import evaluate_checkpoint
from core.evaluation.report import Report
from core.formats.panoptic_dataset import PanopticDataset
from core.inference import Predictor
from core.messages import StudioError
from core.model import MaskFormerConfig, Network, build_network
from core.training.calibration import calibrate
from core.training.losses import Losses
from core.training.objective import OBJECTIVES
from core.training.optimiser import build_optimiser, build_schedule, freeze_stages
from core.training.recipe import Recipe
from core.training.samples import Batch, sample_loader, split_held_back
from core.types import Taxonomy

STATE_FILE, LOG_FILE = "state.pt", "log.jsonl"


@dataclass(frozen=True, slots=True)
class StepReport:
    """What one step did; ``parts`` are the loss's, ``seconds`` is its wall time."""

    step: int
    total: float
    parts: dict[str, float]
    gradient_norm: float
    learning_rate: float
    seconds: float

    def row(self) -> dict[str, Any]:
        """Its row in the log, the parts among the rest."""
        row = asdict(self)
        return {**row.pop("parts"), **row}


class Trainer:
    """One run in one output folder; ``output`` holds the averaged weights as a checkpoint that loads at any time."""

    def __init__(
        self,
        recipe: Recipe,
        dataset: PanopticDataset,
        output: Path,
        *,
        device: torch.device,
        start: Checkpoint | None = None,
        pretrained: bool = True,
    ) -> None:
        """A fresh run: from ``start``'s weights, else from an ImageNet backbone, else (``pretrained`` off) from chance.

        Raises:
            StudioError: ``start`` is another network or speaks of other categories.
        """
        self.recipe = recipe
        self.output = output
        self.device = device
        self.training, self.held_back = split_held_back(dataset, recipe)
        self.config = recipe.config(len(dataset.taxonomy))
        torch.manual_seed(recipe.seed)
        self.model = build_network(self.config)
        if start is not None:
            _require_same_network(start, self.config, dataset.taxonomy)
            self.model.load_state_dict(start.model.state_dict())
        elif pretrained:
            load_imagenet(self.model.backbone, self.config.backbone)
        self.model.to(device).train()
        self.model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # torch's stubs lack it
        freeze_stages(self.model, recipe.frozen_stages)
        self.average = AveragedModel(self.model, avg_fn=_ema(recipe.ema_decay), use_buffers=True)
        self.optimiser = build_optimiser(self.model, recipe)
        self.schedule = build_schedule(self.optimiser, recipe)
        self.objective = OBJECTIVES[self.config.formulation](recipe)
        self.mean, self.std = (
            torch.tensor(values, device=device).view(1, 3, 1, 1)
            for values in (recipe.preprocessing.mean, recipe.preprocessing.std)
        )
        self.preprocessing = recipe.preprocessing
        self.step = 0

    def run(self) -> Iterator[StepReport]:
        """Trains from the current step to the recipe's last, yielding after every step; saves as it goes."""
        self.output.mkdir(parents=True, exist_ok=True)
        for batch in sample_loader(self.training, self.recipe, self.step):
            report = self._train_on(batch)
            self._log({"kind": "step", **report.row()})
            if self.step % self.recipe.save_every == 0 or self.step == self.recipe.steps:
                self.save()
            yield report

    def _train_on(self, batch: Batch) -> StepReport:
        started = time.perf_counter()
        losses = self.losses(batch)
        self.optimiser.zero_grad(set_to_none=True)
        losses.total.backward()  # type: ignore[no-untyped-call]
        norm = clip_grad_norm_(self.model.parameters(), self.recipe.clip_norm)
        rate = float(self.schedule.get_last_lr()[-1])
        self.optimiser.step()
        self.schedule.step()
        self.average.update_parameters(self.model)
        self.step += 1
        return StepReport(
            step=self.step,
            total=float(losses.total.detach()),
            parts={name: float(value.detach()) for name, value in losses.parts.items()},
            gradient_norm=float(norm),
            learning_rate=rate,
            seconds=time.perf_counter() - started,
        )

    def losses(self, batch: Batch) -> Losses:
        """The loss of a batch under the current weights."""
        images = (batch.images.to(self.device, non_blocking=True).float() - self.mean) / self.std
        targets = [target.to(self.device) for target in batch.targets]
        output = self.model(images.contiguous(memory_format=torch.channels_last))
        return self.objective(output, targets, self.step)

    def save(self) -> None:
        """Writes the full state and the averaged weights, each file whole or not at all."""
        state = {
            "recipe": self.recipe.name,
            "step": self.step,
            "model": self.model.state_dict(),
            "average": self.average.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "schedule": self.schedule.state_dict(),
            "rng": torch.get_rng_state(),
        }
        unfinished = self.output / f"{STATE_FILE}.part"
        torch.save(state, unfinished)
        unfinished.replace(self.output / STATE_FILE)
        self.export()

    def export(self) -> None:
        """Writes the averaged weights as a checkpoint, in half precision."""
        save_checkpoint(
            self.output,
            weights=self.average.module.state_dict(),
            config=self.config,
            taxonomy=self.training.taxonomy,
            preprocessing=self.preprocessing,
        )

    def validate(self, progress: Callable[[int, int], None] | None = None) -> Report:
        """Figures of the averaged weights on the held-back pictures."""
        predictor = Predictor(self._averaged(), device=self.device.type)
        report = evaluate_checkpoint(predictor, self.held_back, progress=progress)
        figures = {block: _headline(found) for block, found in _blocks(report.to_json())}
        self._log({"kind": "validation", "step": self.step, **figures})
        return report

    def finish(self) -> None:
        """Chooses input size and thresholds on the held-back pictures and writes them with the final weights."""
        if self.held_back.pictures:
            self.preprocessing = calibrate(
                self._averaged(),
                self.held_back,
                short_sides=self.recipe.short_sides,
                thresholds=self.recipe.threshold_grid,
                device=self.device.type,
            )
        self.export()

    def _averaged(self) -> Checkpoint:
        model = cast(Network, self.average.module)
        card = Card(name=self.recipe.name)
        return Checkpoint(model, self.config, self.training.taxonomy, self.preprocessing, card)

    def has_state(self) -> bool:
        """True where the output folder holds a run."""
        return (self.output / STATE_FILE).is_file()

    def resume(self) -> bool:
        """Takes up the state in the output folder; False where there is none.

        Raises:
            StudioError: the state belongs to another recipe or cannot be read.
        """
        if not self.has_state():
            return False
        state = torch.load(self.output / STATE_FILE, map_location=self.device, weights_only=True)
        if state["recipe"] != self.recipe.name:
            raise StudioError("error.resume_recipe", found=state["recipe"], asked=self.recipe.name)
        self.model.load_state_dict(state["model"])
        self.average.load_state_dict(state["average"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.schedule.load_state_dict(state["schedule"])
        torch.set_rng_state(state["rng"].cpu())
        self.step = state["step"]
        self._forget_after(self.step)
        return True

    def _log(self, row: dict[str, Any]) -> None:
        with (self.output / LOG_FILE).open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(row) + "\n")

    def _forget_after(self, step: int) -> None:
        """Drops log rows of steps that a kill undid."""
        path = self.output / LOG_FILE
        rows = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
        whole = [row for row in rows if row.endswith("}") and json.loads(row)["step"] <= step]
        path.write_text("".join(f"{row}\n" for row in whole), encoding="utf-8")


def _require_same_network(start: Checkpoint, config: MaskFormerConfig, taxonomy: Taxonomy) -> None:
    same_classes = [c.name for c in start.taxonomy.categories] == [c.name for c in taxonomy.categories]
    if start.config != config or not same_classes:
        raise StudioError("error.start_differs", name=start.card.name)


def _blocks(report: dict[str, Any]) -> tuple[tuple[str, dict[str, Any]], ...]:
    return ("coco", report), ("exhaustive", report["exhaustive"])


def _headline(figures: dict[str, Any]) -> dict[str, float | None]:
    return {name: figures[name] for name in ("pq", "pq_things", "pq_stuff", "miou", "pixel_accuracy")}


def _ema(decay: float) -> Callable[[Tensor, Tensor, Tensor | int], Tensor]:
    """Exponential average that starts as the plain mean, so that early weights are not remembered."""

    def average(averaged: Tensor, current: Tensor, count: Tensor | int) -> Tensor:
        if not averaged.is_floating_point():
            return current
        kept = min(decay, float(count) / (float(count) + 10))
        return averaged.lerp(current, 1 - kept)

    return average
