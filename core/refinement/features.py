"""What a query is solved on: the pixel embeddings, and what the network knew before them.

A mask is ``sigmoid(q . E)``, but E was trained to tell the things apart that the model finds, not those that it misses.
So E is extended by finer backbone stages, colour and place. Each group is centred, whitened and cut to its strongest
directions once a picture, so that one ridge suits all of them.
"""

from dataclasses import dataclass
from itertools import accumulate

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import interpolate

from core.inference import Geometry, Prediction, Predictor
from core.refinement.proposals import Proposals
from core.types import Size

MOST_DIRECTIONS = (32, 16, 16)  # kept of the pixel embeddings, of stride 4 and of stride 8
SAMPLES = 4096  # cells that the directions are found on
FLAT = 1e-3  # share of the largest variance below which a direction is noise


@dataclass(frozen=True, eq=False)
class RefinementFeatures:
    """Extended features of one picture on the cells that cover it; made once, never changed.

    Attributes:
        values: (h', w', d), each group of unit variance.
        groups: half-open channel ranges of the pixel embeddings, of strides 4 and 8, and of colour.
        proposals: the queries' own masks on the same cells.
    """

    values: NDArray[np.floating]
    geometry: Geometry
    groups: tuple[tuple[int, int], ...]
    proposals: Proposals

    @property
    def nbytes(self) -> int:
        """Memory that a cache must count."""
        return self.values.nbytes + self.proposals.bits.nbytes


def embed_for_refinement(predictor: Predictor, image: NDArray[np.uint8], prediction: Prediction) -> RefinementFeatures:
    """The features of a predicted picture (H, W, 3) uint8; the backbone's two finest stages run once more."""
    height, width = prediction.geometry.inner_hw
    finer = predictor.finer_features(image, prediction.geometry)
    grid_hw = prediction.geometry.grid_hw
    groups = [prediction.pixel_embeddings, *(_enlarged(feature, grid_hw) for feature in finer)]
    columns = [whitened(group[:, :height, :width], most) for group, most in zip(groups, MOST_DIRECTIONS, strict=True)]
    columns += [_colour(image, (height, width)), _place((height, width))]
    ends = list(accumulate(column.shape[2] for column in columns))
    alike = tuple(zip([0, *ends], ends[:-1], strict=False))  # all but place
    values = np.concatenate(columns, axis=2)
    return RefinementFeatures(values, prediction.geometry, alike, Proposals.of(prediction))


def whitened(group: Tensor, most: int) -> NDArray[np.float32]:
    """(h, w, k) strongest directions of a (channels, h, w) group, k at most ``most``, each of variance 1."""
    height, width = group.shape[1:]
    cells = group.reshape(len(group), -1).T  # (cells, channels)
    step = max(1, len(cells) // SAMPLES)
    sample = cells[::step]
    mean = sample.mean(dim=0)
    centred = sample - mean
    variance, directions = torch.linalg.eigh(centred.T @ centred / len(sample))
    variance, directions = variance.flip(0)[:most], directions.flip(1)[:, :most]
    kept = variance > FLAT * variance[0].clamp_min(1e-12)
    projected = (cells - mean) @ (directions[:, kept] * variance[kept].rsqrt())
    values: NDArray[np.float32] = projected.reshape(height, width, -1).numpy()
    return values


def _enlarged(feature: Tensor, grid_hw: Size) -> Tensor:
    return interpolate(feature[None], size=grid_hw, mode="bilinear", align_corners=False)[0]


def _colour(image: NDArray[np.uint8], hw: Size) -> NDArray[np.float32]:
    """(h, w, 3) mean CIELAB colour of each cell, centred, in units of its spread."""
    small = cv2.resize(image, hw[::-1], interpolation=cv2.INTER_AREA)
    lab = cv2.cvtColor(small.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    return np.asarray((lab - lab.mean(axis=(0, 1))) / (lab.std() + 1), np.float32)


def _place(hw: Size) -> NDArray[np.float32]:
    """(h, w, 5) x, y, x squared, y squared, xy; the picture spans -1 to 1."""
    y, x = (np.linspace(-1, 1, side, dtype=np.float32) for side in hw)
    y, x = np.meshgrid(y, x, indexing="ij")
    return np.stack([x, y, x * x, y * y, x * y], axis=2)
