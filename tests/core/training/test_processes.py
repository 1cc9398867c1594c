"""Several processes, or one in several parts, take the very step that one process takes at once."""

import csv
import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from core.formats.panoptic_dataset import read_panoptic_dataset
from core.messages import StudioError
from core.training import Trainer
from core.training.processes import ALONE, Processes, joined
from core.training.recipe import Recipe
from tests.annotated import write_dataset
from tests.core.training.test_training import FORMULATIONS, ROOT, TINY, formulated, scene

STEPS = 3


def recipe(formulation: str = "mask", **changes: object) -> Recipe:
    """Four pictures a step; no batch statistics, which processes do not share on a CPU."""
    network = formulated(formulation)["model"] | {"dropout": 0.0}
    return replace(TINY, model=network, batch_size=4, steps=STEPS, frozen_statistics=True, **changes)


def trained(data: Path, output: Path, settings: Recipe, processes: Processes = ALONE) -> list[float]:
    """The losses of a run."""
    dataset = read_panoptic_dataset(data, "train")
    device = torch.device("cpu")
    trainer = Trainer(settings, dataset, output, device=device, pretrained=False, processes=processes)
    return [report.total for report in trainer.run()]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return write_dataset(tmp_path / "data", [scene(index) for index in range(9)], split="train")


@pytest.mark.parametrize("formulation", FORMULATIONS)
def test_parts_of_a_batch_add_up_to_it(data, tmp_path, formulation):
    whole = trained(data, tmp_path / "whole", recipe(formulation))
    parts = trained(data, tmp_path / "parts", recipe(formulation, accumulate=4))
    assert parts == pytest.approx(whole, rel=1e-5)


def test_a_batch_that_cannot_be_shared_is_refused(data, tmp_path):
    with pytest.raises(StudioError, match="4 pictures"):
        trained(data, tmp_path / "run", recipe(accumulate=3))


def test_what_is_told_goes_to_tables_too(data, tmp_path):
    trained(data, tmp_path / "run", recipe())
    with (tmp_path / "run" / "losses.csv").open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    logged = [json.loads(line) for line in (tmp_path / "run" / "log.jsonl").read_text().splitlines()]
    assert [float(row["total"]) for row in rows] == [row["total"] for row in logged]
    assert [row["step"] for row in rows] == ["1", "2", "3"]


@pytest.mark.slow
def test_two_processes_have_the_losses_of_one(data, tmp_path):
    alone = trained(data, tmp_path / "alone", recipe())
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    command += ["-m", "tests.core.training.test_processes", str(data), str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, env={**os.environ, "OMP_NUM_THREADS": "1"})
    assert done.returncode == 0, done.stderr
    together = [json.loads((tmp_path / f"{rank}.json").read_text()) for rank in range(2)]
    assert together[0] == together[1] == pytest.approx(alone, rel=1e-4)
    assert len((tmp_path / "together" / "log.jsonl").read_text().splitlines()) == STEPS, "one of them writes"
    states = [torch.load(tmp_path / name / "state.pt", weights_only=True)["model"] for name in ("alone", "together")]
    for name, weight in states[0].items():
        torch.testing.assert_close(states[1][name], weight, rtol=1e-3, atol=1e-4, msg=name)


def main(data: str, output: str) -> None:
    """One of the processes."""
    with joined(torch.device("cpu")) as processes:
        losses = trained(Path(data), Path(output) / "together", recipe(), processes)
        (Path(output) / f"{processes.rank}.json").write_text(json.dumps(losses))


if __name__ == "__main__":
    main(*sys.argv[1:])
