"""The training loop: step, average, save, validate; killed at any moment it resumes to the same weights."""

import time
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch
from torch import Tensor
from torch.nn.parallel import DistributedDataParallel
from torch.nn.utils import clip_grad_norm_
from torch.optim.swa_utils import AveragedModel

from core.checkpoints import Card, Checkpoint, save_checkpoint
from core.evaluation.model import evaluate_checkpoint
from core.evaluation.report import Report
from core.formats.panoptic_dataset import PanopticDataset
from core.inference import Predictor
from core.messages import StudioError
from core.model import Network
from core.training.beginning import begin
from core.training.calibration import calibrate
from core.training.losses import Losses
from core.training.objective import OBJECTIVES
from core.training.optimiser import build_optimiser, build_schedule, freeze
from core.training.processes import ALONE, Processes
from core.training.recipe import Recipe
from core.training.run_log import RunLog
from core.training.samples import Batch, sample_loader, split_held_back
from core.training.state import STATE_FILE, load_state, save_state
from core.training.targets import Place


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
        processes: Processes = ALONE,
        compiled: bool = False,
        bfloat16: bool = False,
    ) -> None:
        """A fresh run, see :func:`core.training.beginning.begin`.

        Args:
            compiled: makes the network faster, later.
            bfloat16: mixed precision on a CPU too, which is faster where the CPU multiplies such matrices.

        Raises:
            StudioError: there are no ImageNet weights for the backbone, or a batch cannot be shared equally.
        """
        processes.shares(recipe.batch_size, recipe.accumulate)
        self.recipe, self.output, self.device, self.processes = recipe, output, device, processes
        self.is_mixed = recipe.mixed_precision and device.type in ({"cuda", "cpu"} if bfloat16 else {"cuda"})
        self.training, self.held_back = split_held_back(dataset, recipe.held_back, recipe.held_back_block)
        torch.manual_seed(recipe.seed)
        self.beginning = begin(recipe, dataset.taxonomy, start, pretrained=pretrained)
        self.config, self.preprocessing = self.beginning.config, self.beginning.preprocessing
        self.model = self.beginning.model.to(device).train()
        self.model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # torch's stubs lack it
        freeze(self.model, recipe)
        self.average = AveragedModel(self.model, avg_fn=_ema(recipe.ema_decay), use_buffers=True)
        self.optimiser = build_optimiser(self.model, recipe)
        self.schedule = build_schedule(self.optimiser, recipe)
        self.objective = OBJECTIVES[self.config.formulation](recipe, self.config)
        self.network = processes.spread(self.model)
        if compiled:
            self.network = cast(torch.nn.Module, torch.compile(self.network))
        self.mean, self.std = (
            torch.tensor(values, device=device).view(1, 3, 1, 1)
            for values in (self.preprocessing.mean, self.preprocessing.std)
        )
        self.log = RunLog(output)
        self.step = 0

    def run(self) -> Iterator[StepReport]:
        """Trains from the current step to the recipe's last, yielding after every step; saves as it goes."""
        self.output.mkdir(parents=True, exist_ok=True)
        if self.processes.is_first:
            self.log.forget_after(self.step)
        sharing = {"rank": self.processes.rank, "processes": self.processes.count}
        for batch in sample_loader(self.training, self.recipe, self.step, **sharing):
            report = self._train_on(batch)
            if self.processes.is_first:
                self.log.write({"kind": "step", **report.row()})
                if self.step % self.recipe.save_every == 0 or self.step == self.recipe.steps:
                    self.save()
            yield report

    def _train_on(self, batch: Batch) -> StepReport:
        started = time.perf_counter()
        torch.manual_seed(self._step_seed())  # of dropout: nothing to save
        losses = self._backward(batch)
        norm = clip_grad_norm_(self.model.parameters(), self.recipe.clip_norm)
        rate = float(self.schedule.get_last_lr()[-1])
        self.optimiser.step()
        self.schedule.step()
        self.average.update_parameters(self.model)
        self.step += 1
        total, *parts = self.processes.mean(torch.stack([losses.total, *losses.parts.values()])).tolist()
        return StepReport(
            step=self.step,
            total=total,
            parts=dict(zip(losses.parts, parts, strict=True)),
            gradient_norm=float(norm),
            learning_rate=rate,
            seconds=time.perf_counter() - started,
        )

    def _step_seed(self) -> int:
        origin = np.random.SeedSequence([self.recipe.seed, self.step, self.processes.rank])
        return int(origin.generate_state(1)[0])

    def _backward(self, batch: Batch) -> Losses:
        """Leaves the gradients of the batch's loss, part by part; the losses come back without their graphs."""
        self.optimiser.zero_grad(set_to_none=True)
        counts = self.processes.mean(self.objective.counts(batch.targets).to(self.device))
        parts = batch.parts(self.recipe.accumulate)
        seen = []
        for number, part in enumerate(parts, start=1):
            shares_gradients = not isinstance(self.network, DistributedDataParallel) or number == len(parts)
            with nullcontext() if shares_gradients else cast(Any, self.network).no_sync():
                losses = self.losses(part, counts)
                losses.total.backward()  # type: ignore[no-untyped-call]
            seen.append(losses.detached())
        return sum(seen[1:], start=seen[0])

    def losses(self, batch: Batch, counts: Tensor | None = None) -> Losses:
        """The loss of a batch under the current weights; ``counts`` are those of the batch that it is a part of."""
        images = (batch.images.to(self.device, non_blocking=True).float() - self.mean) / self.std
        targets = [target.to(self.device) for target in batch.targets]
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.is_mixed):
            output = self.network(images.contiguous(memory_format=torch.channels_last))
        return self.objective(output, targets, Place(self.step, tuple(batch.names)), counts)

    def save(self) -> None:
        """Writes the averaged weights and the full state, each file whole or not at all."""
        self.export()
        state = {
            "recipe": self.recipe.name,
            "step": self.step,
            "mixed": self.is_mixed,
            "categories": self._categories(),
            "model": self.model.state_dict(),
            "average": self.average.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "schedule": self.schedule.state_dict(),
        }
        save_state(self.output, state)

    def export(self) -> None:
        """Writes the averaged weights as a checkpoint, in half precision."""
        save_checkpoint(
            self.output,
            weights=self.average.module.state_dict(),
            config=self.config,
            taxonomy=self.training.taxonomy,
            preprocessing=self.preprocessing,
        )

    def predictor(self) -> Predictor:
        """Predicts with the averaged weights."""
        return Predictor(self._averaged(), device=self.device.type)

    def validate(self, progress: Callable[[int, int], None] | None = None) -> Report:
        """Figures of the averaged weights on the held-back pictures."""
        report = evaluate_checkpoint(self.predictor(), self.held_back, progress=progress)
        figures = {block: _headline(found) for block, found in _blocks(report.to_json())}
        self.log.write({"kind": "validation", "step": self.step, **figures})
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
        """Takes up the state in the output folder, and its precision; False where there is none.

        Raises:
            StudioError: the state belongs to another recipe or to other categories, or cannot be read.
        """
        if not self.has_state():
            return False
        state = load_state(self.output)
        if state["recipe"] != self.recipe.name:
            raise StudioError("error.resume_recipe", found=state["recipe"], asked=self.recipe.name)
        if state.get("categories", self._categories()) != self._categories():
            raise StudioError("error.resume_categories", data=self.training.name)
        self.model.load_state_dict(state["model"])
        self.average.load_state_dict(state["average"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.schedule.load_state_dict(state["schedule"])
        self.step = state["step"]
        self.is_mixed = state.get("mixed", self.is_mixed)
        return True

    def _categories(self) -> list[list[Any]]:
        """What the rows of the class head stand for."""
        return [[row.category_id, row.name, row.is_thing] for row in self.training.taxonomy.categories]


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
