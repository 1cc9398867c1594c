"""Networks whose pixels know their place: what places look like, and where fresh queries look."""

import math

import pytest
import torch
from torch import Tensor

from core.checkpoints import Card, Checkpoint, Preprocessing
from core.checkpoints.huggingface_export import save_huggingface
from core.messages import StudioError
from core.model import MaskFormerConfig, ResNetSpec, build_network
from core.model.position import place_features, sine_positions
from core.model.transformer_decoder import TransformerDecoder
from core.taxonomies import known_taxonomies

CPU = torch.device("cpu")
CELLS = 40
QUERIES, SIDE = 110, 10  # the ten queries beyond the grid look anywhere
BACKBONE = ResNetSpec(depths=(1, 1, 1, 1), widths=(16, 24, 32, 40), stem=(8,))
SMALL = MaskFormerConfig(
    num_classes=3,
    backbone=BACKBONE,
    num_queries=9,
    width=32,
    mask_channels=16,
    pixel_decoder_width=32,
    decoder_layers=1,
    feedforward_width=32,
    placed=True,
)


def likeness() -> Tensor:
    """(CELLS, CELLS): dot products of the places along a row, 1 with itself."""
    row = place_features(1, CELLS, 256, CPU)[128:, 0]  # the half that tells x
    return row.T @ row / 64


def test_places_are_alike_by_their_distance_alone() -> None:
    alike = likeness()
    torch.testing.assert_close(alike, alike.T)
    for distance in range(CELLS):
        diagonal = alike.diagonal(distance)
        torch.testing.assert_close(diagonal, diagonal[:1].expand_as(diagonal), rtol=0, atol=1e-4)


def test_places_differ_beyond_a_twentieth_of_the_picture() -> None:
    alike = likeness()[0]
    torch.testing.assert_close(alike[0], torch.tensor(1.0))
    assert alike[1] > 0.6  # a fortieth
    assert alike[3:].abs().max() < 0.5


def test_both_axes_are_told_apart() -> None:
    places = place_features(6, 9, 64, CPU)
    assert places.shape == (64, 6, 9)
    assert torch.equal(places[:32], places[:32, :, :1].expand(-1, -1, 9))
    assert torch.equal(places[32:], places[32:, :1].expand(-1, 6, -1))
    assert torch.equal(places[:32, :, 0], place_features(9, 6, 64, CPU)[32:, 0])


def scores_of_fresh_queries(height: int, width: int) -> Tensor:
    """(Q, height, width): what the first cross attention scores in a picture without any features."""
    torch.manual_seed(0)
    decoder = TransformerDecoder(
        192, num_queries=QUERIES, width=192, layers=1, heads=8, feedforward_width=8, dropout=0.0, placed=True
    )
    places = place_features(height, width, 192, CPU).flatten(1).T + sine_positions(height, width, 192, CPU)
    attention = decoder.layers[0].cross_attention
    with torch.no_grad():
        return (attention.query(decoder.query_positions.weight) @ attention.key(places).T).view(-1, height, width)


def test_fresh_queries_look_at_their_point_of_the_grid() -> None:
    """Where the attention of all heads together is greatest, in a picture of another shape than the grid."""
    height, width = 32, 48
    best = scores_of_fresh_queries(height, width)[: SIDE**2].flatten(1).argmax(1)
    y, x = (best // width + 0.5) / height, (best % width + 0.5) / width
    anchors = torch.cartesian_prod(*[(torch.arange(SIDE) + 0.5) / SIDE] * 2)
    distance = (torch.stack([y, x], 1) - anchors).abs().amax(1)
    assert math.isqrt(QUERIES) == SIDE
    assert distance.max() < 0.5 / SIDE


def test_a_network_without_places_is_what_it_was() -> None:
    """The same parameters by name, none for places; only fresh values differ."""
    placed, plain = (build_network(MaskFormerConfig(**{**fields(SMALL), "placed": on})) for on in (True, False))
    assert placed.state_dict().keys() == plain.state_dict().keys()
    plain.load_state_dict(placed.state_dict())
    image = torch.randn(1, 3, 64, 64)
    with torch.no_grad():
        assert not torch.allclose(placed.eval()(image).mask_logits, plain.eval()(image).mask_logits)


def fields(config: MaskFormerConfig) -> dict[str, object]:
    return {name: getattr(config, name) for name in config.__dataclass_fields__}


@pytest.mark.parametrize("encoder_layers", [0, 1])
def test_any_size_of_picture_and_either_pixel_decoder(encoder_layers: int) -> None:
    network = build_network(MaskFormerConfig(**{**fields(SMALL), "encoder_layers": encoder_layers}))
    for height, width in [(64, 96), (70, 33)]:
        output = network(torch.randn(2, 3, height, width))
        assert output.mask_logits.shape == (2, 9, -(-height // 4), -(-width // 4))


def test_the_configuration_comes_back_from_json() -> None:
    assert SMALL.to_json()["placed"] is True
    assert MaskFormerConfig.from_json(SMALL.to_json()) == SMALL
    older = {name: value for name, value in SMALL.to_json().items() if name != "placed"}
    assert MaskFormerConfig.from_json(older).placed is False
    with pytest.raises(StudioError, match="placed = 1"):
        MaskFormerConfig.from_json({**SMALL.to_json(), "placed": 1})


def test_transformers_has_no_such_network(tmp_path) -> None:
    taxonomy = known_taxonomies()["cityscapes"]
    config = MaskFormerConfig(**{**fields(SMALL), "num_classes": len(taxonomy)})
    checkpoint = Checkpoint(build_network(config), config, taxonomy, Preprocessing(), Card(name="placed"))
    with pytest.raises(StudioError, match=r"placed = True.*cannot be written"):
        save_huggingface(tmp_path / "exported", checkpoint)
    assert not (tmp_path / "exported").exists()
