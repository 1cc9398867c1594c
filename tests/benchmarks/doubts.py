"""What the tour's order is worth: how many of the model's bad segments stand in its most doubtful fifth.

    STUDIO_DATA=DIR python -m tests.benchmarks.doubts [--of street|nuclei] [--every 2] [--json FILE]

A segment is bad where its IoU with every true segment of its class is below 0.5; classes that a picture's source did
not label are left out. The fifth is of all segments together, and of each picture's, rounded up; beside it what an
order that knows the truth would reach, and what the score alone does.
"""

import argparse
import json
import os
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.checkpoints import load_checkpoint
from core.formats.panoptic_dataset import DatasetPicture, PanopticDataset, read_panoptic_dataset
from core.inference import Predictor, panoptic
from core.refinement import doubts
from core.types import VOID, SegmentInfo

BAD, SHARE = 0.5, 0.2


def rows(dataset: PanopticDataset, picture: DatasetPicture, predictor: Predictor) -> list[tuple[float, float, float]]:
    """(doubt, IoU, score) of each of the model's segments."""
    truth, prediction = dataset.label_map(picture), predictor.predict(dataset.image(picture))
    result = panoptic(prediction)
    segments = {row.segment_id: row for row in result.segments}
    found = []
    for doubt in doubts(prediction, segments):
        segment = segments[doubt.segment_id]
        if segment.category_id not in picture.not_exhaustive_category_ids:
            iou = best_iou(truth, result.panoptic_map == segment.segment_id, segment, picture)
            found.append((doubt.score, iou, segment.score))
    return found


def best_iou(truth: NDArray[np.int32], mask: NDArray[np.bool_], segment: SegmentInfo, picture: DatasetPicture) -> float:
    known = mask & (truth != VOID)
    labels, shared = np.unique(truth[known], return_counts=True)
    classes = {row.segment_id: row.category_id for row in picture.segments}
    return max(
        (
            both / (known.sum() + (truth == label).sum() - both)
            for label, both in zip(labels.tolist(), shared.tolist(), strict=True)
            if classes[label] == segment.category_id and label not in picture.crowd_ids
        ),
        default=0.0,
    )


def share_held(order: NDArray[np.float64], bad: NDArray[np.bool_], pictures: NDArray[np.int64]) -> tuple[float, float]:
    """Of the bad, those in the first fifth of all segments, and of each picture's."""
    first = np.argsort(-order, kind="stable")[: round(SHARE * len(order))]
    each = 0
    for number in np.unique(pictures):
        (places,) = np.nonzero(pictures == number)
        count = int(np.ceil(SHARE * len(places)))
        each += int(bad[places[np.argsort(-order[places], kind="stable")[:count]]].sum())
    return float(bad[first].sum() / bad.sum()), float(each / bad.sum())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--of", choices=("street", "nuclei"), default="street", help="the data set, and its model")
    parser.add_argument("--every", type=int, default=1, help="take every n-th picture")
    parser.add_argument("--data", type=Path, default=os.environ.get("STUDIO_DATA"), help="the folder above street/")
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    if arguments.data is None or not (Path(arguments.data) / arguments.of).is_dir():
        print(f"Skipped: neither --data nor STUDIO_DATA names a folder with the data set {arguments.of}.")
        return
    dataset = read_panoptic_dataset(Path(arguments.data) / arguments.of, "val")
    predictor = Predictor(load_checkpoint(arguments.of), device="cpu")
    pictures = sorted(dataset.pictures, key=lambda picture: picture.file_name)[:: arguments.every]
    found = [(number, *row) for number, picture in enumerate(pictures) for row in rows(dataset, picture, predictor)]
    number, doubt, iou, score = np.array(found).T
    bad, number = iou < BAD, number.astype(int)
    report = {"segments": len(bad), "bad": float(bad.mean())}
    for name, order in (("doubt", doubt), ("score", -score), ("truth", -iou)):
        pooled, each = share_held(order, bad, number)
        report |= {f"{name}: fifth of all": pooled, f"{name}: fifth of each picture": each}
    print("\n".join(f"{name}: {value:.3f}" for name, value in report.items()))
    if arguments.json:
        arguments.json.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
