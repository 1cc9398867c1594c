"""Small predictions with known masks, for the tests of the app."""

import numpy as np
import torch

from core.inference import Geometry, Prediction
from core.types import Category, Taxonomy

TAXONOMY = Taxonomy(
    "toy",
    (
        Category(7, "car", True, (200, 40, 40)),
        Category(9, "person", True, (40, 200, 40)),
        Category(20, "sky", False, (60, 120, 220)),
        Category(21, "road", False, (120, 110, 120)),
    ),
)
HEIGHT, WIDTH = 48, 64
# query: class index (4 = no object), half-open cells (y0, y1, x0, x1) on the 12 x 16 grid
QUERIES = (
    (2, (0, 6, 0, 16)),  # sky above
    (3, (6, 12, 0, 16)),  # road below
    (0, (5, 9, 1, 6)),  # a car on both
    (0, (7, 11, 9, 14)),  # another car
    (4, (0, 12, 0, 16)),  # nothing
    (1, (7, 11, 9, 14)),  # a person where the second car is, less sure
)
CERTAINTY = (0.97, 0.9, 0.98, 0.95, 0.99, 0.6)


def toy_prediction() -> Prediction:
    """Six queries on a 48 x 64 picture, stride 4, no padding."""
    geometry = Geometry(picture_hw=(HEIGHT, WIDTH), resized_hw=(HEIGHT, WIDTH), padded_hw=(HEIGHT, WIDTH))
    mask_logits = torch.full((len(QUERIES), 12, 16), -8.0)
    class_probs = torch.empty(len(QUERIES), len(TAXONOMY) + 1)
    for query, ((class_index, (y0, y1, x0, x1)), p) in enumerate(zip(QUERIES, CERTAINTY, strict=True)):
        mask_logits[query, y0:y1, x0:x1] = 8.0
        class_probs[query] = (1 - p) / len(TAXONOMY)
        class_probs[query, class_index] = p
    return Prediction(
        class_logits=class_probs.log(),
        mask_logits=mask_logits,
        mask_embeddings=torch.eye(len(QUERIES)) + 0.1,
        pixel_embeddings=torch.zeros(len(QUERIES), 12, 16),
        geometry=geometry,
        taxonomy=TAXONOMY,
        overlap_threshold=0.5,
    )


def toy_image() -> np.ndarray:
    """(48, 64, 3) a gradient."""
    rows, columns = np.mgrid[0:HEIGHT, 0:WIDTH]
    return np.stack([rows * 5, columns * 3, rows + columns], axis=-1).astype(np.uint8)
