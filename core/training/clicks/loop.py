"""The loop: a click into every segment that is being corrected, the head's answer, its loss, one step."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits
from torch.nn.utils import clip_grad_norm_
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from core.refinement.crop import Crop
from core.refinement.head import SHARE, ClickHead
from core.refinement.weights import save_head
from core.training.clicks.episodes import Episode
from core.training.clicks.recipe import ClickRecipe
from core.training.clicks.scenes import Scene
from core.training.state import STATE_FILE, load_state, save_state

REACH = 8.0  # cells: what is near a click
HEAD_FILE = "model.safetensors"


@dataclass(frozen=True, slots=True)
class ClickStep:
    """What one step did; the mean IoU of the masks that were clicked into, before and after."""

    step: int
    loss: float
    iou_before: float
    iou_after: float


class ClickTrainer:
    """One run in one output folder, on pictures that are held in memory."""

    def __init__(
        self, recipe: ClickRecipe, scenes: Sequence[Scene], output: Path, start: ClickHead | None = None
    ) -> None:
        """A fresh run, from random weights or from those of a head."""
        self.recipe, self.scenes, self.output = recipe, scenes, output
        torch.manual_seed(recipe.seed)
        self.head = ClickHead().to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # torch's stubs lack it
        if start is not None:
            self.head.load_state_dict(start.state_dict())
        self.average = AveragedModel(self.head, multi_avg_fn=get_ema_multi_avg_fn(recipe.ema_decay))  # type: ignore[no-untyped-call]
        self.optimiser = torch.optim.AdamW(
            self.head.parameters(), lr=recipe.learning_rate, weight_decay=recipe.weight_decay
        )
        self.schedule = torch.optim.lr_scheduler.LambdaLR(self.optimiser, self._rate)
        self.step = 0

    def _rate(self, step: int) -> float:
        """Linear warm-up, then a half cosine to zero."""
        recipe = self.recipe
        if step < recipe.warmup_steps:
            return (step + 1) / recipe.warmup_steps
        done = (step - recipe.warmup_steps) / max(1, recipe.steps - recipe.warmup_steps)
        return float(0.5 * (1 + np.cos(np.pi * min(1.0, done))))

    def run(self) -> Iterator[ClickStep]:
        """From the current step to the last; saves as it goes. What is under way when it is killed begins anew."""
        self.output.mkdir(parents=True, exist_ok=True)
        rng = np.random.default_rng([self.recipe.seed, self.step])
        episodes = [Episode.begin(self.scenes, rng) for _ in range(self.recipe.episodes)]
        while self.step < self.recipe.steps:
            crops = [self._clicked(episodes, place, rng) for place in range(len(episodes))]
            before = [episode.iou for episode in episodes]
            loss = self._train_on(episodes, crops, rng)
            after = [episode.iou for episode in episodes]
            self.step += 1
            if self.step % self.recipe.save_every == 0 or self.step == self.recipe.steps:
                self.save()
            yield ClickStep(self.step, loss, float(np.mean(before)), float(np.mean(after)))

    def _clicked(self, episodes: list[Episode], place: int, rng: np.random.Generator) -> Crop:
        """One more click into an episode, or into the one that takes its place."""
        episode = episodes[place]
        over = len(episode.clicks) >= self.recipe.most_clicks or rng.random() > self.recipe.go_on
        while (episode.answers and (over or episode.iou > self.recipe.good)) or not episode.click(rng):
            episode = episodes[place] = Episode.begin(self.scenes, rng)
        return episode.crop(self.recipe, rng)

    def _train_on(self, episodes: Sequence[Episode], crops: Sequence[Crop], rng: np.random.Generator) -> float:
        inputs = np.stack([episode.inputs(crop) for episode, crop in zip(episodes, crops, strict=True)])
        given = torch.from_numpy(inputs)
        turned = [-1] if rng.random() < 0.5 else []
        seen = _recoloured(given, rng).flip(turned).contiguous(memory_format=torch.channels_last)
        is_mixed = self.recipe.mixed_precision and torch.cpu.get_capabilities().get("avx512_bf16", False)
        with torch.autocast("cpu", torch.bfloat16, enabled=is_mixed):
            logits = self.head(seen)  # (B, s, s)
        logits = logits.float().flip(turned)
        loss = self._loss(logits, given, episodes, crops)
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        clip_grad_norm_(self.head.parameters(), self.recipe.clip_norm)
        self.optimiser.step()
        self.schedule.step()
        self.average.update_parameters(self.head)
        for episode, crop, said, told in zip(episodes, crops, logits.detach().numpy(), inputs, strict=True):
            episode.answer(crop, said, told[SHARE])
        return float(loss.detach())

    def _loss(self, logits: Tensor, given: Tensor, episodes: Sequence[Episode], crops: Sequence[Crop]) -> Tensor:
        """Cross entropy, weighted near the click, and one minus the soft IoU, both where the truth is known."""
        pairs = list(zip(episodes, crops, strict=True))
        truth = torch.from_numpy(np.stack([crop.shrink(e.truth[crop.pixels]) for e, crop in pairs]))
        counts = torch.from_numpy(np.stack([crop.shrink(e.counts[crop.pixels]) for e, crop in pairs]))
        counts = (counts > 0.99).float()
        latest = given[:, 6]  # falls off about the latest click
        near = 1 + self.recipe.near_weight * latest.clamp_min(1e-9).pow(1 / REACH)
        entropy = binary_cross_entropy_with_logits(logits, truth, weight=counts * near, reduction="none")
        each = entropy.sum(dim=(1, 2)) / (counts * near).sum(dim=(1, 2)).clamp_min(1)
        probs = logits.sigmoid() * counts
        shared = (probs * truth).sum(dim=(1, 2))
        either = (probs + truth * counts - probs * truth).sum(dim=(1, 2))
        return (each + 1 - (shared + 1) / (either + 1)).mean()

    def save(self) -> None:
        """Writes the averaged head, and all that a run needs to go on."""
        save_head(self.output / HEAD_FILE, self.average.module.state_dict())
        state = {
            "step": self.step,
            "head": self.head.state_dict(),
            "average": self.average.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "schedule": self.schedule.state_dict(),
        }
        save_state(self.output, state)

    def resume(self) -> None:
        """Goes on from what was saved, where something was; raises StudioError where that cannot be read."""
        if not (self.output / STATE_FILE).is_file():
            return
        state = load_state(self.output)
        self.head.load_state_dict(state["head"])
        self.average.load_state_dict(state["average"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.schedule.load_state_dict(state["schedule"])
        self.step = int(state["step"])


def _recoloured(inputs: Tensor, rng: np.random.Generator) -> Tensor:
    """(B, CHANNELS, s, s) with the picture of each lighter or darker, of more or less contrast, and tinted."""
    count = len(inputs)
    gains = torch.from_numpy(rng.uniform(0.8, 1.2, (count, 1, 1, 1)).astype(np.float32))
    shifts = rng.uniform(-0.3, 0.3, (count, 1, 1, 1)) + rng.uniform(-0.15, 0.15, (count, 3, 1, 1))
    picture = inputs[:, :3] * gains + torch.from_numpy(shifts.astype(np.float32))
    return torch.cat([picture, inputs[:, 3:]], dim=1)
