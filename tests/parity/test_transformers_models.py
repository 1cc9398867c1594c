"""The whole network beside transformers', on the same weights and the same pictures.

The weights go through files that ``save_pretrained`` writes and ``load_checkpoint`` reads.
"""

from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from core.checkpoints import load_checkpoint
from core.model import MaskFormerOutput
from tests.theirs import ODD, PUBLISHED, answers, build, pictures

pytest.importorskip("transformers")

CLOSE = 1e-4  # of the largest value
COMMON_TO_ALL_KEYS = "key.bias"  # softmax does not see it
FIRST = "transformer_decoder.layers.0.self_attention."  # the queries start at zero: all values there are the bias
SIZES = {"odd": (333, 517), "square": (640, 640), "paper": (800, 1066)}


@pytest.fixture(scope="module", params=list(ODD))
def odd_pair(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, Any]:
    return pair(build(ODD[request.param], seed=3), tmp_path_factory.mktemp("odd"))


@pytest.fixture(scope="module", params=list(PUBLISHED))
def published_pair(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, Any]:
    return pair(build(PUBLISHED[request.param], seed=4), tmp_path_factory.mktemp("published"))


def pair(theirs: Any, folder: Path) -> tuple[Any, Any]:
    """Ours and theirs."""
    theirs.save_pretrained(folder)
    return load_checkpoint(folder).model, theirs


def named(output: MaskFormerOutput) -> dict[str, Tensor]:
    return {name: getattr(output, name) for name in ("class_logits", "mask_logits", "pixel_embeddings")}


@torch.inference_mode()
def assert_equal(networks: tuple[Any, Any], images: Tensor) -> None:
    ours, theirs = networks
    expected = answers(theirs, images)
    got = named(ours(images))
    for name, value in expected.items():
        assert got[name].shape == value.shape, name
        distance = (got[name] - value).abs().max()
        assert distance <= CLOSE * value.abs().max(), f"{name} differs by {distance / value.abs().max():.1e}"


@pytest.mark.parametrize("hw", [(64, 64), (65, 97), (33, 131), (160, 40)])
@pytest.mark.parametrize("batch", [1, 3])
def test_small_networks_of_odd_numbers(odd_pair, hw, batch):
    assert_equal(odd_pair, pictures(batch, *hw))


def test_every_part_is_heard(odd_pair):
    """A tensor that changed nothing could be wrong unnoticed."""
    ours, _ = odd_pair
    ours.requires_grad_(True)
    output = named(ours(pictures(1, 64, 96)))
    sum(value.square().mean() for value in output.values()).backward()
    volumes = {name: float(parameter.grad.abs().max()) for name, parameter in ours.named_parameters()}
    ours.requires_grad_(False).zero_grad()
    quiet = {name for name, volume in volumes.items() if volume < 1e-6 and not name.endswith(COMMON_TO_ALL_KEYS)}
    assert quiet == {FIRST + "query.weight", FIRST + "query.bias", FIRST + "key.weight", FIRST + "value.weight"}


@pytest.mark.slow
@pytest.mark.parametrize("size", SIZES)
def test_published_networks(published_pair, size):
    assert_equal(published_pair, pictures(1, *SIZES[size]))


@pytest.mark.slow
def test_published_networks_in_batches(published_pair):
    assert_equal(published_pair, pictures(3, *SIZES["odd"]))
