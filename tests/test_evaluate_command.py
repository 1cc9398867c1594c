"""``launch.py evaluate`` for real, on a drawn data set and small random networks."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from app import cli
from core.checkpoints import Preprocessing, save_checkpoint
from core.model import MaskFormerConfig, ResNetSpec, build_network
from core.types import Taxonomy
from tests.annotated import CAR, ROAD, SKY, TAXONOMY, write_dataset


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three small pictures of road, sky and a car."""
    ids = np.full((40, 56), 1, dtype=np.int32)
    ids[:18], ids[16:30, 20:40] = 2, 3
    return write_dataset(tmp_path_factory.mktemp("drawn"), [(ids, {1: ROAD, 2: SKY, 3: CAR})] * 3)


def save(folder: Path, formulation: str = "mask", taxonomy: Taxonomy = TAXONOMY) -> Path:
    """A network of random weights that keeps most of its queries."""
    torch.manual_seed(3)
    config = MaskFormerConfig(
        num_classes=len(taxonomy),
        backbone=ResNetSpec(depths=(1, 1, 1, 1), widths=(16, 32, 64, 128), stem=(8,)),
        num_queries=6,
        width=8,
        mask_channels=8,
        pixel_decoder_width=32,
        decoder_layers=1,
        attention_heads=2,
        feedforward_width=8,
        formulation=formulation,
    )
    weights = build_network(config).state_dict()
    preprocessing = Preprocessing(short_side=64, max_long_side=96, score_threshold=0.0, overlap_threshold=0.0)
    save_checkpoint(folder, weights=weights, config=config, taxonomy=taxonomy, preprocessing=preprocessing)
    return folder


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save(tmp_path_factory.mktemp("models") / "random")


def evaluate(*words: Path | str) -> int:
    return cli.main(["evaluate", "--device", "cpu", *map(str, words)])


def test_table_figures_and_page(model: Path, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    figures_file, pages = tmp_path / "new" / "figures.json", tmp_path / "pages"
    assert evaluate("--model", model, "--data", data, "--json", figures_file, "--pages", pages) == 0
    printed = capsys.readouterr().out
    figures = json.loads(figures_file.read_text(encoding="utf-8"))
    assert (figures["model"], figures["data"], figures["split"]) == (str(model), data.name, "val")
    assert (figures["pictures"], figures["detections"]) == (3, 100)
    assert figures["oracle"]["segments"] == 9
    assert None not in [figures[key] for key in ("pq", "fwiou", "boundary_pq", "ap", "exhaustive")]
    assert printed.startswith("3 pictures")
    assert f"{100 * figures['pixel_accuracy']:.1f}" in printed
    assert printed.splitlines()[-1].endswith("index.html.")
    assert "random on" in (pages / "index.html").read_text(encoding="utf-8")
    assert json.loads((pages / "figures.json").read_text(encoding="utf-8"))["pq"] == figures["pq"]


def test_the_page_s_errors_are_the_figures(model: Path, data: Path, tmp_path: Path) -> None:
    evaluate("--model", model, "--data", data, "--pages", tmp_path)
    page = (tmp_path / "index.html").read_text(encoding="utf-8")
    lines = (tmp_path / "pictures.csv").read_text(encoding="utf-8").splitlines()[1:]
    for line in lines:
        tp, fp, fn = line.split(",")[5:8]
        assert f"{tp} right, {fp} wrong, {fn} missed" in page


@pytest.mark.parametrize("formulation", ["per_pixel"])
def test_a_per_pixel_model_has_everything_but_queries_to_choose_from(
    formulation: str, data: Path, tmp_path: Path
) -> None:
    model = save(tmp_path / "model", formulation)
    figures_file = tmp_path / "figures.json"
    assert evaluate("--model", model, "--data", data, "--json", figures_file, "--pages", tmp_path / "pages") == 0
    figures = json.loads(figures_file.read_text(encoding="utf-8"))
    assert figures["oracle"]["pq"] is None
    assert None not in [figures[key] for key in ("pq", "miou", "ap", "boundary_pq")]
    assert "How far the queries" not in (tmp_path / "pages" / "index.html").read_text(encoding="utf-8")


def test_what_cannot_be_done_is_one_sentence(
    model: Path, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("in the way")
    other = save(tmp_path / "other", taxonomy=Taxonomy("fewer", TAXONOMY.categories[:2]))
    for words in (
        ["--model", other, "--data", data],
        ["--model", model, "--data", tmp_path / "nowhere"],
        ["--model", model, "--data", data, "--pages", tmp_path / "file"],
    ):
        assert evaluate(*words) == 2
        said = [line for line in capsys.readouterr().err.splitlines() if "picture/s" not in line and "it/s" not in line]
        assert len([line for line in said if line.strip() and "|" not in line]) == 1


@pytest.mark.parametrize("written", ["0", "-3", "many", "1.5"])
def test_a_count_of_detections_is_a_number(written: str, data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        evaluate("--data", data, f"--detections={written}")
    assert written in capsys.readouterr().err


def test_detections_may_be_asked_for(model: Path, data: Path, tmp_path: Path) -> None:
    evaluate("--model", model, "--data", data, "--json", tmp_path / "figures.json", "--detections", "7")
    assert json.loads((tmp_path / "figures.json").read_text(encoding="utf-8"))["detections"] == 7
