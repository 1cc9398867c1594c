"""A model that can learn learns four pictures by heart."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from core.formats.panoptic_dataset import read_panoptic_dataset
from core.training import Trainer
from core.training.framing import LargestCrop
from tests.annotated import write_dataset
from tests.core.training.test_training import TINY, scene


@pytest.mark.slow
def test_four_pictures_are_learned_by_heart(tmp_path: Path) -> None:
    scenes = [scene(index) for index in range(4)]
    folder = write_dataset(tmp_path / "data", scenes, split="train")
    colors = {70_001: (90, 130, 200), 70_002: (90, 90, 90), 16_777_215: (200, 40, 40)}
    for index, (ids, _) in enumerate(scenes):
        image = np.zeros((*ids.shape, 3), np.uint8)
        for label, color in colors.items():
            image[ids == label] = color
        Image.fromarray(image).save(folder / "train" / f"{index}.png")
    recipe = replace(
        TINY,
        framing=LargestCrop((96, 128), (1.0, 1.0)),
        jitter=None,
        frozen_stages=2,
        steps=250,
        batch_size=4,
        learning_rate=2e-3,
        clip_norm=1.0,
        ema_decay=0.8,
        save_every=250,
        short_sides=(96,),
    )
    dataset = read_panoptic_dataset(folder, "train")
    trainer = Trainer(recipe, dataset, tmp_path / "run", device=torch.device("cpu"))
    trainer.held_back = dataset
    trainer.preprocessing = replace(trainer.preprocessing, short_side=96, score_threshold=0.5, overlap_threshold=0.5)
    for _ in trainer.run():
        pass
    assert trainer.validate().to_json()["pq"] > 0.9
