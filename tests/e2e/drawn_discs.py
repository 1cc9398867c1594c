"""Five discs that look alike, of which the model has found one."""

import io

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from core.inference import Geometry, Prediction
from core.types import Size
from tests.e2e.drawn_models import STREET, STRIDE

SIZE_HW, RADIUS = (360, 480), 26
CENTRES = ((80, 80), (240, 80), (400, 80), (160, 240), (330, 250))  # x, y; the first one is found
FAR = 6.0  # logits stay this far from 0
ROAD, SIGN = 0, 9  # class indices


def discs() -> NDArray[np.bool_]:
    """(5, H, W) one mask each."""
    y, x = np.ogrid[: SIZE_HW[0], : SIZE_HW[1]]
    return np.stack([(x - cx) ** 2 + (y - cy) ** 2 <= RADIUS**2 for cx, cy in CENTRES])


def disc_file() -> bytes:
    """The picture: yellow discs on grey."""
    image = np.where(discs().any(axis=0)[..., None], (220, 190, 40), (110, 112, 118)).astype(np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, format="PNG")
    return buffer.getvalue()


def discs_prediction(picture_hw: Size) -> Prediction:
    """Query 0 has the ground, query 1 the first disc; the pixel embeddings tell every disc from the ground."""
    geometry = Geometry(picture_hw, picture_hw, picture_hw, STRIDE)
    share = np.stack([_on_grid(mask, geometry.grid_hw) for mask in discs()])  # (5, h, w)
    found, all_of_them = ((2 * values - 1) * FAR for values in (share[0], share.max(axis=0)))
    masks = torch.tensor(np.stack([-found, found]), dtype=torch.float32)
    likeness = torch.tensor(np.stack([all_of_them, np.full_like(found, FAR)]), dtype=torch.float32)
    probs = torch.full((2, len(STREET) + 1), 0.01)
    probs[0, ROAD], probs[1, SIGN] = 0.95, 0.9
    return Prediction(
        class_logits=probs.log(),
        mask_logits=masks,
        mask_embeddings=torch.tensor([[-1.0, 0.0], [1.0, 0.0]]),
        pixel_embeddings=likeness,
        geometry=geometry,
        taxonomy=STREET,
    )


def _on_grid(mask: NDArray[np.bool_], grid_hw: Size) -> NDArray[np.float32]:
    size_wh = grid_hw[1], grid_hw[0]
    return np.asarray(cv2.resize(mask.astype(np.float32), size_wh, interpolation=cv2.INTER_AREA), np.float32)
