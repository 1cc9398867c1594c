"""``launch.py train-clicks`` and ``evaluate-clicks`` for real, on a drawn data set and a small random network."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from app import cli
from core.checkpoints import load_checkpoint
from core.evaluation.clicks.evaluate import evaluate_clicks
from core.evaluation.clicks.methods import BASELINES, Seen
from core.evaluation.clicks.tries import Method
from core.formats.layouts import open_dataset
from core.inference import Predictor
from core.refinement import Prompts
from core.refinement.prompts import Mask
from tests.annotated import CAR, ROAD, SKY, write_dataset
from tests.test_evaluate_command import save


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pictures of road, sky and a car, to train on and to measure on."""
    ids = np.full((48, 64), 1, dtype=np.int32)
    ids[:18], ids[16:38, 20:44] = 2, 3
    pictures = [(ids, {1: ROAD, 2: SKY, 3: CAR})] * 2
    folder = tmp_path_factory.mktemp("drawn")
    write_dataset(folder, pictures, split="train")
    return write_dataset(folder, pictures)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save(tmp_path_factory.mktemp("models") / "random")


def run(*words: Path | str) -> int:
    return cli.main([*map(str, words)])


@pytest.fixture(scope="module")
def head(model: Path, data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    output = tmp_path_factory.mktemp("head") / "run"
    assert run("train-clicks", "--on", model, data, "--output", output, "--steps", "2") == 0
    return output / "model.safetensors"


def test_figures_and_curves(
    model: Path, data: Path, head: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    figures, curves = tmp_path / "clicks.json", tmp_path / "curves.png"
    words = ["--model", model, "--data", data, "--head", head, "--limit", "1", "--exact-only", "--baselines"]
    assert run("evaluate-clicks", *words, "--json", figures, "--curves", curves) == 0
    said = json.loads(figures.read_text(encoding="utf-8"))
    assert (said["pictures"], said["segments"]) == (1, 3)
    assert 0 <= said["noc85"] <= said["noc90"] <= 20
    assert said["miou_at"].keys() == {"0", "1", "3", "5", "10", "20"}
    assert said["seconds_per_click"] > 0
    assert said["failures20"] == said["starts"]["own"]["exact"]["failures20"]
    assert set(said["baselines"]) == {"solved query", "nearest query", "prototypes", "GrabCut", "flood fill"}
    assert said["ceiling"].keys() == {"embeddings", "features", "cells"}
    assert said["ceiling"]["cells"]["mean_iou"] > 0.8
    printed = capsys.readouterr().out
    assert "click head" in printed
    assert "GrabCut" in printed
    assert len(Image.open(curves).convert("L").getcolors() or []) > 10


def test_a_simple_way_is_asked_once_where_it_would_say_the_same_again(
    model: Path, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def counting(name: str, way: Callable[[Seen], Method]) -> Callable[[Seen], Method]:
        def begin(seen: Seen) -> Method:
            answer = way(seen)

            def counted(prompts: Prompts, mask: Mask) -> Mask:
                asked.append(name)
                return answer(prompts, mask)

            return counted

        return begin

    ways = {name: counting(name, way) for name, way in BASELINES.items()}
    monkeypatch.setattr("core.evaluation.clicks.evaluate.BASELINES", ways)
    twice = {f"{name} again": counting("twice", way) for name, way in BASELINES.items()}
    predictor, dataset = Predictor(load_checkpoint(model), device="cpu"), open_dataset(data, "val")
    reports = evaluate_clicks(predictor, dataset, ways | twice, limit=1, jitters=[False])
    for name in ways:
        once, again = (
            sorted((row.start, row.area, row.went.ious) for row in reports[key].rows) for key in (name, f"{name} again")
        )
        assert once == again
    assert len(asked) - asked.count("twice") < asked.count("twice")


def test_clicks_that_miss_are_measured_too(model: Path, data: Path, head: Path, tmp_path: Path) -> None:
    figures = tmp_path / "clicks.json"
    words = ["--model", model, "--data", data, "--head", head, "--limit", "1"]
    assert run("evaluate-clicks", *words, "--json", figures) == 0
    starts = json.loads(figures.read_text(encoding="utf-8"))["starts"]
    assert starts["nothing"]["jittered"]["segments"] == 3
    assert "baselines" not in json.loads(figures.read_text(encoding="utf-8"))


def test_a_run_is_not_overwritten(model: Path, data: Path, head: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["train-clicks", "--on", model, data, "--output", head.parent, "--steps", "3"]
    assert run(*words) == cli.MENDABLE
    assert str(head.parent) in capsys.readouterr().err
    assert run(*words, "--resume") == 0


def test_a_missing_head_is_told(model: Path, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["--model", model, "--data", data, "--head", tmp_path / "none.safetensors"]
    assert run("evaluate-clicks", *words) == cli.MENDABLE
    assert "no click head" in capsys.readouterr().err


def test_where_the_curves_cannot_be_drawn_is_told_before_the_work(
    model: Path, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("evaluate-clicks", "--model", model, "--data", data, "--curves", tmp_path / "curves.txt") == 2
    said = capsys.readouterr()
    assert "curves.txt" in said.err
    assert not said.out
