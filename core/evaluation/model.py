"""Scoring a checkpoint on a data set."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from core.evaluation.comparison import Predicted
from core.evaluation.report import QUICK, Measures, Report, evaluate
from core.formats.panoptic_dataset import DatasetPicture, PanopticDataset
from core.inference import (
    Prediction,
    Predictor,
    TiledPicture,
    instances,
    own_masks,
    panoptic,
    semantic,
    thing_instances,
    tiling_for,
)
from core.messages import StudioError
from core.types import Taxonomy


def evaluate_checkpoint(
    predictor: Predictor,
    dataset: PanopticDataset,
    *,
    score_threshold: float | None = None,
    overlap_threshold: float | None = None,
    progress: Callable[[int, int], None] | None = None,
    measures: Measures = QUICK,
    tile_side: int | None = None,
) -> Report:
    """Figures at single scale; thresholds default to the checkpoint's.

    A per-pixel model has no queries to choose from, and a picture in tiles none of its own, so they get no figures of
    their best. ``tile_side`` asks for tiles where a picture is larger.

    Raises:
        StudioError: the checkpoint and the data set speak of different categories, or the data set is damaged.
    """
    checkpoint = predictor.checkpoint
    require_same_categories(checkpoint.taxonomy, dataset.taxonomy)
    measures = replace(measures, oracle=measures.oracle and not checkpoint.is_per_pixel and tile_side is None)

    def predict_picture(picture: DatasetPicture) -> Predicted:
        image = dataset.image(picture)
        return predicted_picture(predictor, image, score_threshold, overlap_threshold, measures, tile_side)

    return evaluate(predict_picture, dataset, progress, measures)


def predicted_picture(
    predictor: Predictor,
    image: NDArray[np.uint8],
    score_threshold: float | None = None,
    overlap_threshold: float | None = None,
    measures: Measures = QUICK,
    tile_side: int | None = None,
) -> Predicted:
    """What is scored of a picture, predicted whole or, where it is larger than ``tile_side``, in tiles.

    In tiles, its instances are the panoptic result's things, and no query's own mask is known.
    """
    height, width, _ = image.shape
    tiling = tiling_for((height, width), tile_side)
    if tiling is None:
        return predicted(predictor.predict(image), score_threshold, overlap_threshold, measures)
    tiled = TiledPicture(predictor, image, tiling)
    result, classes = tiled.panoptic_and_semantic(score_threshold, overlap_threshold)
    found = thing_instances(result, predictor.checkpoint.taxonomy) if measures.detections else None
    return Predicted(result.panoptic_map, result.segments, classes.class_map, found)


def predicted(
    prediction: Prediction,
    score_threshold: float | None = None,
    overlap_threshold: float | None = None,
    measures: Measures = QUICK,
) -> Predicted:
    """What is scored of a prediction: its three results, and its queries' own masks."""
    assembled = panoptic(prediction, score_threshold, overlap_threshold)
    known = own_masks(prediction, range(len(prediction))) if measures.oracle else []
    found = instances(prediction, measures.detections, known=dict(enumerate(known))) if measures.detections else None
    return Predicted(
        panoptic_map=assembled.panoptic_map,
        segments=assembled.segments,
        class_map=semantic(prediction).class_map,
        instances=found,
        query_masks=[own.mask for own in known] if measures.oracle else None,
    )


def require_same_categories(model: Taxonomy, dataset: Taxonomy) -> None:
    """Raises StudioError unless ids, names and kinds of all categories agree, in order."""
    rows = ([(c.category_id, c.name, c.is_thing) for c in taxonomy.categories] for taxonomy in (model, dataset))
    of_model, of_dataset = rows
    if of_model != of_dataset:
        differing = sorted({name for _, name, _ in set(of_model) ^ set(of_dataset)})
        raise StudioError("error.other_categories", names=", ".join(differing) or dataset.name)
