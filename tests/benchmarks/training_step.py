"""Time and memory of one training step, ours beside transformers', on the same weights, batch and targets.

    python -m tests.benchmarks.training_step [--networks resnet50 swin_tiny] [--size 512x512] [--batch 2]
                                             [--layers all last] [--repeats 5] [--threads N] [--device cpu|cuda]

A step is forward, matching, loss, backward, clipping and AdamW. ``all`` supervises every decoder layer as the paper
does; transformers' own auxiliary loss leaves out the decoder's norm, so its criterion is given what its heads say of
the normed states. ``last`` supervises the last layer, which is transformers' loss as it comes. Both sides take turns in
one process; every turn begins with the same weights. A row counts only where the two losses agree to 1e-4; they once
differed by 1e-3, as transformers keeps its class weights in a buffer, which was drawn at random with the network's.
Memory: each side runs once in a fresh process; the figure is the step's peak above what was held before it.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils import clip_grad_norm_

from core.model import MaskFormerOutput
from core.training.targets import Target
from tests.benchmarks.forward import MEGABYTE, STATUS, draw, kilobytes, machine, size

WARM_UP = 1
AGREEMENT = 1e-4  # relative, of the two losses
CELL = 4  # true masks are whole cells of this many pixels: the two sides shrink others differently
SEGMENTS = 12

LossOf = Callable[[Tensor, list[Target]], Tensor]


def main() -> None:
    arguments = parse()
    torch.set_num_threads(arguments.threads)
    if arguments.memory_of:
        side, folder = arguments.memory_of
        print(json.dumps(memory(side, Path(folder), arguments)))
        return
    for network in arguments.networks:
        with tempfile.TemporaryDirectory() as folder:
            draw(network, Path(folder))
            for layers in arguments.layers:
                print(line(network, layers, Path(folder), arguments), flush=True)
    print(machine(arguments.threads))


def parse() -> argparse.Namespace:
    from tests.theirs import PUBLISHED

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--networks", nargs="+", choices=sorted(PUBLISHED), default=["resnet50", "swin_tiny"])
    parser.add_argument("--size", type=size, default=(512, 512))
    parser.add_argument("--batch", type=int, default=2)
    parser.add_argument("--layers", nargs="+", choices=("all", "last"), default=["all", "last"])
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--memory-of", nargs=2, help=argparse.SUPPRESS)  # side, folder: asked of a fresh process
    return parser.parse_args()


def load_ours(folder: Path, layers: str, device: str) -> tuple[nn.Module, LossOf]:
    from core.checkpoints import load_checkpoint
    from core.training.losses import Criterion
    from core.training.matcher import Matcher

    model = load_checkpoint(folder, device).model.requires_grad_(True).to(memory_format=torch.channels_last)
    matcher, criterion = Matcher(), Criterion()

    def loss_of(images: Tensor, targets: list[Target]) -> Tensor:
        output = model(images.contiguous(memory_format=torch.channels_last))
        if layers == "last":
            output = MaskFormerOutput(output.pixel_embeddings, output.layers[-1:])
        matchings = matcher(output, [target.coarser(CELL) for target in targets])
        return criterion(output, targets, matchings).total

    return model, loss_of


def load_theirs(folder: Path, layers: str, device: str) -> tuple[nn.Module, LossOf]:
    from transformers import MaskFormerForInstanceSegmentation

    model = MaskFormerForInstanceSegmentation.from_pretrained(folder).eval().to(device)
    criterion = model.criterion
    criterion.empty_weight.fill_(1.0)[-1] = criterion.eos_coef  # a buffer, drawn at random with the network's own
    criterion.matcher.cost_class, criterion.matcher.cost_mask, criterion.matcher.cost_dice = 1.0, 20.0, 1.0
    weights = {"loss_cross_entropy": 1.0, "loss_mask": 20.0, "loss_dice": 1.0}

    def loss_of(images: Tensor, targets: list[Target]) -> Tensor:
        output = model.model(images, output_hidden_states=layers == "all")
        pixels = output.pixel_decoder_last_hidden_state
        last = output.transformer_decoder_last_hidden_state
        states = [last]
        if layers == "all":  # all but the first, which is before the first layer, and the last
            norm = model.model.transformer_module.decoder.layernorm
            inner = output.transformer_decoder_hidden_states[1 : model.config.decoder_config.decoder_layers]
            states = [norm(state) for state in inner] + [last]
        masks = [torch.einsum("bqc,bchw->bqhw", model.mask_embedder(state), pixels) for state in states]
        said = [
            {"masks_queries_logits": mask, "class_queries_logits": model.class_predictor(state)}
            for mask, state in zip(masks, states, strict=True)
        ]
        labels = [target.masks for target in targets], [target.class_indices for target in targets]
        found = criterion(*said[-1].values(), *labels, said[:-1])
        return sum(weights[name.rstrip("_0123456789")] * value for name, value in found.items())

    return model, loss_of


SIDES = {"ours": load_ours, "transformers": load_theirs}


class Step:
    """One side's training step; every turn begins with the weights of the first."""

    def __init__(self, side: str, folder: Path, layers: str, device: str) -> None:
        self.model, self.loss_of = SIDES[side](folder, layers, device)
        self.optimiser = torch.optim.AdamW(self.model.parameters(), lr=0.0, weight_decay=0.0, fused=True)
        self.device = device

    def __call__(self, images: Tensor, targets: list[Target]) -> tuple[float, float]:
        """Seconds and the loss."""
        start = time.perf_counter()
        self.optimiser.zero_grad(set_to_none=True)
        loss = self.loss_of(images, targets)
        loss.backward()
        clip_grad_norm_(self.model.parameters(), 0.01)
        self.optimiser.step()
        value = float(loss.detach())
        if self.device == "cuda":
            torch.cuda.synchronize()
        return time.perf_counter() - start, value


