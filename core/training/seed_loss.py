"""What teaches seeds: a heat map that is 1 in the middle of every thing and falls off within it (arXiv 1904.07850)."""

import torch
from torch import Tensor
from torch.nn.functional import logsigmoid

from core.training.targets import Target

SPREAD = 0.039  # variance of a thing's heat, of its area: a deviation of 0.35 radii of a disc
LEAST_VARIANCE = 0.4  # cells squared
FULLY = 0.999  # heat that counts as the middle


def seed_surprise(heat_logits: Tensor, target: Target) -> Tensor:
    """The focal loss of a heat map (h, w), summed over labelled cells.

    Cells near a middle are punished less for their heat, by the fourth power of how far they are from it. A thing that
    the picture's source did not label counts as none here: heat has no class that could be exempt.
    """
    target = target.coarser(target.valid.shape[-1] // heat_logits.shape[-1])
    heat = middle_heat(target.masks[target.is_thing])
    heat_logits = heat_logits.float()
    probs = heat_logits.sigmoid()
    is_middle = heat > FULLY
    missed = -((1 - probs) ** 2) * logsigmoid(heat_logits)
    wrong = -((1 - heat) ** 4) * probs**2 * logsigmoid(-heat_logits)
    return (torch.where(is_middle, missed, wrong) * target.valid).sum()


def middle_heat(masks: Tensor) -> Tensor:
    """(T, h, w) shares of cells -> (h, w) heat, 1 at the cell of every mask that is nearest to its centroid."""
    height, width = masks.shape[-2:]
    if not len(masks):
        return masks.new_zeros(height, width)
    y, x = torch.arange(height, device=masks.device), torch.arange(width, device=masks.device)
    area = masks.sum((1, 2)).clamp(min=1e-6)  # (T,)
    middle_y, middle_x = (masks.sum(2) @ y.float()) / area, (masks.sum(1) @ x.float()) / area
    squared = (y - middle_y[:, None]).square()[:, :, None] + (x - middle_x[:, None]).square()[:, None]  # (T, h, w)
    inside = masks >= 0.5 * masks.amax((1, 2), keepdim=True)
    squared = squared.masked_fill(~inside, torch.inf)
    nearest = squared.amin((1, 2), keepdim=True)
    variance = (SPREAD * area).clamp(min=LEAST_VARIANCE)[:, None, None]
    return ((nearest - squared) / (2 * variance)).exp().amax(0)
