import json

import pytest
import torch
from safetensors.torch import load_file, save_file

from core import checkpoints
from core.checkpoints import Preprocessing, load_checkpoint, save_checkpoint, shelf
from core.checkpoints.card import Card
from core.messages import StudioError
from core.model import MaskFormer, MaskFormerConfig
from tests.annotated import TAXONOMY

CONFIG = MaskFormerConfig(
    num_classes=len(TAXONOMY),
    num_queries=5,
    width=32,
    mask_channels=16,
    pixel_decoder_width=32,
    decoder_layers=1,
    attention_heads=4,
    feedforward_width=32,
)
PREPROCESSING = Preprocessing(short_side=64, score_threshold=0.4)


@pytest.fixture
def folder(tmp_path):
    torch.manual_seed(1)
    folder = tmp_path / "tiny"
    weights = MaskFormer(CONFIG).state_dict()
    save_checkpoint(folder, weights=weights, config=CONFIG, taxonomy=TAXONOMY, preprocessing=PREPROCESSING, half=False)
    return folder


def rewrite(folder, change):
    weights = load_file(folder / "model.safetensors")
    change(weights)
    save_file(weights, folder / "model.safetensors")


def test_what_was_saved_is_loaded(folder):
    loaded = load_checkpoint(folder)

    assert (loaded.config, loaded.taxonomy, loaded.preprocessing) == (CONFIG, TAXONOMY, PREPROCESSING)
    stored = load_file(folder / "model.safetensors")
    assert all(torch.equal(value, stored[name]) for name, value in loaded.model.state_dict().items() if name in stored)
    assert not loaded.model.training
    assert not list(folder.glob("*.part"))


def test_half_precision_is_stored_small_and_loaded_as_float32(folder):
    weights = load_checkpoint(folder).model.state_dict()
    full = (folder / "model.safetensors").stat().st_size
    save_checkpoint(folder, weights=weights, config=CONFIG, taxonomy=TAXONOMY, preprocessing=PREPROCESSING)

    assert (folder / "model.safetensors").stat().st_size < 0.55 * full
    loaded = load_checkpoint(folder).model.state_dict()
    assert {value.dtype for value in loaded.values() if value.is_floating_point()} == {torch.float32}
    torch.testing.assert_close(loaded["class_head.weight"], weights["class_head.weight"].half().float(), rtol=0, atol=0)


def test_every_tensor_that_does_not_fit_is_named(folder):
    def spoil(weights):
        del weights["class_head.bias"]
        weights["mask_head.0.weight"] = torch.zeros(3, 32)
        weights["surprise"] = torch.zeros(1)

    rewrite(folder, spoil)
    with pytest.raises(StudioError) as caught:
        load_checkpoint(folder)
    sentence = str(caught.value)
    assert "class_head.bias is missing" in sentence
    assert "mask_head.0.weight is (3, 32) and should be (32, 32)" in sentence
    assert "surprise is unexpected" in sentence


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_weights_of_a_run_that_diverged_are_refused(folder, value):
    rewrite(folder, lambda weights: weights["mask_head.2.weight"][1, 1].fill_(value))
    with pytest.raises(StudioError, match=r"mask_head\.2\.weight holds values that are not finite"):
        load_checkpoint(folder)


@pytest.mark.parametrize("file", ["config.json", "model.safetensors"])
@pytest.mark.parametrize("content", [None, b"", b"{", b"[]", b"not json at all" * 9])
def test_a_missing_or_broken_file_is_named(folder, file, content):
    (folder / file).unlink() if content is None else (folder / file).write_bytes(content)
    with pytest.raises(StudioError, match=file):
        load_checkpoint(folder)


@pytest.mark.parametrize(
    ("part", "value"),
    [
        ("model", {"num_classes": 4, "wings": 2}),
        ("model", 7),
        ("preprocessing", {"short_side": 3}),
        ("preprocessing", {"mean": None, "std": None}),
        ("preprocessing", [1]),
        ("taxonomy", {}),
        ("taxonomy", []),
        ("taxonomy", {"categories": [1]}),
    ],
)
def test_a_wrong_configuration_is_refused(folder, part, value):
    described = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**described, part: value}))
    with pytest.raises(StudioError):
        load_checkpoint(folder)


@pytest.mark.parametrize(
    "wrong",
    [
        {"short_side": "512"},
        {"short_side": -1},
        {"short_side": 1.5},
        {"max_long_side": 0},
        {"max_long_side": None},
        {"short_side": 10**9},
        {"max_long_side": 10**9},
        {"pad_multiple": 10**6},
        {"pad_multiple": 0},
        {"pad_multiple": True},
        {"mean": [1, 2]},
        {"mean": "abc"},
        {"mean": [1, 2, float("nan")]},
        {"std": [1, 0, 1]},
        {"std": "no"},
        {"score_threshold": "0.5"},
        {"score_threshold": float("nan")},
        {"overlap_threshold": 1.5},
        {"overlap_threshold": None},
    ],
)
def test_preprocessing_that_no_picture_could_go_through_is_refused(folder, wrong):
    described = json.loads((folder / "config.json").read_text())
    described["preprocessing"] |= wrong
    (folder / "config.json").write_text(json.dumps(described))
    with pytest.raises(StudioError, match=next(iter(wrong))):
        load_checkpoint(folder)


@pytest.mark.parametrize(
    "wrong",
    [
        {"id": "x"},
        {"id": 1.5},
        {"id": True},
        {"name": ["a"]},
        {"name": ""},
        {"isthing": "yes"},
        {"isthing": 2},
        {"color": "red"},
        {"color": [1, 2]},
        {"color": [1, 2, 256]},
        {"color": [1, 2, "3"]},
        {"supercategory": 7},
    ],
)
def test_a_category_that_is_none_is_refused(folder, wrong):
    described = json.loads((folder / "config.json").read_text())
    described["taxonomy"]["categories"][1] |= wrong
    (folder / "config.json").write_text(json.dumps(described))
    with pytest.raises(StudioError, match=next(iter(wrong))):
        load_checkpoint(folder)


@pytest.mark.parametrize("kept", [slice(-1), slice(0)], ids=["one fewer", "none"])
def test_names_of_another_number_of_classes_are_refused(folder, kept):
    described = json.loads((folder / "config.json").read_text())
    described["taxonomy"]["categories"] = described["taxonomy"]["categories"][kept]
    (folder / "config.json").write_text(json.dumps(described))
    with pytest.raises(StudioError, match=f"tells {len(TAXONOMY)} classes apart"):
        load_checkpoint(folder)


def test_an_unknown_name_offers_the_near_ones(folder, monkeypatch):
    monkeypatch.setattr(shelf, "SHELF", folder.parent)
    assert checkpoints.bundled() == ["tiny"]
    assert load_checkpoint("tiny").config == CONFIG
    with pytest.raises(StudioError, match="Did you mean tiny"):
        load_checkpoint("tinny")
    with pytest.raises(StudioError, match="Bundled are tiny"):
        load_checkpoint("zzzz")
    with pytest.raises(StudioError, match=r"no model named a{300}"):
        load_checkpoint("a" * 300)


def test_a_card_has_front_matter_and_text():
    card = Card.parse(
        "a", '---\ntitle: "Street: a model"\ndomain: streets\nlicense: research\n---\n\n# Hello\n--- dash\n'
    )
    assert card == Card("a", "Street: a model", "streets", "research", "# Hello\n--- dash")
    assert Card.parse("a", "plain text") == Card("a", "a", text="plain text")
