"""Calibration finds the setting under which the pictures were labelled: the truth here is the model's own answer."""

import json
from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.checkpoints import Checkpoint, Preprocessing, load_checkpoint
from core.evaluation.model import evaluate_checkpoint
from core.formats.panoptic_dataset import PanopticDataset, read_panoptic_dataset
from core.images import read
from core.inference import Predictor, panoptic
from core.training.calibration import calibrate
from tests.annotated import panoptic_rows, save_id_png

SAMPLES = Path(__file__).resolve().parents[3] / "assets" / "samples"
PICTURES = ("beguinage_square.jpg", "hotel.jpg", "pavilion.jpg")
SIDES, THRESHOLDS = (96, 160), (0.3, 0.9)


def answered(folder: Path, checkpoint: Checkpoint) -> PanopticDataset:
    """A data set whose annotations are what ``checkpoint`` makes of the pictures."""
    predictor = Predictor(checkpoint, device="cpu")
    (folder / "val").mkdir()
    maps = folder / "annotations" / "panoptic_val"
    maps.mkdir(parents=True)
    images, annotations = [], []
    for number, name in enumerate(PICTURES, start=1):
        picture = np.asarray(Image.fromarray(read(SAMPLES / name)).resize((256, 192)))
        result = panoptic(predictor.predict(picture))
        Image.fromarray(picture).save(folder / "val" / f"{number}.png")
        save_id_png(maps / f"{number}.png", result.panoptic_map)
        rows = panoptic_rows(result.panoptic_map, {s.segment_id: s.category_id for s in result.segments})
        height, width, _ = picture.shape
        images.append({"id": number, "file_name": f"{number}.png", "width": width, "height": height})
        annotations.append({"image_id": number, "file_name": f"{number}.png", "segments_info": rows})
    categories = checkpoint.taxonomy.to_json()["categories"]
    described = {"images": images, "annotations": annotations, "categories": categories}
    maps.with_suffix(".json").write_text(json.dumps(described), encoding="utf-8")
    return read_panoptic_dataset(folder, "val")


@pytest.mark.parametrize(("side", "score", "overlap"), [(96, 0.3, 0.9), (160, 0.9, 0.3)])
def test_the_setting_behind_the_labels_is_found(tmp_path: Path, side: int, score: float, overlap: float):
    street = load_checkpoint("street")
    setting = replace(street.preprocessing, short_side=side, score_threshold=score, overlap_threshold=overlap)
    dataset = answered(tmp_path, replace(street, preprocessing=setting))

    found = calibrate(street, dataset, short_sides=SIDES, thresholds=THRESHOLDS)

    assert found.short_side == side
    of_labels, of_found = (panoptic_quality(street, dataset, preprocessing) for preprocessing in (setting, found))
    assert of_labels == pytest.approx(1.0)
    assert of_found == pytest.approx(1.0)
    others = [
        replace(setting, score_threshold=one, overlap_threshold=two) for one, two in product(THRESHOLDS, repeat=2)
    ]
    assert min(panoptic_quality(street, dataset, other) or 0 for other in others) < 0.9


def panoptic_quality(checkpoint: Checkpoint, dataset: PanopticDataset, preprocessing: Preprocessing) -> float | None:
    """Of this setting's answers, which may say more than the labels where those say nothing."""
    predictor = Predictor(replace(checkpoint, preprocessing=preprocessing), device="cpu")
    return evaluate_checkpoint(predictor, dataset).to_json()["exhaustive"]["pq"]
