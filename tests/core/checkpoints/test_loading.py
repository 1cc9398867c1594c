"""One name for every kind of place that a checkpoint can be in."""

from dataclasses import replace

import pytest
import torch

from core.checkpoints import Card, Preprocessing, load_card, load_checkpoint, save_checkpoint
from core.checkpoints.huggingface_export import save_huggingface
from core.checkpoints.published import published
from core.messages import StudioError
from core.model import MaskFormerConfig, ResNetSpec, build_network
from tests.annotated import TAXONOMY

CONFIG = MaskFormerConfig(
    num_classes=len(TAXONOMY),
    backbone=ResNetSpec(depths=(1, 1, 1, 1), widths=(16, 16, 16, 16), stem=(8,)),
    num_queries=4,
    width=16,
    mask_channels=8,
    pixel_decoder_width=32,
    decoder_layers=1,
    attention_heads=2,
    feedforward_width=16,
)


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    for variable in ("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("HF_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")


@pytest.fixture
def ours(tmp_path):
    torch.manual_seed(2)
    weights = build_network(CONFIG).state_dict()
    save_checkpoint(
        tmp_path / "ours",
        weights=weights,
        config=CONFIG,
        taxonomy=TAXONOMY,
        preprocessing=Preprocessing(short_side=64),
        half=False,
    )
    return load_checkpoint(tmp_path / "ours")


def cache(tmp_path, name, checkpoint):
    """Puts a checkpoint where Hugging Face's programs keep what they downloaded."""
    folder = tmp_path / "home" / "hub" / f"models--{name.replace('/', '--')}"
    save_huggingface(folder / "snapshots" / "c0ffee", checkpoint)
    (folder / "refs").mkdir()
    (folder / "refs" / "main").write_text("c0ffee")


@pytest.mark.parametrize("formulation", ["per_pixel", "per_pixel_plus"])
def test_per_pixel_baselines_are_saved_and_loaded(tmp_path, formulation):
    config = replace(CONFIG, formulation=formulation, num_queries=CONFIG.num_classes)
    network = build_network(config)
    save_checkpoint(
        tmp_path, weights=network.state_dict(), config=config, taxonomy=TAXONOMY, preprocessing=Preprocessing()
    )
    loaded = load_checkpoint(tmp_path)
    assert loaded.is_per_pixel
    assert type(loaded.model) is type(network)


def test_a_cached_name_is_loaded_offline(tmp_path, ours):
    cache(tmp_path, "some-one/some.model", ours)
    loaded = load_checkpoint("some-one/some.model")
    assert not loaded.is_per_pixel
    assert (loaded.config, loaded.taxonomy, loaded.card.name) == (CONFIG, TAXONOMY, "some-one/some.model")
    state, expected = loaded.model.state_dict(), ours.model.state_dict()
    assert all(torch.equal(state[name], expected[name]) for name in expected)


def test_a_published_name_has_its_card_before_and_after_the_download(tmp_path, ours):
    row = next(row for row in published() if not row.by_hand)
    card = Card(name=row.name, title=row.title, domain=row.data, license=row.license)
    assert load_card(row.name) == card
    cache(tmp_path, row.name, replace(ours, card=Card("a", title="their own", license="?", text="As they say.")))
    assert load_card(row.name) == replace(card, text="As they say.")
    assert load_checkpoint(row.name).card == load_card(row.name)


def test_what_is_nowhere_has_no_card():
    with pytest.raises(StudioError, match="no model named nobody/nothing"):
        load_card("nobody/nothing")


def test_a_name_that_cannot_be_downloaded_says_so():
    with pytest.raises(StudioError, match="nobody/nothing"):
        load_checkpoint("nobody/nothing")
