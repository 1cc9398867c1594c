"""How often the assistant's pass is right: pixels that it moves to where the truth has them, and away from there.

    STUDIO_DATA=DIR python -m tests.benchmarks.assistant_pass [--data street] [--pictures 20] [--json FILE]

On val pictures each of the six largest true segments is painted over the model's result as a new segment, by a hand
that stays 2 pixels inside its edge, and the pass is asked for. Pixels that nobody labelled are not counted.
"""

import argparse
import json
import os
import statistics
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from core.checkpoints import load_checkpoint
from core.document import Document, Paint, apply, pack_mask
from core.document.assistant import assist
from core.formats.panoptic_dataset import read_panoptic_dataset
from core.inference import Prediction, Predictor, panoptic
from core.types import VOID, SegmentInfo
from tests.benchmarks.page_latency import machine

MOST, LEAST_AREA = 6, 800  # true segments of a picture, pixels of one
INSIDE = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (5, 5))


@dataclass(frozen=True)
class Truth:
    """(H, W) true labels and classes, 0 where nobody knows, and the segment that is painted."""

    labels: NDArray[np.int32]
    classes: NDArray[np.int32]
    segment: SegmentInfo

    @property
    def painted(self) -> NDArray[np.bool_]:
        """(H, W) what the hand covers."""
        return cv2.erode((self.labels == self.segment.segment_id).astype(np.uint8), INSIDE).astype(bool)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", default="street", choices=("street", "nuclei"))
    parser.add_argument("--pictures", type=int, default=20)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    figures = measure(arguments.data, arguments.pictures)
    print(json.dumps(figures, indent=1))
    if arguments.json:
        arguments.json.write_text(json.dumps({**figures, "machine": machine()}, indent=1) + "\n")


def measure(name: str, pictures: int) -> dict[str, float]:
    """Pixels by what became of them, and the median milliseconds of a pass."""
    dataset = read_panoptic_dataset(Path(os.environ["STUDIO_DATA"]) / name, "val")
    predictor = Predictor(load_checkpoint(name), device="cpu")
    counts, seconds = Counter[str](), list[float]()
    for picture in dataset.pictures[:pictures]:
        prediction = predictor.predict(dataset.image(picture))
        document, truth = Document.from_result(panoptic(prediction), prediction), dataset.label_map(picture)
        for row in sorted(picture.segments, key=lambda row: -row.area)[:MOST]:
            known = Truth(truth, classes_of(truth, picture.segments), row)
            if row.area >= LEAST_AREA and known.painted.any():
                counts += corrected(document, prediction, known, seconds)
    return {**counts, "milliseconds": 1000 * statistics.median(seconds)}


def corrected(document: Document, prediction: Prediction, truth: Truth, seconds: list[float]) -> Counter[str]:
    """What a pass does after a true segment was painted; a pixel is right where its true segment or class is."""
    height, width = truth.labels.shape
    paint = Paint((0, 0, width, height), pack_mask(truth.painted), category_id=truth.segment.category_id)
    painted, _ = apply(document, paint, prediction)
    start = time.perf_counter()
    found = assist(painted, prediction)
    seconds.append(time.perf_counter() - start)
    if found is None:
        return Counter(nothing=1)
    x0, y0, x1, y1 = found.box
    window = slice(y0, y1), slice(x0, x1)
    moved = found.labels != painted.label_map[window]
    labels, classes = truth.labels[window][moved], truth.classes[window][moved]
    rightly = labels == truth.segment.segment_id
    before = classes_of(painted.label_map[window], list(painted.segments.values()))[moved]
    wronged = ~rightly & (classes != VOID) & (before == classes)
    known = int((classes != VOID).sum())
    righted, wrong = int(rightly.sum()), int(wronged.sum())
    return Counter(passes=1, righted=righted, wronged=wrong, wrong_as_before=known - righted - wrong)


def classes_of(labels: NDArray[np.int32], segments: list[SegmentInfo] | tuple[SegmentInfo, ...]) -> NDArray[np.int32]:
    """(H, W) category ids."""
    table = np.zeros(max(int(labels.max()), *(row.segment_id for row in segments)) + 1, dtype=np.int32)
    for row in segments:
        table[row.segment_id] = row.category_id
    return table[labels]


if __name__ == "__main__":
    main()
