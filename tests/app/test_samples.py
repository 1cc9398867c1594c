"""The pictures of the start screen."""

import numpy as np

from app.samples import sample_pictures
from core.checkpoints import bundled
from core.images import read
from tests.drawn_nuclei import drawn_nuclei


def test_every_sample_is_there_and_suits_a_bundled_model() -> None:
    for sample in sample_pictures().values():
        assert sample.path.is_file()
        assert sample.model in bundled()


def test_the_drawn_sample_is_what_the_code_draws() -> None:
    """Rounding of the blur may differ from one processor to another."""
    drawn, _ = drawn_nuclei()
    shipped = read(sample_pictures()["nuclei"].path)
    assert shipped.shape == drawn.shape
    assert np.abs(shipped.astype(int) - drawn).max() <= 2


def test_the_street_model_is_used_unasked() -> None:
    assert bundled()[0] == "street"
