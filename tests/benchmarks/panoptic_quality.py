"""How many 1920 x 1080 pictures a second are scored, on one core.

    python -m tests.benchmarks.panoptic_quality [--pictures 12] [--segments 60] [--json FILE]

Drawn truth with ids scattered over 24 bits, and a prediction with its outlines moved. Times are processor seconds, so
other programs do not count and neither would a second core; medians over the pictures, of each part by itself.
"""

import argparse
import json
import os
import platform
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import cv2
import numpy as np

from core.evaluation.boundary import band_overlaps
from core.evaluation.overlaps import SegmentedPicture, overlaps
from core.evaluation.panoptic_quality import match
from core.evaluation.semantic import semantic_stat
from core.formats.id_png import decode_ids, encode_ids
from core.types import Category, SegmentInfo, Taxonomy

SIZE_HW = (1080, 1920)
CLASSES = 20
TAXONOMY = Taxonomy("drawn", tuple(Category(i + 1, f"class {i}", i % 2 == 0, (i, i, i)) for i in range(CLASSES)))
TARGET = 30  # pictures a second, PQ alone


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pictures", type=int, default=12)
    parser.add_argument("--segments", type=int, default=60)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    figures = measure(arguments.pictures, arguments.segments)
    print(f"{'pictures a second, one core':<44}{'median':>9}{'least':>9}{'target':>9}")
    for name, row in figures.items():
        target = TARGET if name.startswith("PQ alone") else ""
        print(f"{name:<44}{row['median']:>9}{row['least']:>9}{target:>9}")
    if arguments.json:
        machine = f"{platform.machine()}, {os.cpu_count()} cores, {platform.system()}"
        report = {"pictures_per_second": figures, "segments": arguments.segments, "machine": machine}
        arguments.json.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")


def measure(pictures: int, segments: int) -> dict[str, dict[str, float]]:
    """Pictures a second of each part; the first picture is warm-up."""
    seconds: dict[str, list[float]] = {}
    for seed in range(pictures + 1):
        truth, predicted = drawn_pair(seed, segments)
        content, classes = encode_ids(truth.label_map), truth.label_map % CLASSES
        parts: dict[str, Callable[[], Any]] = {
            "PQ alone": lambda t=truth, p=predicted: match(overlaps(t, p), TAXONOMY).stat(CLASSES),
            "reading the truth's id map": lambda c=content: decode_ids(c),
            "confusion matrix": lambda c=classes: semantic_stat(c, c, CLASSES),
            "Boundary PQ on top": lambda t=truth, p=predicted: band_overlaps(t, p),
        }
        for name, part in parts.items():
            started = time.process_time()
            part()
            seconds.setdefault(name, []).append(time.process_time() - started)
    return {name: rates(values[1:]) for name, values in seconds.items()}


def drawn_pair(seed: int, segments: int) -> tuple[SegmentedPicture, SegmentedPicture]:
    """Cells around random points, a tenth of them void, and the same a few pixels further with a ragged outline."""
    random = np.random.default_rng(seed)
    points = np.ones(SIZE_HW, dtype=np.uint8)
    points[random.integers(0, SIZE_HW[0], segments), random.integers(0, SIZE_HW[1], segments)] = 0
    _, cells = cv2.distanceTransformWithLabels(points, cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL)
    shifts = np.cumsum(random.integers(-1, 2, SIZE_HW[0]))
    columns = (np.arange(SIZE_HW[1]) + shifts[:, None]) % SIZE_HW[1]
    moved = np.take_along_axis(cells, columns, axis=1)
    ids = random.choice(2**24 - 1, cells.max() + 1, replace=False).astype(np.int32) + 1
    ids[random.random(len(ids)) < 0.1] = 0
    return segmented(ids[cells]), segmented(moved.astype(np.int32))


def segmented(label_map: np.ndarray) -> SegmentedPicture:
    labels = [label for label in np.unique(label_map).tolist() if label]
    rows = tuple(SegmentInfo(label, label % CLASSES + 1, 1.0, 0) for label in labels)
    return SegmentedPicture(label_map, rows)


def rates(seconds: list[float]) -> dict[str, float]:
    return {"median": round(1 / statistics.median(seconds), 1), "least": round(1 / max(seconds), 1)}


if __name__ == "__main__":
    main()
