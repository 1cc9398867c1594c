"""The heat that seeds are taught, on drawn masks."""

import math

import torch

from core.training.seed_loss import middle_heat, seed_surprise
from core.training.targets import Target
from tests.drawing import picture

SURE = 20.0


def masks(*drawings: tuple[str, ...]) -> torch.Tensor:
    return torch.stack([torch.from_numpy(picture(*rows)).float() for rows in drawings])


def target(shapes: torch.Tensor, is_thing: list[bool], valid: torch.Tensor | None = None) -> Target:
    count, height, width = shapes.shape
    labelled = torch.ones(height, width) if valid is None else valid
    return Target(
        torch.zeros(count, dtype=torch.int64), torch.tensor(is_thing), shapes, labelled, torch.zeros(1).bool()
    )


PLUS = (".....", "..#..", ".###.", "..#..", ".....")
LEFT, RIGHT = ("##...",) * 5, ("...##",) * 5


def test_heat_is_one_in_the_middle_and_nothing_outside() -> None:
    heat = middle_heat(masks(PLUS))
    assert heat[2, 2] == 1
    assert 0 < heat[1, 2] == heat[2, 1] == heat[3, 2] < 1
    assert (heat > 0).tolist() == picture(*PLUS).tolist()


def test_a_middle_outside_of_its_mask_moves_to_the_nearest_cell() -> None:
    ring = masks(("#####", "#...#", "#...#", "#...#", "#####"))
    heat = middle_heat(ring)
    assert heat[2, 2] == 0
    assert heat[2, 0] == heat[0, 2] == 1


def test_neighbours_keep_a_middle_each() -> None:
    heat = middle_heat(masks(LEFT, RIGHT))
    assert (heat == 1).nonzero().tolist() == [[2, 0], [2, 1], [2, 3], [2, 4]]


def test_the_right_heat_costs_nothing() -> None:
    heat = middle_heat(masks(PLUS))
    logits = torch.where(heat == 1, SURE, -SURE)
    assert seed_surprise(logits, target(masks(PLUS), [True])) < 1e-6
    assert seed_surprise(-logits, target(masks(PLUS), [True])) > 10


def test_one_missed_middle_by_hand() -> None:
    logits = torch.full((5, 5), -SURE)
    logits[2, 2] = 0.0  # p = 1/2: (1 - p)^2 times -log p
    cost = seed_surprise(logits, target(masks(PLUS), [True]))
    assert math.isclose(cost, 0.25 * math.log(2), rel_tol=1e-5)


def test_stuff_and_void_are_no_evidence() -> None:
    hot = torch.full((5, 5), SURE)
    nothing = target(masks(PLUS), [False], valid=torch.zeros(5, 5))
    assert seed_surprise(hot, nothing) == 0
    assert seed_surprise(-hot, target(masks(PLUS), [False])) < 1e-6


def test_a_finer_truth_is_brought_to_the_heat() -> None:
    fine = masks(PLUS).repeat_interleave(2, 1).repeat_interleave(2, 2)
    logits = torch.randn(5, 5, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(
        seed_surprise(logits, target(fine, [True])), seed_surprise(logits, target(masks(PLUS), [True]))
    )


def test_a_picture_without_things_has_no_heat() -> None:
    assert middle_heat(torch.zeros(0, 4, 6)).tolist() == torch.zeros(4, 6).tolist()
