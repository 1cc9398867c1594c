"""Embeddings in colours: what is alike looks alike, what differs most differs in the first colour."""

import torch

from core.explain.embeddings import embedding_colors


def halves(channels: int = 8) -> torch.Tensor:
    """(C, 4, 6): the left half of one kind, the right half of another, the last row a little apart."""
    embeddings = torch.zeros((channels, 4, 6))
    embeddings[0, :, 3:] = 5
    embeddings[1, 3, :] = 1
    return embeddings


def test_places_alike_have_one_colour_and_others_another() -> None:
    colors = embedding_colors(halves()).astype(int)
    assert colors.shape == (4, 6, 3)
    assert len({tuple(color) for color in colors[:3, :3].reshape(-1, 3)}) == 1
    assert abs(colors[0, 0, 0] - colors[0, 5, 0]) > 200, "the largest difference stands in the first colour"
    assert abs(colors[0, 0, 1] - colors[3, 0, 1]) > 200, "the next one in the second"
    assert abs(colors[0, 0, 1] - colors[0, 5, 1]) < 30


def test_a_turned_network_shows_the_same() -> None:
    """Only what is alike counts, not which of the C numbers says so."""
    generator = torch.Generator().manual_seed(7)
    embeddings = torch.randn((6, 5, 7), generator=generator) * torch.tensor([9.0, 6, 3, 1, 1, 1])[:, None, None]
    turn, _ = torch.linalg.qr(torch.randn((6, 6), generator=generator))
    turned = torch.einsum("dc,chw->dhw", turn, embeddings)
    one, other = (torch.as_tensor(embedding_colors(each)).int() for each in (embeddings, turned))
    for color in range(3):
        same = (one[..., color] - other[..., color]).abs().max()
        mirrored = (255 - one[..., color] - other[..., color]).abs().max()
        assert min(same, mirrored) <= 1


def test_where_all_is_alike_all_is_grey() -> None:
    assert set(embedding_colors(torch.ones((2, 3, 3))).ravel().tolist()) == {128}
