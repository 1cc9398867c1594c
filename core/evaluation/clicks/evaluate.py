"""Correcting every true segment of a data set, by one method or several on the same predictions."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from core.evaluation.clicks.ceiling import ceiling, summary
from core.evaluation.clicks.methods import BASELINES, Seen
from core.evaluation.clicks.report import LEAST_AREA, ClickReport, Row
from core.evaluation.clicks.targets import Target, seen, targets
from core.evaluation.clicks.tries import Method, correct
from core.formats.panoptic_dataset import PanopticDataset
from core.inference import Predictor, panoptic

SMALLEST = 50  # pixels: what is smaller is not clicked at
STARTS = ("own", "nothing")


def evaluate_clicks(
    predictor: Predictor,
    dataset: PanopticDataset,
    methods: Mapping[str, Callable[[Seen], Method]],
    *,
    limit: int | None = None,
    has_ceiling: bool = False,
    jitters: Sequence[bool] = (False, True),
    progress: Callable[[int, int], None] | None = None,
) -> dict[str, ClickReport]:
    """A report a method; ``limit`` takes so many pictures, evenly spread; ``has_ceiling`` fits the best queries, too.

    Raises:
        StudioError: the data set is damaged.
    """
    pictures = list(dataset.pictures)
    if limit is not None and limit < len(pictures):
        pictures = [pictures[index] for index in np.linspace(0, len(pictures) - 1, limit).round().astype(int)]
    rows: dict[str, list[Row]] = {name: [] for name in methods}
    ceilings: list[dict[str, float]] = []
    names = {category.category_id: category.name for category in dataset.taxonomy.categories}
    for done, picture in enumerate(pictures, start=1):
        view = seen(predictor, dataset.image(picture))
        found = panoptic(view.prediction).panoptic_map
        aims = list(targets(picture, dataset, found, SMALLEST))
        if has_ceiling:
            ceilings += [ceiling(view, aim) for aim in aims if aim.area >= LEAST_AREA]
        for name, method in methods.items():
            answers = {"own": method(replace(view, label_map=found)), "nothing": method(view)}
            for aim in aims:
                is_same = method in BASELINES.values() and not aim.own.any()  # they see no other segments
                rows[name] += _rows(answers, aim, names[aim.category_id], jitters, STARTS[:1] if is_same else STARTS)
        if progress is not None:
            progress(done, len(pictures))
    best = summary(ceilings)
    return {name: ClickReport(found, len(pictures), best) for name, found in rows.items()}


def _rows(
    methods: Mapping[str, Method], aim: Target, category: str, jitters: Sequence[bool], starts: Sequence[str]
) -> list[Row]:
    """A row a start and kind of click; what is not among ``starts`` goes as the last of them."""
    found: list[Row] = []
    for is_jittered in jitters:
        for start in starts:
            mask = aim.own if start == "own" else np.zeros_like(aim.own)
            jitter = np.random.default_rng(aim.segment_id) if is_jittered else None
            went = correct(methods[start], aim.truth, mask, aim.counts, jitter)
            found.append(Row(start, is_jittered, category, aim.area, went))
        found += [replace(found[-1], start=start) for start in STARTS if start not in starts]
    return found
