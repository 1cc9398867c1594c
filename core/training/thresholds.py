"""The panoptic thresholds that suit the weights, chosen on pictures that were held back from training."""

from collections.abc import Callable, Sequence

from core.evaluation.report import Predicted, evaluate
from core.formats.panoptic_dataset import DatasetPicture, PanopticDataset
from core.inference import Prediction, Predictor, panoptic


def choose_thresholds(
    predictor: Predictor,
    held_back: PanopticDataset,
    grid: Sequence[float],
    progress: Callable[[str, float, float, float], None] = lambda *_: None,
) -> tuple[float, float]:
    """(score, overlap) with the best panoptic quality where classes are labelled, one after the other.

    The network runs once a picture; ``progress`` is told (which, score, overlap, quality) of every try.
    """
    predictions = {picture.image_id: predictor.predict(held_back.image(picture)) for picture in held_back.pictures}
    preprocessing = predictor.checkpoint.preprocessing
    score, overlap = preprocessing.score_threshold, preprocessing.overlap_threshold

    def quality(which: str, score: float, overlap: float) -> float:
        found = _quality(predictions, held_back, score, overlap)
        progress(which, score, overlap, found)
        return found

    score = max(grid, key=lambda value: quality("score", value, overlap))
    overlap = max(grid, key=lambda value: quality("overlap", score, value))
    return score, overlap


def _quality(predictions: dict[int, Prediction], dataset: PanopticDataset, score: float, overlap: float) -> float:
    def predict(picture: DatasetPicture) -> Predicted:
        result = panoptic(predictions[picture.image_id], score, overlap)
        return result.panoptic_map, result.segments, dataset.class_map(picture).clip(min=0)

    quality: float | None = evaluate(predict, dataset).to_json()["exhaustive"]["pq"]
    return quality or 0.0
