"""Scoring a checkpoint on a data set."""

from collections.abc import Callable

from core.evaluation.report import Predicted, Report, evaluate
from core.formats.panoptic_dataset import DatasetPicture, PanopticDataset
from core.inference import Predictor, panoptic, semantic
from core.messages import StudioError
from core.types import Taxonomy


def evaluate_checkpoint(
    predictor: Predictor,
    dataset: PanopticDataset,
    *,
    score_threshold: float | None = None,
    overlap_threshold: float | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Report:
    """Panoptic and semantic figures at single scale; thresholds default to the checkpoint's.

    Raises:
        StudioError: the checkpoint and the data set speak of different categories, or the data set is damaged.
    """
    _require_same_categories(predictor.checkpoint.taxonomy, dataset.taxonomy)

    def predict(picture: DatasetPicture) -> Predicted:
        prediction = predictor.predict(dataset.image(picture))
        assembled = panoptic(prediction, score_threshold, overlap_threshold)
        return assembled.panoptic_map, assembled.segments, semantic(prediction).class_map

    return evaluate(predict, dataset, progress)


def _require_same_categories(model: Taxonomy, dataset: Taxonomy) -> None:
    rows = ([(c.category_id, c.name, c.is_thing) for c in taxonomy.categories] for taxonomy in (model, dataset))
    of_model, of_dataset = rows
    if of_model != of_dataset:
        differing = sorted({name for _, name, _ in set(of_model) ^ set(of_dataset)})
        raise StudioError("error.other_categories", names=", ".join(differing) or dataset.name)
