"""A census counts what the assembly gives each query, restated pixel by pixel."""

import numpy as np
import pytest

from core.explain.census import FOOTPRINT, Firing, PictureCensus, picture_census, take_census
from core.inference import Prediction, assemble, panoptic
from tests.annotated import TAXONOMY
from tests.core.explain.per_pixel import per_pixel_of
from tests.e2e.drawn_models import STREET, street_prediction


@pytest.fixture(scope="module", params=[(480, 640), (37, 300), (9, 11)])
def prediction(request: pytest.FixtureRequest) -> Prediction:
    return street_prediction(request.param)


def test_a_query_fires_where_it_is_in_the_result(prediction: Prediction) -> None:
    found = picture_census("street.png", prediction)
    expected = {query for segment in panoptic(prediction).segments for query in segment.queries}
    assert {firing.query for firing in found.firings} == expected
    for firing in found.firings:
        assert firing.class_index == int(prediction.best_classes[firing.query])
        assert firing.score == pytest.approx(float(prediction.scores[firing.query]))


def test_sizes_and_places_are_those_of_the_pixels_it_wins(prediction: Prediction) -> None:
    owners = assemble(prediction).owners
    height, width = owners.shape
    for firing in picture_census("street.png", prediction).firings:
        mask = owners == firing.query
        rows, columns = np.nonzero(mask)
        assert firing.area == pytest.approx(mask.mean())
        assert firing.centre_xy[0] == pytest.approx((columns.mean() + 0.5) / width)
        assert firing.centre_xy[1] == pytest.approx((rows.mean() + 0.5) / height)
        for y, x in ((0, 0), (FOOTPRINT // 2, FOOTPRINT // 2), (FOOTPRINT - 1, FOOTPRINT - 1)):
            cell = mask[np.arange(height) * FOOTPRINT // height == y][:, np.arange(width) * FOOTPRINT // width == x]
            assert firing.footprint[y, x] == pytest.approx(cell.mean() if cell.size else 0.0)


def firing(query: int, class_index: int, value: float) -> Firing:
    return Firing(query, class_index, 0.9, 0.1, (0.5, 0.5), np.full((FOOTPRINT, FOOTPRINT), value, dtype=np.float32))


def test_pictures_add_up() -> None:
    pictures = [
        PictureCensus("a", (firing(1, 0, 0.2), firing(3, 2, 1.0))),
        PictureCensus("b", (firing(1, 1, 0.6),)),
        PictureCensus("c", ()),
        PictureCensus("d", (firing(1, 0, 0.1),)),
    ]
    census = take_census(pictures, 5, TAXONOMY)
    assert census.fires.tolist() == [0, 3, 0, 1, 0]
    assert census.classes[1].tolist() == [2, 1, 0, 0]
    assert census.order() == [1, 3, 0, 2, 4]
    assert float(census.footprints[1, 0, 0]) == pytest.approx(0.3)
    assert not census.footprints[0].any()
    assert [place for place, _ in census.firings_of(1)] == [0, 1, 3]
    assert (census.busiest(0.5), census.busiest(0.75), census.busiest(0.9)) == (1, 1, 2)


def test_nobody_fires_in_no_pictures() -> None:
    census = take_census([], 4, TAXONOMY)
    assert (census.fires.tolist(), census.busiest(0.5)) == ([0, 0, 0, 0], 0)


def test_a_per_pixel_models_queries_are_its_classes() -> None:
    prediction = per_pixel_of(street_prediction((48, 64)))
    found = picture_census("street.png", prediction)
    assert all(firing.query == firing.class_index for firing in found.firings)
    assert sum(firing.area for firing in found.firings) == pytest.approx(1)
    assert len(STREET) == len(prediction)
