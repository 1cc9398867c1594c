"""``launch.py convert``: every layout that is read, into both that are written, whole or not at all."""

import shutil
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from app import cli
from app.commands.convert import whole_folder
from core.checkpoints import Preprocessing, load_checkpoint, save_checkpoint
from core.checkpoints.card import Card
from core.model import MaskFormerConfig, ResNetSpec, build_network
from core.types import Category, Taxonomy
from tests.core.checkpoints.detectron2_reference import BASE, drawn, stored
from tests.core.checkpoints.hub_server import running

TAXONOMY = Taxonomy("drawn", (Category(7, "disc", True, (220, 60, 40)), Category(11, "paper", False, (90, 120, 220))))
CARD = Card(name="drawn", title="Drawn things", domain="drawings", license="CC0", text="# Drawn\n\nA card.")
SMALL = {"width": 32, "mask_channels": 16, "pixel_decoder_width": 32, "decoder_layers": 1, "attention_heads": 4}


def written(folder: Path, **other: object) -> Path:
    """Our own folder with random weights and a card."""
    torch.manual_seed(5)
    backbone = ResNetSpec(depths=(1, 1, 1, 1), widths=(32, 32, 64, 64), stem=(16,))
    sizes = {"num_queries": 6, "feedforward_width": 32, "backbone": backbone, **SMALL, **other}
    config = MaskFormerConfig(num_classes=len(TAXONOMY), **sizes)
    save_checkpoint(
        folder,
        weights=build_network(config).state_dict(),
        config=config,
        taxonomy=TAXONOMY,
        preprocessing=Preprocessing(short_side=64, max_long_side=128, score_threshold=0.25),
        half=False,
    )
    (folder / "README.md").write_text(CARD.markdown(), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(tmp_path_factory.mktemp("models") / "drawn")


def convert(*words: Path | str) -> int:
    return cli.main(["convert", *map(str, words)])


def assert_same(one: Path, other: Path) -> None:
    """Equal to the last bit, with all that belongs to the weights."""
    ours, theirs = load_checkpoint(one), load_checkpoint(other)
    assert ours.config == theirs.config
    assert ours.taxonomy.categories == theirs.taxonomy.categories
    assert ours.preprocessing == theirs.preprocessing
    assert (ours.card.title, ours.card.license, ours.card.text) == (
        theirs.card.title,
        theirs.card.license,
        theirs.card.text,
    )
    weights = theirs.model.state_dict()
    assert all(torch.equal(tensor, weights[name]) for name, tensor in ours.model.state_dict().items())


def test_to_our_own_layout(source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    output = tmp_path / "new" / "folder"
    assert convert(source, output) == 0
    assert_same(source, output)
    assert sorted(path.name for path in output.iterdir()) == ["README.md", "config.json", "model.safetensors"]
    assert "CC0" in capsys.readouterr().out
    assert list(output.parent.iterdir()) == [output]


def test_half_the_size(source: Path, tmp_path: Path) -> None:
    assert convert(source, tmp_path / "half", "--half") == 0
    assert {tensor.dtype for tensor in load_file(tmp_path / "half" / "model.safetensors").values()} == {torch.float16}


def test_to_transformers_and_back(source: Path, tmp_path: Path) -> None:
    transformers = pytest.importorskip("transformers")
    there, back = tmp_path / "there", tmp_path / "back"
    assert convert(source, there, "--to", "huggingface") == 0
    assert convert(there, back) == 0
    assert_same(source, back)
    images = torch.randn(1, 3, 64, 96)
    with torch.inference_mode():
        ours = load_checkpoint(source).model(images).class_logits
        theirs = transformers.MaskFormerForInstanceSegmentation.from_pretrained(there)(images).class_queries_logits
    torch.testing.assert_close(ours, theirs, rtol=0, atol=1e-4 * float(theirs.abs().max()))


def test_from_a_detectron2_file(tmp_path: Path) -> None:
    weights, _ = drawn(BASE, torch.zeros(1, 3, 64, 64))
    file = stored(tmp_path, weights)
    assert convert(file, tmp_path / "out") == 0
    assert_same(file, tmp_path / "out")


def test_from_hugging_face(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The whole way: a folder for transformers, served, downloaded by name, written as ours."""
    assert convert(source, tmp_path / "served", "--to", "huggingface") == 0
    with running() as hub:
        hub.files["someone/drawn"] = {path.name: path.read_bytes() for path in (tmp_path / "served").iterdir()}
        monkeypatch.setenv("HF_ENDPOINT", hub.url)
        monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "cache"))
        monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
        capsys.readouterr()
        assert convert("someone/drawn", tmp_path / "out") == 0
    assert "Downloading someone/drawn" in capsys.readouterr().err
    assert_same(source, tmp_path / "out")


class TestRefused:
    def sentence(self, capsys: pytest.CaptureFixture[str], *words: Path | str) -> str:
        assert convert(*words) == 2
        told = capsys.readouterr()
        assert told.out == ""
        assert len(told.err.splitlines()) == 1
        return told.err

    def test_nothing_is_overwritten(self, source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        (tmp_path / "notes.txt").write_text("mine")
        assert "is not empty" in self.sentence(capsys, source, tmp_path)
        assert "is a file" in self.sentence(capsys, source, tmp_path / "notes.txt")
        assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]
        (tmp_path / "empty").mkdir()
        assert convert(source, tmp_path / "empty") == 0

    def test_a_place_that_cannot_be(self, source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        (tmp_path / "file").touch()
        assert "could not be written" in self.sentence(capsys, source, tmp_path / "file" / "out")

    def test_a_network_that_transformers_has_not(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        baseline = written(tmp_path / "baseline", formulation="per_pixel")
        assert "per_pixel" in self.sentence(capsys, baseline, tmp_path / "out", "--to", "huggingface")
        assert [path.name for path in tmp_path.iterdir()] == ["baseline"]

    def test_half_of_what_transformers_loads(
        self, source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert "32-bit" in self.sentence(capsys, source, tmp_path / "out", "--half", "--to", "huggingface")

    def test_no_such_source(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert "street" in self.sentence(capsys, "streeet", tmp_path / "out")
        assert list(tmp_path.iterdir()) == []

    def test_half_a_source(self, source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        broken = shutil.copytree(source, tmp_path / "broken")
        weights = broken / "model.safetensors"
        weights.write_bytes(weights.read_bytes()[:1000])
        assert "model.safetensors" in self.sentence(capsys, broken, tmp_path / "out")
        assert not (tmp_path / "out").exists()


def test_an_interruption_leaves_nothing(tmp_path: Path) -> None:
    def interrupted() -> None:
        with whole_folder(tmp_path / "out") as folder:
            (folder / "config.json").write_text("{}")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert list(tmp_path.iterdir()) == []
