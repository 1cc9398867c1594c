"""The input size and the thresholds that suit the weights, chosen on pictures that were held back from training."""

from collections.abc import Sequence
from dataclasses import replace

from core.checkpoints import Checkpoint, Preprocessing
from core.evaluation.comparison import Predicted
from core.evaluation.model import evaluate_checkpoint
from core.evaluation.report import evaluate
from core.formats.panoptic_dataset import DatasetPicture, PanopticDataset
from core.inference import Prediction, Predictor, panoptic


def calibrate(
    checkpoint: Checkpoint,
    held_back: PanopticDataset,
    *,
    short_sides: Sequence[int],
    thresholds: Sequence[float],
    device: str = "cpu",
) -> Preprocessing:
    """The checkpoint's preprocessing with the best short side, score and overlap threshold, chosen one after the other.

    A short side is judged by panoptic quality plus mean IoU, a threshold by panoptic quality, each class where it is
    labelled. The first of equals is taken. A per-pixel checkpoint has no thresholds to choose.
    """

    def with_side(side: int) -> Checkpoint:
        return replace(checkpoint, preprocessing=replace(checkpoint.preprocessing, short_side=side))

    def quality_at(side: int) -> float:
        report = evaluate_checkpoint(Predictor(with_side(side), device=device), held_back).to_json()["exhaustive"]
        return sum(report[figure] or 0.0 for figure in ("pq", "miou"))

    best = with_side(max(short_sides, key=quality_at))
    if best.is_per_pixel:
        return best.preprocessing
    score, overlap = _choose_thresholds(Predictor(best, device=device), held_back, thresholds)
    return replace(best.preprocessing, score_threshold=score, overlap_threshold=overlap)


def _choose_thresholds(predictor: Predictor, held_back: PanopticDataset, grid: Sequence[float]) -> tuple[float, float]:
    """(score, overlap); the network runs once a picture."""
    predictions = {picture.image_id: predictor.predict(held_back.image(picture)) for picture in held_back.pictures}
    overlap = predictor.checkpoint.preprocessing.overlap_threshold
    score = max(grid, key=lambda value: _quality(predictions, held_back, value, overlap))
    return score, max(grid, key=lambda value: _quality(predictions, held_back, score, value))


def _quality(predictions: dict[int, Prediction], dataset: PanopticDataset, score: float, overlap: float) -> float:
    def predict(picture: DatasetPicture) -> Predicted:
        result = panoptic(predictions[picture.image_id], score, overlap)
        return Predicted(result.panoptic_map, result.segments, dataset.class_map(picture).clip(min=0))

    quality: float | None = evaluate(predict, dataset).to_json()["exhaustive"]["pq"]
    return quality or 0.0
