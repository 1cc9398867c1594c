"""How often a new segment gets its true class after one click, beside the class of the query that is most like it.

    STUDIO_DATA=DIR python -m tests.benchmarks.first_class [--data street|nuclei] [--limit 24]

True validation segments of 200 pixels or more that the model missed (no segment of its result has an IoU of 0.5 with
them), each clicked once in the middle, among the model's segments.
"""

import argparse
import os
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from core.checkpoints import load_checkpoint
from core.evaluation.clicks.person import next_click
from core.evaluation.clicks.report import LEAST_AREA
from core.evaluation.clicks.targets import seen, targets
from core.formats.layouts import open_dataset
from core.inference import Predictor, panoptic
from core.refinement import Prompts, Refiner
from core.refinement.proposals import held_cells
from core.refinement.refiner import Refinement


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", choices=("street", "nuclei"), default="street", help="the data set and the model")
    parser.add_argument("--limit", type=int, default=24, help="pictures, evenly spread")
    arguments = parser.parse_args()
    right = measure(arguments.data, Path(os.environ["STUDIO_DATA"]) / arguments.data, arguments.limit)
    print(f"{len(right)} segments that the model missed: the first class is the true one")
    for name, share in zip(("by all queries", "of the most similar query"), right.mean(axis=0), strict=True):
        print(f"{name:<28} {share:.1%}")


def measure(model: str, folder: Path, limit: int) -> NDArray[np.bool_]:
    """(n, 2) whether the shortlist's first class, and that of the most similar query, is the true one."""
    predictor, dataset = Predictor(load_checkpoint(model), device="cpu"), open_dataset(folder, "val")
    places = np.linspace(0, len(dataset) - 1, min(limit, len(dataset))).round().astype(int)
    right = []
    for place in tqdm(places, unit="picture"):
        picture = dataset.pictures[place]
        view = seen(predictor, dataset.image(picture))
        found = panoptic(view.prediction).panoptic_map
        refiner = Refiner(view.prediction, view.features, view.image)
        for aim in targets(picture, dataset, found, LEAST_AREA):
            click = next_click(aim.truth, aim.own, aim.counts)
            if aim.own.any() or click is None:
                continue
            answer = refiner.solve(Prompts(clicks=(click,)), label_map=found)
            if answer.shortlist:
                right.append([answer.shortlist[0][0] == aim.category_id, most_similar(answer) == aim.category_id])
    return np.array(right)


def most_similar(answer: Refinement) -> int:
    """The likeliest class of the query whose own mask has the largest IoU with the answer's, on cells."""
    prediction, window = answer.prediction, answer.window
    held, inside = held_cells(prediction).numpy(), window.share(answer.in_window) >= 0.5
    shared = (held[:, window.rows, window.columns] & inside).sum(axis=(1, 2))
    ious = shared / np.maximum(1, held.sum(axis=(1, 2)) + inside.sum() - shared)
    return prediction.taxonomy[int(prediction.class_probs[int(ious.argmax()), :-1].argmax())].category_id


if __name__ == "__main__":
    main()
