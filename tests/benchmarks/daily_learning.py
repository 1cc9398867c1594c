"""Would a model that learns from a project's corrections during the day do better on its next pictures?

    STUDIO_DATA=DIR python -m tests.benchmarks.daily_learning [--corrected 5 10 20] [--json FILE]

A project is a run of neighbouring val pictures of street (a drive, a place). Its first pictures count as
corrected: their truth is what a person left. A light head on what the frozen model gives is fitted to them, and PQ is
measured on the project's other pictures, with the head and without it. Tried: a *prior*, one number a class added to
every query's class logits; and a *head*, a linear map from the query's mask embedding on top of that. Both are pulled
towards nothing by a ridge, and the ridge is chosen by leaving out corrected pictures, "no change" among the choices.
"""

import argparse
import json
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from core.checkpoints import load_checkpoint
from core.evaluation.overlaps import SegmentedPicture, overlaps
from core.evaluation.panoptic_quality import PanopticStat, match
from core.formats.panoptic_dataset import DatasetPicture, PanopticDataset, read_panoptic_dataset
from core.inference import Prediction, Predictor, own_masks, panoptic
from core.masks import decode, label_areas
from core.types import VOID

MODEL = "street"
MATCHED, FREE = 0.5, 0.25  # IoU from which a query shows a segment, and up to which it shows none
RIDGES = (np.inf, 10.0, 3.0, 1.0, 0.3, 0.1)  # a query; infinite: no change
LEAST_PICTURES = 12  # of a project
MOST_PICTURES = 60
STEPS = 60


@dataclass(frozen=True)
class Page:
    """One picture of a project: what the model says, what is true, and which class each query should have."""

    picture: DatasetPicture
    prediction: Prediction
    truth: SegmentedPicture
    wanted: Tensor  # (Q,) class index, K for "no object", -1 where it does not matter


@dataclass(frozen=True)
class Change:
    """What is added to class logits (Q, K + 1): ``prior`` (K + 1), and ``head`` (C, K + 1) of scaled embeddings."""

    prior: Tensor
    head: Tensor
    scale: Tensor

    def __call__(self, prediction: Prediction) -> Prediction:
        logits = prediction.class_logits + self.prior + (prediction.mask_embeddings / self.scale) @ self.head
        return replace(prediction, class_logits=logits)


def page(predictor: Predictor, dataset: PanopticDataset, picture: DatasetPicture) -> Page:
    prediction = predictor.predict(dataset.image(picture))
    truth = SegmentedPicture(dataset.label_map(picture), picture.segments, picture.crowd_ids)
    classes = {row.segment_id: prediction.taxonomy.class_index(row.category_id) for row in picture.segments}
    wanted = torch.full((len(prediction),), -1)
    areas = label_areas(truth.label_map)
    for query, own in enumerate(own_masks(prediction, range(len(prediction)))):
        shown = truth.label_map[decode(own.mask)]
        known = int((shown != VOID).sum())
        shared = {key: n for key, n in label_areas(shown).items() if key != VOID and key not in picture.crowd_ids}
        ious = {key: n / (known + areas[key] - n) for key, n in shared.items()}
        best = max(ious, key=lambda key: ious[key], default=VOID)
        if best != VOID and ious[best] >= MATCHED:
            wanted[query] = classes[best]
        elif known and max(ious.values(), default=0.0) < FREE:
            wanted[query] = len(prediction.taxonomy)
    return Page(picture, prediction, truth, wanted)


def fitted(pages: Sequence[Page], ridge: float, *, has_head: bool) -> Change:
    """The change that explains the wanted classes best, pulled towards none."""
    logits = torch.cat([each.prediction.class_logits for each in pages])
    embeddings = torch.cat([each.prediction.mask_embeddings for each in pages])
    wanted = torch.cat([each.wanted for each in pages])
    scale = embeddings.norm(dim=1).mean()
    prior = torch.zeros(logits.shape[1], requires_grad=True)
    head = torch.zeros(embeddings.shape[1], logits.shape[1], requires_grad=has_head)
    chosen = wanted >= 0
    if not np.isinf(ridge):
        parts = [prior, head] if has_head else [prior]
        solver = torch.optim.LBFGS(parts, max_iter=STEPS, line_search_fn="strong_wolfe")

        def loss() -> Tensor:
            solver.zero_grad()
            said = logits[chosen] + prior + (embeddings[chosen] / scale) @ head
            total = cross_entropy(said, wanted[chosen], reduction="sum")
            total = total + ridge * len(pages) * (prior.square().sum() + head.square().sum())
            total.backward()
            return total

        solver.step(loss)
    return Change(prior.detach(), head.detach(), scale)


