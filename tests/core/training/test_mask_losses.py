"""The closed-form slopes of the mask losses, against torch's own."""

import pytest
import torch
from torch import Tensor
from torch.nn.functional import interpolate, softplus

from core.training import mask_losses as module
from core.training.mask_losses import enlarge_backward, mask_losses


def plain(mask_logits: Tensor, which: Tensor, truth: Tensor, valid: Tensor) -> tuple[Tensor, Tensor]:
    """The same losses, left to autograd."""
    logits = interpolate(mask_logits[None], size=valid.shape, mode="bilinear", align_corners=False)[0]
    probs, masks = logits.sigmoid(), truth[which]
    inside = masks / valid.clamp(min=1e-6)
    right = probs * inside + (1 - probs) * (1 - inside)
    alpha = 0.25 * inside + 0.75 * (1 - inside)
    focal = valid * alpha * (1 - right) ** 2 * (softplus(logits) - logits * inside)
    sizes = (probs * valid).sum((1, 2)) + masks.sum((1, 2))
    return focal.sum((1, 2)) / valid.sum(), 1 - (2 * (probs * masks).sum((1, 2)) + 1) / (sizes + 1)


def case(grid: tuple[int, int]) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Fractional truths on partly labelled cells; each true mask is met by several logits."""
    generator = torch.Generator().manual_seed(7)
    logits = 3 * torch.randn(7, 5, 6, generator=generator, dtype=torch.float64)
    shares = torch.rand(4, *grid, generator=generator, dtype=torch.float64).softmax(0)  # the last is void
    return logits.requires_grad_(), torch.tensor([0, 1, 2, 0, 1, 2, 2]), shares[:3], shares[:3].sum(0)


@pytest.mark.parametrize("grid", [(5, 6), (20, 24), (13, 11)])
@pytest.mark.parametrize("elements", [1, 1 << 20])
def test_values_and_slopes_are_those_of_autograd(monkeypatch, grid, elements):
    monkeypatch.setitem(module.ELEMENTS, "cpu", elements)
    arguments = case(grid)
    weights = torch.rand(2, 7, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    slopes = []
    for losses in (mask_losses(*arguments), plain(*arguments)):
        slopes.append((torch.autograd.grad((weights * torch.stack(losses)).sum(), arguments[0])[0], losses))
    (ours, our_losses), (theirs, their_losses) = slopes
    torch.testing.assert_close(torch.stack(our_losses), torch.stack(their_losses))
    torch.testing.assert_close(ours, theirs)


@pytest.mark.parametrize("grid", [(1, 1), (5, 6), (10, 6), (15, 24), (20, 24), (13, 11), (20, 11)])
def test_the_way_back_is_the_adjoint_of_enlarging(grid):
    slopes = torch.randn(3, *grid, generator=torch.Generator().manual_seed(2), dtype=torch.float64)
    small = torch.zeros(3, *(side if side < 5 else (5, 6)[axis] for axis, side in enumerate(grid))).double()
    small.requires_grad_()
    enlarged = interpolate(small[None], size=grid, mode="bilinear", align_corners=False)[0]

    (expected,) = torch.autograd.grad((enlarged * slopes).sum(), small)
    torch.testing.assert_close(enlarge_backward(slopes, small.shape[1:]), expected)


def test_no_matched_mask_is_no_loss():
    logits, _, truth, valid = case((5, 6))
    focal, dice = mask_losses(logits[:0], torch.zeros(0, dtype=torch.int64), truth, valid)
    assert focal.sum() == dice.sum() == 0
    (focal.sum() + dice.sum()).backward()
    assert (logits.grad == 0).all()
