"""Arrays and pictures as the text that travels in a JSON reply."""

import io
import zlib
from base64 import b64encode

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from core.document import pack_mask

_MOST_RUNS = 20_000  # more take longer to write and read than to deflate


def base64_text(data: bytes) -> str:
    return b64encode(data).decode("ascii")


def deflated(array: NDArray[np.uint8] | NDArray[np.uint16]) -> str:
    """Row-major little-endian bytes in a zlib stream (the browser's ``DecompressionStream("deflate")``), base64."""
    little_endian = np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("<"))
    return base64_text(zlib.compress(little_endian.tobytes(), level=1))


def mask_fields(mask: NDArray[np.bool_]) -> dict[str, list[int] | str]:
    """A (h, w) mask as an edit's fields say it: ``runs`` row by row, the first of pixels outside, or ``mask``.

    ``mask`` are the bits as :func:`core.document.pack_mask` packs them, where the runs are many.
    """
    flat = mask.ravel()
    ends = np.flatnonzero(flat[1:] != flat[:-1]) + 1
    if len(ends) > _MOST_RUNS:
        return {"mask": base64_text(pack_mask(mask))}
    runs: list[int] = np.diff(ends, prepend=0, append=flat.size).tolist()
    return {"runs": [0, *runs] if flat[0] else runs}


def shrink(image: NDArray[np.uint8], long_side: int) -> NDArray[np.uint8]:
    """(H, W, 3) with its long side at most ``long_side``; a smaller picture comes back as it is."""
    height, width = image.shape[:2]
    if max(height, width) <= long_side:
        return image
    scale = long_side / max(height, width)
    size_wh = max(1, round(width * scale)), max(1, round(height * scale))
    return np.asarray(cv2.resize(image, size_wh, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def webp(image: NDArray[np.uint8], quality: int = 80) -> bytes:
    """(H, W, 3) RGB as a lossy WebP; ``method=0`` because a person is waiting."""
    return _encoded(image, format="WEBP", quality=quality, method=0)


def jpeg(image: NDArray[np.uint8], quality: int = 92) -> bytes:
    """(H, W, 3) RGB as a JPEG without chroma subsampling: edges stay where the mask has them."""
    return _encoded(image, format="JPEG", quality=quality, subsampling=0)


def _encoded(image: NDArray[np.uint8], format: str, **options: int) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, format=format, **options)
    return buffer.getvalue()