def batch(arguments: argparse.Namespace) -> tuple[Tensor, list[Target]]:
    """Pictures, each divided among segments."""
    from tests.theirs import NUMBERED, pictures

    height, width = arguments.size
    generator = torch.Generator().manual_seed(2)
    targets = []
    for _ in range(arguments.batch):
        blocks = torch.randint(SEGMENTS, (4, 6), generator=generator).float()
        owner = nn.functional.interpolate(blocks[None, None], size=(height // CELL, width // CELL))[0, 0]
        masks = torch.stack([owner == segment for segment in range(SEGMENTS) if (owner == segment).any()]).float()
        masks = masks.repeat_interleave(CELL, 1).repeat_interleave(CELL, 2)
        classes = torch.randint(len(NUMBERED), (len(masks),), generator=generator)
        exempt = torch.zeros(len(NUMBERED), dtype=torch.bool)
        targets.append(
            Target(classes, classes >= 0, masks, torch.ones(height, width), exempt).to(torch.device(arguments.device))
        )
    return pictures(arguments.batch, height, width).to(arguments.device), targets


def line(network: str, layers: str, folder: Path, arguments: argparse.Namespace) -> str:
    """How the two sides compare, in one line."""
    images, targets = batch(arguments)
    steps = {side: Step(side, folder, layers, arguments.device) for side in SIDES}
    seconds: dict[str, list[float]] = {side: [] for side in SIDES}
    losses: dict[str, float] = {}
    for turn in range(WARM_UP + arguments.repeats):
        for side in sorted(SIDES, reverse=bool(turn % 2)):
            spent, losses[side] = steps[side](images, targets)
            seconds[side].append(spent)
    del steps
    ours, theirs = losses["ours"], losses["transformers"]
    title = f"{network:<10} {arguments.size[0]}x{arguments.size[1]} x {arguments.batch}, layers: {layers:<5}"
    if abs(ours - theirs) > AGREEMENT * abs(theirs):
        return f"{title} does not count: the losses are {ours:.5f} and {theirs:.5f}"
    medians = {side: statistics.median(rounds[WARM_UP:]) for side, rounds in seconds.items()}
    ratios = sorted(b / a for a, b in zip(seconds["ours"][WARM_UP:], seconds["transformers"][WARM_UP:], strict=True))
    peaks = {side: fresh_memory(side, folder, layers, arguments) for side in SIDES}
    return (
        f"{title} ours {medians['ours']:.2f} s, {peaks['ours']:.0f} MB; transformers {medians['transformers']:.2f} s, "
        f"{peaks['transformers']:.0f} MB; theirs / ours: time {statistics.median(ratios):.2f}x "
        f"({ratios[0]:.2f} to {ratios[-1]:.2f}), memory {peaks['transformers'] / peaks['ours']:.2f}x; "
        f"losses {ours:.5f} and {theirs:.5f}"
    )


def fresh_memory(side: str, folder: Path, layers: str, arguments: argparse.Namespace) -> float:
    """What a process of its own says."""
    height, width = arguments.size
    options = ["--memory-of", side, str(folder), "--layers", layers, "--size", f"{height}x{width}"]
    options += ["--batch", str(arguments.batch), "--threads", str(arguments.threads), "--device", arguments.device]
    command = [sys.executable, "-m", "tests.benchmarks.training_step", *options]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return float(json.loads(done.stdout.splitlines()[-1]))


def memory(side: str, folder: Path, arguments: argparse.Namespace) -> float:
    """Megabytes of the step's peak above the loaded model."""
    step = Step(side, folder, arguments.layers[0], arguments.device)
    contents: Any = batch(arguments)
    if arguments.device == "cuda":
        before = torch.cuda.memory_allocated()
        step(*contents)
        return (torch.cuda.max_memory_allocated() - before) / MEGABYTE
    if not STATUS.exists():
        return float("nan")
    Path("/proc/self/clear_refs").write_text("5")  # sets the kernel's mark of the peak back
    held = kilobytes("VmRSS")
    step(*contents)
    return (kilobytes("VmHWM") - held) * 1024 / MEGABYTE


if __name__ == "__main__":
    main()