def quality(pages: Sequence[Page], change: Change | None) -> float:
    """PQ over some pictures, each class where it is labelled."""
    total: PanopticStat | None = None
    for each in pages:
        prediction = each.prediction if change is None else change(each.prediction)
        result = panoptic(prediction)
        guess = SegmentedPicture(result.panoptic_map, result.segments)
        counted = overlaps(each.truth, guess).without(each.picture.not_exhaustive_category_ids)
        stat = match(counted, prediction.taxonomy).stat(len(prediction.taxonomy))
        total = stat if total is None else total + stat
    return (total.average().pq or 0.0) if total else 0.0


def learned(pages: Sequence[Page], *, has_head: bool) -> tuple[Change, float]:
    """The change with the ridge that helps most on corrected pictures that are left out, and that ridge."""
    folds = [pages[start::3] for start in range(3)]
    rests = [[each for each in pages if all(each is not other for other in fold)] for fold in folds]

    def gain(ridge: float) -> float:
        changes = [fitted(rest, ridge, has_head=has_head) for rest in rests]
        return sum(quality(fold, change) for fold, change in zip(folds, changes, strict=True))

    best = max(RIDGES, key=gain)
    return fitted(pages, best, has_head=has_head), best


def projects(dataset: PanopticDataset) -> dict[str, list[DatasetPicture]]:
    """Neighbouring pictures, by what their names begin with."""
    found: dict[str, list[DatasetPicture]] = {}
    for picture in sorted(dataset.pictures, key=lambda picture: picture.file_name):
        name = Path(picture.file_name).stem
        key = name.rsplit("_", 1)[0].split("__")[0]
        found.setdefault(key, []).append(picture)
    return {key: rows[:MOST_PICTURES] for key, rows in found.items() if len(rows) >= LEAST_PICTURES}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corrected", type=int, nargs="+", default=[5, 10, 20])
    parser.add_argument("--data", type=Path, default=os.environ.get("STUDIO_DATA"), help="the folder above street/")
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    if arguments.data is None or not (Path(arguments.data) / MODEL).is_dir():
        print(f"Skipped: neither --data nor STUDIO_DATA names a folder with the data set {MODEL}.")
        return
    dataset = read_panoptic_dataset(Path(arguments.data) / MODEL, "val")
    predictor = Predictor(load_checkpoint(MODEL), device="cpu")
    rows = []
    print(f"{'project':<46}{'pictures':>9}{'corrected':>10}{'PQ':>8}{'prior':>8}{'head':>8}{'ridges':>14}{'s':>6}")
    for name, pictures in projects(dataset).items():
        pages = [page(predictor, dataset, picture) for picture in pictures]
        for count in (count for count in arguments.corrected if count <= len(pages) - 6):
            first, rest = pages[:count], pages[count:]
            began = time.perf_counter()
            changes = [learned(first, has_head=has_head) for has_head in (False, True)]
            seconds = time.perf_counter() - began
            figures = [quality(rest, None), *(quality(rest, change) for change, _ in changes)]
            ridges = "/".join(str(ridge) for _, ridge in changes)
            shown = "".join(f"{100 * figure:8.1f}" for figure in figures)
            print(f"{name[:45]:<46}{len(pages):>9}{count:>10}{shown}{ridges:>14}{seconds:6.1f}", flush=True)
            rows.append({"project": name, "corrected": count, "held back": len(rest), "pq": figures, "ridges": ridges})
    gains = np.array([row["pq"] for row in rows]) if rows else np.zeros((1, 3))
    print(
        "mean gain: prior {:+.2f}, head {:+.2f} points of PQ".format(*100 * (gains[:, 1:] - gains[:, :1]).mean(axis=0))
    )
    if arguments.json:
        arguments.json.write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
