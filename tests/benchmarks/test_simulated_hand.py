"""The simulated hand covers what the canvas's tools cover, and misses only as far as it may."""

import numpy as np

from tests.benchmarks.simulated_hand import (
    JITTER,
    NOTCH,
    WINDOW_WH,
    Drawn,
    Mask,
    corners_of,
    inner_paths,
    iou,
    missed,
    outline,
    polygon,
    room_inside,
    strokes,
    zoom_for,
)
from tests.e2e import rasters

HW, WIDE = (40, 60), (100, 400)


def whole(drawn: Drawn) -> Mask:
    (x0, y0, x1, y1), part = drawn
    mask = np.zeros(HW, np.bool_)
    mask[y0:y1, x0:x1] = part
    return mask


def test_polygons_follow_the_canvas_s_rule() -> None:
    random = np.random.default_rng(1)
    for _ in range(20):
        corners = random.integers(-5, 65, (7, 2))
        assert (whole(polygon(corners.astype(float), HW)) == rasters.polygon(corners.tolist(), HW)).all()


def test_strokes_follow_the_canvas_s_rule_up_to_the_line_s_own_pixels() -> None:
    random = np.random.default_rng(2)
    for diameter in (4, 10):
        points = random.integers(0, 40, (3, 2))
        ours, exact = whole(strokes([points.astype(float)], diameter, HW)), rasters.brush(points.tolist(), diameter, HW)
        assert not (ours & ~rasters.brush(points.tolist(), diameter + 2, HW)).any()
        assert not (rasters.brush(points.tolist(), diameter - 2, HW) & ~ours).any()
        assert iou(ours, exact) > 0.85


def test_an_outline_draws_its_region_again() -> None:
    region = rasters.brush([(10, 10), (40, 25)], 15, HW)
    drawn = whole(polygon(np.rint(corners_of(outline(region), 0.3)), HW))
    assert iou(drawn, region) > 0.95


def test_paths_stay_inside_and_reach_what_is_missing() -> None:
    allowed = rasters.rectangle((5, 5), (50, 35), HW)
    missing = rasters.rectangle((5, 5), (50, 8), HW)
    covered = whole(strokes(inner_paths(room_inside(allowed, 6), missing, 6), 6, HW))
    assert not (covered & ~allowed).any()
    assert (covered & missing).sum() > 0.9 * missing.sum()


def test_the_hand_misses_less_from_nearer_by() -> None:
    region = rasters.rectangle((10, 10), (20, 20), WIDE)
    fit = WINDOW_WH[0] / WIDE[1]
    assert zoom_for(region, JITTER) == (JITTER / fit, 0)
    miss, actions = zoom_for(region, JITTER / fit / np.exp(NOTCH))
    assert np.isclose(miss, JITTER / fit / np.exp(NOTCH * (actions - 1)))


def test_no_point_misses_by_more_than_it_may() -> None:
    points = np.zeros((500, 2))
    away = np.hypot(*missed(points, 2.0, np.random.default_rng(3)).T)
    assert away.max() <= 2.0
    assert 1.2 < away.mean() < 1.5
