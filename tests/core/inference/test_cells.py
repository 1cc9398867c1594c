import numpy as np
import torch
from hypothesis import given, settings
from torch.nn.functional import interpolate

from core.inference import fit
from core.inference.cells import CellGrid
from tests.core.inference.oracle import random_prediction, upsampled
from tests.core.inference.test_panoptic import geometries


def interpolated(prediction):
    """(Q, H, W) by interpolating every cell."""
    grid = CellGrid.of(prediction.geometry)
    corners, cells = grid.corners(prediction.mask_logits), torch.arange(len(grid.pixel_counts))
    out = torch.full((len(prediction), *prediction.geometry.picture_hw), torch.nan)
    pixels, places = grid.is_pixel(cells), grid.pixel_indices(cells)
    for query in range(len(prediction)):
        out[query].view(-1)[places[pixels]] = grid.interpolate(corners, torch.full_like(cells, query), cells)[pixels]
    return out.numpy(), grid.bounds(corners), grid


@settings(max_examples=40, deadline=None)
@given(geometries)
def test_blocks_are_the_textbook_resize_and_stay_inside_their_bounds(geometry):
    prediction = random_prediction(1, geometry, queries=2, smooth=1)
    values, (lowest, highest), grid = interpolated(prediction)
    np.testing.assert_allclose(values, upsampled(prediction), atol=2e-5)
    assert int(grid.pixel_counts.sum()) == values[0].size
    for query in range(2):
        assert (values[query] >= grid.spread(lowest[query].numpy()) - 2e-5).all()
        assert (values[query] <= grid.spread(highest[query].numpy()) + 2e-5).all()


def test_whole_multiple_equals_torch():
    geometry = fit((128, 192), short_side=32, max_long_side=99)
    prediction = random_prediction(2, geometry, queries=3)
    height, width = geometry.inner_hw
    padded = interpolate(prediction.mask_logits[None], scale_factor=16, mode="bilinear", align_corners=False)[0]
    values, _, _ = interpolated(prediction)
    np.testing.assert_allclose(values, padded[:, : 16 * height, : 16 * width].numpy(), atol=2e-5)
