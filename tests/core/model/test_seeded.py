"""Networks whose queries start at places: what waves tell, which places are chosen, and what the whole refuses."""

from dataclasses import replace

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from core.checkpoints import Card, Checkpoint, Preprocessing
from core.checkpoints.huggingface_export import save_huggingface
from core.messages import StudioError
from core.model import MaskFormerConfig, ResNetSpec, build_network
from core.model.seeds import peaks
from core.model.waves import WAVE_CHANNELS, around, grid_places, waves
from core.taxonomies import known_taxonomies

CPU = torch.device("cpu")
SMALL = MaskFormerConfig(
    num_classes=3,
    backbone=ResNetSpec(depths=(1, 1, 1, 1), widths=(16, 24, 32, 40), stem=(8,)),
    num_queries=9,
    seeds=7,
    width=32,
    mask_channels=WAVE_CHANNELS + 16,
    pixel_decoder_width=32,
    decoder_layers=2,
    feedforward_width=32,
    memory_stride=16,
)


def shapes(amplitudes: Tensor, places: Tensor, side: int = 40) -> Tensor:
    """(S, side, side): the masks that these amplitudes draw around the places."""
    return torch.einsum("hwc,sc->shw", waves(grid_places(side, side, 4, CPU)), around(amplitudes, places))


@settings(deadline=None)
@given(st.integers(0, 20), st.integers(0, 20), st.integers(0, 2**31))
def test_a_shape_is_the_same_around_every_place(down: int, right: int, seed: int) -> None:
    amplitudes = torch.randn(WAVE_CHANNELS, generator=torch.Generator().manual_seed(seed))
    here, there = shapes(amplitudes, torch.tensor([[4.5, 7.5], [4.5 + down, 7.5 + right]]))
    torch.testing.assert_close(there[down:, right:], here[: 40 - down, : 40 - right], rtol=0, atol=1e-3)


def test_mixed_precision_rounds_no_wave() -> None:
    """On the grid of the largest crop that is trained on, diagonals are too long for bfloat16."""
    places = grid_places(88, 116, 4, CPU)
    with torch.autocast("cpu", torch.bfloat16):
        mixed = waves(places)
    assert torch.equal(mixed, waves(places))


def test_mixed_precision_rounds_no_heat() -> None:
    network = build_network(SMALL).train()
    with torch.autocast("cpu", torch.bfloat16):
        heat = network(torch.randn(2, 3, 64, 96)).heat_logits
    assert heat.dtype == torch.float32
    assert not torch.equal(heat, heat.bfloat16().float())


