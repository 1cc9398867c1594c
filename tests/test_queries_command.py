"""``launch.py queries``: the files, what they say, and what cannot be read."""

import csv
import json
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image

from app import cli
from core.checkpoints import load_checkpoint
from core.explain.census import picture_census, take_census
from core.images import read
from core.inference import Predictor
from tests.annotated import CAR, SKY, TAXONOMY, write_dataset
from tests.app.checkpoints import save_small


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(save_small(tmp_path_factory.mktemp("models") / "small", formulation="per_pixel"))


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    folder = tmp_path / "pictures"
    folder.mkdir()
    random = np.random.default_rng(0)
    for name, size in (("a.png", (60, 90)), ("b.png", (80, 50))):
        Image.fromarray(random.integers(0, 255, (*size, 3)).astype(np.uint8)).save(folder / name)
    return folder


def test_a_folder_is_counted(model: str, pictures: Path, tmp_path: Path) -> None:
    output = tmp_path / "out"
    assert cli.main(["queries", str(pictures), "--model", model, "--output", str(output), "--device", "cpu"]) == 0
    checkpoint = load_checkpoint(model)
    predictor = Predictor(checkpoint, device="cpu")
    paths = sorted(pictures.iterdir())
    counted = [picture_census(path.name, predictor.predict(read(path))) for path in paths]
    census = take_census(counted, checkpoint.config.num_queries, checkpoint.taxonomy)
    rows = list(csv.DictReader((output / "queries.csv").open(encoding="utf-8")))
    assert [int(row["fires"]) for row in rows] == census.fires.tolist()
    firings = list(csv.DictReader((output / "firings.csv").open(encoding="utf-8")))
    assert [(row["picture"], int(row["query"])) for row in firings] == [
        (picture.name, firing.query) for picture in counted for firing in picture.firings
    ]
    facts = json.loads((output / "queries.json").read_text(encoding="utf-8"))
    assert facts["pictures"] == 2
    np.testing.assert_allclose(facts["queries"][0]["footprint"], census.footprints[0], atol=1e-4)
    assert min(Image.open(output / "queries.png").size) > 500
    assert ElementTree.parse(output / "queries.svg").getroot().tag.endswith("svg")


def test_a_data_set_is_counted(model: str, tmp_path: Path) -> None:
    label_map = np.full((40, 60), 1, dtype=np.int32)
    label_map[10:20, 20:30] = 2
    folder = write_dataset(tmp_path / "data", [(label_map, {1: SKY, 2: CAR})] * 3)
    output = tmp_path / "out"
    words = ["queries", "--data", str(folder), "--model", model, "--output", str(output), "--device", "cpu"]
    assert cli.main(words) == 0
    assert json.loads((output / "queries.json").read_text(encoding="utf-8"))["pictures"] == 3
    assert len(TAXONOMY) == 4


def test_what_cannot_be_read_is_told_at_the_end(
    model: str, pictures: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (pictures / "c.png").write_bytes(b"not a picture")
    output = tmp_path / "out"
    assert cli.main(["queries", str(pictures), "--model", model, "--output", str(output), "--device", "cpu"]) == 1
    said = capsys.readouterr()
    assert "2 pictures are counted" in said.out
    assert "c.png" in said.err
    (pictures / "a.png").unlink()
    (pictures / "b.png").unlink()
    assert cli.main(["queries", str(pictures), "--model", model, "--output", str(output), "--device", "cpu"]) == 2
    assert "No picture could be read" in capsys.readouterr().err


@pytest.mark.parametrize("words", [[], ["pictures", "--data", "data"]])
def test_either_pictures_or_a_data_set(
    words: list[str], model: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["queries", *words, "--model", model, "--output", str(tmp_path / "out")]) == 2
    assert "one of the two" in capsys.readouterr().err


def test_an_empty_split_is_one_sentence(model: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = write_dataset(tmp_path / "data", [])
    assert cli.main(["queries", "--data", str(folder), "--model", model, "--output", str(tmp_path / "out")]) == 2
    assert "holds no picture" in capsys.readouterr().err
