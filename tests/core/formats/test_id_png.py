"""Ids as colours: R + 256 G + 65536 B."""

from io import BytesIO

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from numpy.typing import NDArray
from PIL import Image

from core.formats.id_png import LARGEST_ID, decode_ids, encode_ids

ID_MAPS = arrays(np.int32, array_shapes(min_dims=2, max_dims=2, max_side=9), elements=st.integers(0, LARGEST_ID))


def test_red_counts_ones_green_256_blue_65536() -> None:
    content = encode_ids(np.array([[0, 1, 256, 65536, LARGEST_ID]], dtype=np.int32))
    with Image.open(BytesIO(content)) as picture:
        assert picture.mode == "RGB"
        colors = np.asarray(picture)[0].tolist()
    assert colors == [[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1], [255, 255, 255]]


@settings(deadline=None)
@given(ID_MAPS)
def test_every_id_survives(ids: NDArray[np.int32]) -> None:
    assert (decode_ids(encode_ids(ids)) == ids).all()


@pytest.mark.parametrize("outside", [-1, LARGEST_ID + 1])
def test_ids_beyond_24_bits_are_refused(outside: int) -> None:
    with pytest.raises(ValueError, match="ids must lie in"):
        encode_ids(np.array([[0, outside]], dtype=np.int32))


def test_a_grey_png_is_no_id_map() -> None:
    stream = BytesIO()
    Image.new("L", (2, 2)).save(stream, format="PNG")
    with pytest.raises(ValueError, match="got mode L"):
        decode_ids(stream.getvalue())