def test_cosines_alone_make_a_blob() -> None:
    """The largest value stands at the place, and half of it is not reached ten cells away."""
    amplitudes = torch.cat([torch.ones(WAVE_CHANNELS // 2), torch.zeros(WAVE_CHANNELS // 2)])
    (blob,) = shapes(amplitudes, torch.tensor([[20.5, 12.5]]))
    assert divmod(int(blob.argmax()), 40) == (20, 12)
    away = (grid_places(40, 40, 4, CPU) - torch.tensor([20.5, 12.5])).norm(dim=-1) > 10
    assert blob[away].max() < blob.max() / 2


def test_coarser_grids_lie_on_the_same_places() -> None:
    fine, coarse = grid_places(8, 12, 4, CPU), grid_places(2, 3, 16, CPU)
    assert torch.equal(coarse, fine.unflatten(0, (2, 4)).unflatten(2, (3, 4)).mean((1, 3)))


def test_peaks_come_first_and_by_their_height() -> None:
    heat = torch.zeros(1, 9, 9)
    heat[0, 2, 2], heat[0, 2, 3], heat[0, 6, 7] = 3.0, 2.9, 2.0  # the second is the first one's slope
    assert peaks(heat, 2).tolist() == [[2 * 9 + 2, 6 * 9 + 7]]


def test_a_small_grid_gives_its_cells_again() -> None:
    chosen = peaks(torch.arange(4.0).view(1, 2, 2), 7)
    assert chosen.shape == (1, 7)
    assert chosen[0].bincount().tolist() == [2, 1, 2, 2] or set(chosen[0].tolist()) == {0, 1, 2, 3}


@pytest.mark.parametrize("encoder_layers", [0, 1])
@pytest.mark.parametrize("hw", [(64, 96), (70, 33), (32, 32)])
def test_any_size_of_picture_and_either_pixel_decoder(encoder_layers: int, hw: tuple[int, int]) -> None:
    network = build_network(replace(SMALL, encoder_layers=encoder_layers)).eval()
    output = network(torch.randn(2, 3, *hw))
    height, width = (-(-side // 4) for side in hw)
    assert output.mask_logits.shape == (2, 9, height, width)
    assert output.heat_logits.shape == (2, height, width)
    assert len(output.layers) == 3  # as they start, and after both layers


def test_all_queries_may_start_at_seeds() -> None:
    network = build_network(replace(SMALL, seeds=9))
    assert network(torch.randn(1, 3, 64, 64)).class_logits.shape == (1, 9, 4)


def test_a_batch_equals_its_pictures() -> None:
    torch.manual_seed(1)
    network = build_network(SMALL).eval()
    images = torch.randn(3, 3, 64, 96)
    with torch.inference_mode():
        together = network(images).mask_logits
        alone = torch.cat([network(image[None]).mask_logits for image in images])
    torch.testing.assert_close(together, alone, rtol=1e-4, atol=1e-4)


def test_every_part_learns() -> None:
    torch.manual_seed(2)
    network = build_network(SMALL).eval()
    output = network(torch.randn(1, 3, 64, 96))
    volume = output.mask_logits.square().mean() + output.class_logits.square().mean()
    (volume + output.heat_logits.square().mean()).backward()
    silent = {name for name, parameter in network.named_parameters() if parameter.grad is None}
    assert not silent


def test_a_fresh_mask_lies_around_its_seed() -> None:
    torch.manual_seed(3)
    network = build_network(SMALL).eval()
    places = torch.tensor([[8.5, 8.5], [8.5, 24.5], [24.5, 8.5], [24.5, 24.5]])
    with torch.no_grad():
        (shape,) = network._masks_around(torch.zeros(1, 4, SMALL.width), places[None])[..., -WAVE_CHANNELS:]
    cells = grid_places(32, 32, 4, CPU)
    masks = torch.einsum("hwc,sc->shw", waves(cells), shape)
    brightest = cells.flatten(0, 1)[masks.flatten(1).argmax(1)]
    assert (brightest - places).abs().max() <= 1  # the other amplitudes are drawn, and small


def test_the_configuration_comes_back_from_json() -> None:
    assert MaskFormerConfig.from_json(SMALL.to_json()) == SMALL
    older = {name: value for name, value in SMALL.to_json().items() if name != "seeds"}
    assert MaskFormerConfig.from_json(older).seeds == 0


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"seeds": 10}, "seeds = 10"),
        ({"seeds": -1}, "seeds = -1"),
        ({"seeds": True}, "seeds = True"),
        ({"mask_channels": WAVE_CHANNELS}, f"mask_channels = {WAVE_CHANNELS}"),
        ({"formulation": "per_pixel"}, "formulation = per_pixel"),
    ],
)
def test_seeds_that_cannot_be_are_refused(wrong: dict[str, object], says: str) -> None:
    with pytest.raises(StudioError, match=says):
        MaskFormerConfig.from_json({**SMALL.to_json(), **wrong})


def test_transformers_has_no_such_network(tmp_path) -> None:
    taxonomy = known_taxonomies()["cityscapes"]
    config = replace(SMALL, num_classes=len(taxonomy))
    checkpoint = Checkpoint(build_network(config), config, taxonomy, Preprocessing(), Card(name="seeded"))
    with pytest.raises(StudioError, match=r"seeds = 7.*cannot be written"):
        save_huggingface(tmp_path / "exported", checkpoint)
    assert not (tmp_path / "exported").exists()
