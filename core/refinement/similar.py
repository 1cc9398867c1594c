"""More like this: other places in the picture that a mask embedding explains."""

from dataclasses import dataclass

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from core.inference import Prediction
from core.refinement.prompts import Mask
from core.refinement.window import enlarged
from core.types import Box

LEAST_CELLS = 3
MOST = 50


@dataclass(frozen=True, eq=False, slots=True)
class Candidate:
    """A place like the one asked for: half-open box, (h, w) mask inside it, and 0..1 how much alike it is."""

    box: Box
    mask: Mask
    score: float


def similar(
    prediction: Prediction, mask_embedding: NDArray[np.float32], known: Mask, least_score: float = 0.6
) -> list[Candidate]:
    """Connected places outside ``known`` (H, W) that an embedding explains, most alike first; they never overlap."""
    logits = torch.einsum("c,chw->hw", torch.from_numpy(mask_embedding), prediction.pixel_embeddings)
    rows, columns = prediction.geometry.inner_hw
    pixels = enlarged(logits[:rows, :columns].sigmoid().numpy(), prediction.geometry)
    count, parts, stats, _ = cv2.connectedComponentsWithStats(((pixels >= 0.5) & ~known).astype(np.uint8))
    least = LEAST_CELLS / (prediction.geometry.scale_hw[0] * prediction.geometry.scale_hw[1])
    found = []
    for number in range(1, count):
        x, y, w, h, area = stats[number].tolist()
        if area < least:
            continue
        mask = parts[y : y + h, x : x + w] == number
        score = float(pixels[y : y + h, x : x + w][mask].mean())
        if score >= least_score:
            found.append(Candidate((x, y, x + w, y + h), mask, score))
    return sorted(found, key=lambda candidate: -candidate.score)[:MOST]
