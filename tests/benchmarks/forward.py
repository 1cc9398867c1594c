"""Time and memory of one forward pass, ours beside transformers', on the same weights and the same picture.

    python -m tests.benchmarks.forward [--networks resnet50 swin_tiny] [--sizes 640x640 800x1066] [--repeats 9]
                                       [--threads N] [--json FILE]

Weights are drawn once, saved by transformers and loaded by both. Times: both sides take turns in one process, after
rounds of warm-up that do not count, each round in the other order than the one before. Memory: each side runs once in a
fresh process that has loaded nothing of the other; ``forward`` is its peak above what it held with the model loaded.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

Network = Callable[[Tensor], tuple[Tensor, Tensor, Tensor]]  # pictures -> class logits, mask logits, pixel embeddings
Figures = dict[str, float]

WARM_UP = 2
STATUS = Path("/proc/self/status")
MEGABYTE = 1 << 20
COLUMNS = (("median", "ms"), ("least", "ms"), ("most", "ms"), ("process", "MB"), ("forward", "MB"))


def load_ours(folder: Path) -> Network:
    from core.checkpoints import load_checkpoint

    model = load_checkpoint(folder).model

    def run(images: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        output = model(images)
        return output.class_logits, output.mask_logits, output.pixel_embeddings

    return run


def load_theirs(folder: Path) -> Network:
    from transformers import MaskFormerForInstanceSegmentation

    model = MaskFormerForInstanceSegmentation.from_pretrained(folder).eval()

    def run(images: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        output = model(pixel_values=images)
        return output.class_queries_logits, output.masks_queries_logits, output.pixel_decoder_last_hidden_state

    return run


SIDES = {"ours": load_ours, "transformers": load_theirs}


def main() -> None:
    arguments = parse()
    torch.set_num_threads(arguments.threads)
    if arguments.memory_of:
        side, folder = arguments.memory_of
        print(json.dumps(memory(side, Path(folder), *arguments.sizes)))
        return
    rows = {}
    for network in arguments.networks:
        with tempfile.TemporaryDirectory() as folder:
            draw(network, Path(folder))
            rows |= measure(network, Path(folder), arguments)
    print(table(rows), machine(arguments.threads), sep="\n")
    if arguments.json:
        report = {"rows": list(rows.values()), "machine": machine(arguments.threads), "repeats": arguments.repeats}
        arguments.json.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")


def parse() -> argparse.Namespace:
    from tests.theirs import PUBLISHED

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--networks", nargs="+", choices=sorted(PUBLISHED), default=["resnet50", "swin_tiny"])
    parser.add_argument("--sizes", nargs="+", type=size, default=[(640, 640), (800, 1066)])
    parser.add_argument("--repeats", type=int, default=9)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--json", type=Path)
    parser.add_argument("--memory-of", nargs=2, help=argparse.SUPPRESS)  # side, folder: asked of a fresh process
    return parser.parse_args()


def size(written: str) -> tuple[int, int]:
    height, width = map(int, written.split("x"))
    return height, width


def draw(network: str, folder: Path) -> None:
    """Weights of a published network, as transformers saves them."""
    from tests.theirs import PUBLISHED, build

    build(PUBLISHED[network]).save_pretrained(folder)


def measure(network: str, folder: Path, arguments: argparse.Namespace) -> dict[tuple[str, ...], dict[str, Any]]:
    """One row a size and side."""
    networks = {side: load(folder) for side, load in SIDES.items()}
    rows = {}
    for height, width in arguments.sizes:
        seconds, apart = times(networks, picture(height, width), arguments.repeats)
        for side in SIDES:
            keys = {"network": network, "size": f"{height}x{width}", "side": side}
            figures = {**summary(seconds[side]), **fresh_memory(side, folder, (height, width), arguments.threads)}
            rows[tuple(keys.values())] = {**keys, **figures, "apart": apart}
    return rows


@torch.inference_mode()
def times(networks: dict[str, Network], images: Tensor, repeats: int) -> tuple[dict[str, list[float]], float]:
    """Seconds of every round, and how far the two results are apart, as a share of the largest value."""
    seconds: dict[str, list[float]] = {side: [] for side in networks}
    results = {}
    for turn in range(WARM_UP + repeats):
        for side in sorted(networks, reverse=bool(turn % 2)):
            start = time.perf_counter()
            results[side] = networks[side](images)
            seconds[side].append(time.perf_counter() - start)
    pairs = zip(results["ours"], results["transformers"], strict=True)
    apart = max(float((ours - theirs).abs().max() / theirs.abs().max()) for ours, theirs in pairs)
    return {side: rounds[WARM_UP:] for side, rounds in seconds.items()}, apart


def summary(seconds: list[float]) -> Figures:
    milliseconds = sorted(1000 * value for value in seconds)
    return {"median": statistics.median(milliseconds), "least": milliseconds[0], "most": milliseconds[-1]}


def fresh_memory(side: str, folder: Path, hw: tuple[int, int], threads: int) -> Figures:
    """What a process of its own says; nothing where the system does not tell the peak."""
    if not STATUS.exists():
        return {}
    asked = ["--memory-of", side, str(folder), "--sizes", f"{hw[0]}x{hw[1]}", "--threads", str(threads)]
    command = [sys.executable, "-m", "tests.benchmarks.forward", *asked]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    figures: Figures = json.loads(done.stdout.splitlines()[-1])
    return figures


@torch.inference_mode()
def memory(side: str, folder: Path, hw: tuple[int, int]) -> Figures:
    """Megabytes of this process at its peak, and of the forward pass above the loaded model."""
    network, images = SIDES[side](folder), picture(*hw)
    Path("/proc/self/clear_refs").write_text("5")  # sets the kernel's mark of the peak back
    before = kilobytes("VmRSS")
    network(images)
    peak = kilobytes("VmHWM")
    return {"process": peak * 1024 / MEGABYTE, "forward": (peak - before) * 1024 / MEGABYTE}


def kilobytes(row: str) -> int:
    return next(int(line.split()[1]) for line in STATUS.read_text().splitlines() if line.startswith(row))


def picture(height: int, width: int) -> Tensor:
    from tests.theirs import pictures

    return pictures(1, height, width)


def table(rows: dict[tuple[str, ...], dict[str, Any]]) -> str:
    """One line a row, and under each pair how they compare."""
    lines = [f"{'':<36}" + "".join(f"{f'{name} {unit}':>12}" for name, unit in COLUMNS)]
    for (network, hw, side), row in rows.items():
        cells = "".join(f"{row[name]:>12.0f}" if name in row else f"{'-':>12}" for name, _ in COLUMNS)
        lines.append(f"{network:<12}{hw:<10}{side:<14}{cells}")
        if side == "transformers":
            ours = rows[network, hw, "ours"]
            parts = [f"{name} {row[name] / ours[name]:.2f}x" for name in ("median", "forward") if name in row]
            lines.append(f"{'':<22}theirs / ours: {', '.join(parts)}; results apart by {row['apart']:.0e}")
    return "\n".join(lines)


def machine(threads: int) -> str:
    computer = f"{platform.machine()}, {os.cpu_count()} cores, {platform.system()}"
    return f"{computer}; {threads} threads, torch {torch.__version__}"


if __name__ == "__main__":
    main()
