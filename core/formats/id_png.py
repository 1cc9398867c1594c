"""The PNG of COCO panoptic: a segment's id is R + 256 G + 65536 B, 0 is void."""

from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from core.images import DAMAGED, Limits

LARGEST_ID = (1 << 24) - 1


def encode_ids(label_map: NDArray[np.int32]) -> bytes:
    """The (H, W) map as the bytes of an RGB PNG; ids must lie in 0..``LARGEST_ID``."""
    if label_map.min(initial=0) < 0 or label_map.max(initial=0) > LARGEST_ID:
        raise ValueError(f"ids must lie in 0..{LARGEST_ID}, got {label_map.min()}..{label_map.max()}")
    rgb = np.ascontiguousarray(label_map.astype("<u4")).view(np.uint8).reshape(*label_map.shape, 4)[..., :3]
    stream = BytesIO()
    Image.fromarray(np.ascontiguousarray(rgb)).save(stream, format="PNG", compress_level=6)
    return stream.getvalue()


def decode_ids(content: bytes) -> NDArray[np.int32]:
    """The (H, W) int32 map of such a PNG.

    Raises:
        ValueError: the bytes are no PNG, a damaged one, or not 8-bit RGB (or RGBA, whose alpha is ignored).
    """
    try:
        with Image.open(BytesIO(content), formats=["PNG"]) as picture:
            if picture.mode not in ("RGB", "RGBA") or picture.width * picture.height > Limits().pixels:
                raise ValueError(f"an id map must be an RGB PNG, got mode {picture.mode} of {picture.size} pixels")
            rgb = np.asarray(picture)[..., :3].astype(np.int32)
    except DAMAGED as error:
        raise ValueError(f"an id map cannot be read: {error}") from error
    return rgb[..., 0] | rgb[..., 1] << 8 | rgb[..., 2] << 16
