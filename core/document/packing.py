"""Masks and labels as deflated bytes: how edits and patches carry pixels."""

import zlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core.messages import StudioError
from core.types import Size

MOST_PIXELS = 1 << 28  # that runs may stand for; no picture has as many
_LEVEL = 1  # of deflate: runs of equal labels hardly get smaller from more work


def pack_mask(mask: NDArray[np.bool_]) -> bytes:
    """A (h, w) bool mask as deflated bits, row by row without padding between rows."""
    return zlib.compress(np.packbits(mask).tobytes(), _LEVEL)


def pack_runs(runs: Sequence[int], size_hw: Size) -> bytes:
    """A mask as :func:`pack_mask` packs it, from the lengths of its runs row by row; the first counts pixels outside.

    Raises:
        StudioError: the runs are not those of a mask of this size.
    """
    pixels = size_hw[0] * size_hw[1]
    if pixels > MOST_PIXELS or sum(runs) != pixels:
        raise StudioError("error.packed_pixels")
    return pack_mask(np.repeat(np.arange(len(runs)) % 2 == 1, runs).reshape(size_hw))


def unpack_mask(packed: bytes, size_hw: Size) -> NDArray[np.bool_]:
    """The (h, w) bool mask that :func:`pack_mask` packed.

    Raises:
        StudioError: the bytes hold anything but a mask of this size; never more than its size is inflated.
    """
    pixels = size_hw[0] * size_hw[1]
    bits = np.frombuffer(_inflated(packed, -(-pixels // 8)), np.uint8)
    return np.unpackbits(bits, count=pixels).reshape(size_hw).astype(bool)


def pack_labels(labels: NDArray[np.integer]) -> bytes:
    """(h, w) labels below 65536 as deflated little-endian uint16, row by row."""
    return zlib.compress(labels.astype("<u2").tobytes(), _LEVEL)


def unpack_labels(packed: bytes, size_hw: Size) -> NDArray[np.uint16]:
    """The (h, w) labels that :func:`pack_labels` packed; raises as :func:`unpack_mask`."""
    return np.frombuffer(_inflated(packed, 2 * size_hw[0] * size_hw[1]), "<u2").reshape(size_hw)


def _inflated(packed: bytes, size: int) -> bytes:
    inflater = zlib.decompressobj()
    try:
        content = inflater.decompress(packed, size + 1)
    except zlib.error as fault:
        raise StudioError("error.packed_pixels") from fault
    if len(content) != size or not inflater.eof or inflater.unused_data:
        raise StudioError("error.packed_pixels")
    return content
