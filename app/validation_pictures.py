"""Held-back pictures as the model sees them while it trains: truth beside prediction, one picture file a validation."""

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from app.overlay import draw_panoptic
from core.formats.panoptic_dataset import DatasetPicture, PanopticDataset
from core.inference import Predictor, panoptic
from core.training import Trainer
from core.types import PanopticResult

COUNT = 4  # the same in every validation
HEIGHT = 320  # of a row
FOLDER = "pictures"


def draw_validation_pictures(trainer: Trainer) -> Path | None:
    """Writes ``pictures/step-NNNNNN.jpg``: picture, truth and prediction, a row each; nothing without pictures."""
    chosen = trainer.held_back.pictures[:COUNT]
    if not chosen:
        return None
    predictor = trainer.predictor()
    rows = [_row(trainer.held_back, picture, predictor) for picture in chosen]
    width = max(row.shape[1] for row in rows)
    sheet = np.concatenate([np.pad(row, ((0, 0), (0, width - row.shape[1]), (0, 0))) for row in rows])
    path = trainer.output / FOLDER / f"step-{trainer.step:06d}.jpg"
    path.parent.mkdir(exist_ok=True)
    Image.fromarray(sheet).save(path, quality=90)
    return path


def _row(dataset: PanopticDataset, picture: DatasetPicture, predictor: Predictor) -> NDArray[np.uint8]:
    image = dataset.image(picture)
    truth = PanopticResult(dataset.label_map(picture), picture.segments, fates=())
    predicted = panoptic(predictor.predict(image))
    shown = [image, *(draw_panoptic(image, result, dataset.taxonomy) for result in (truth, predicted))]
    scaled = (max(1, round(image.shape[1] * HEIGHT / image.shape[0])), HEIGHT)
    return np.concatenate([cv2.resize(side, scaled, interpolation=cv2.INTER_AREA) for side in shown], axis=1)
