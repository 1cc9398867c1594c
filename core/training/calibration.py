"""The input size and the thresholds that suit the weights, chosen on pictures that were held back from training."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import product

from core.checkpoints import Checkpoint, Preprocessing
from core.evaluation.comparison import Predicted
from core.evaluation.model import predicted
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
    """The checkpoint's preprocessing with the best short side, score threshold and overlap threshold.

    Every short side is given the pair of thresholds with the best panoptic quality; then the sides are compared by
    panoptic quality plus mean IoU, each class where it is labelled. The first of equals is taken. The network runs
    once a picture and side. A per-pixel checkpoint keeps its thresholds: it asks for none.
    """
    sized = (replace(checkpoint, preprocessing=replace(checkpoint.preprocessing, short_side=s)) for s in short_sides)
    suited = (_suited(candidate, held_back, thresholds, device) for candidate in sized)
    preprocessing, _ = max(suited, key=lambda reached: reached[1])
    return preprocessing


def _suited(
    checkpoint: Checkpoint, held_back: PanopticDataset, thresholds: Sequence[float], device: str
) -> tuple[Preprocessing, float]:
    """The thresholds that suit the checkpoint's input size, and what quality they reach."""
    preprocessing = checkpoint.preprocessing
    seen = _Seen(Predictor(checkpoint, device=device), held_back)
    if not checkpoint.is_per_pixel:
        pairs = product(thresholds, repeat=2)
        score, overlap = max(pairs, key=lambda pair: seen.panoptic_quality(*pair))
        preprocessing = replace(preprocessing, score_threshold=score, overlap_threshold=overlap)
    reached = seen.panoptic_quality(preprocessing.score_threshold, preprocessing.overlap_threshold)
    return preprocessing, reached + seen.mean_iou()


class _Seen:
    """The held-back pictures as one input size sees them."""

    def __init__(self, predictor: Predictor, dataset: PanopticDataset) -> None:
        self._dataset = dataset
        self._predictions: dict[int, Prediction] = {
            picture.image_id: predictor.predict(dataset.image(picture)) for picture in dataset.pictures
        }

    def panoptic_quality(self, score: float, overlap: float) -> float:
        """Panoptic quality under these thresholds."""

        def assembled(picture: DatasetPicture) -> Predicted:
            result = panoptic(self._predictions[picture.image_id], score, overlap)
            return Predicted(result.panoptic_map, result.segments, self._dataset.class_map(picture).clip(min=0))

        return self._figure("pq", assembled)

    def mean_iou(self) -> float:
        """Mean IoU, which no threshold moves."""
        return self._figure("miou", lambda picture: predicted(self._predictions[picture.image_id]))

    def _figure(self, name: str, predict: Callable[[DatasetPicture], Predicted]) -> float:
        figure: float | None = evaluate(predict, self._dataset).to_json()["exhaustive"][name]
        return figure or 0.0
